import Harness
import JSON
import Testing

/// Loads in both directions on one host, services that take their time, and users who think.
@Suite struct BothWaysTests {
    @Test(
        "a sink that loads back: each direction meets its own way of the network, and has a ledger")
    func bothDirections() async throws {
        var plan = PlanText(senders: [
            PlanText.sender(rate: "200pps", keys: #""flows": 2"#)
        ])
        plan.network = #"{ "kind": "emulated", "forward": { "loss": "40%" } }"#
        plan.responder = #"{ "behaviour": "sink" }"#
        plan.keys = [#""directions": ["both"]"#]
        let (report, ended) = try await Trial(plan).report(0)
        #expect(report.runs.map { $0["network"]?.string } == ["net:both"], "\(ended.all)")
        #expect(report.streams.map { $0["sender"]?.string } == ["probes", "probes:backward"])
        let (there, back) = (report.streams[0], report.streams[1])
        #expect(there.integer("ledger.forward_injected") ?? 0 > 0)
        #expect(there.integer("ledger.forward_lost") == 0)
        #expect(back.integer("ledger.forward_injected") == 0)
        #expect(back.integer("ledger.received") == back.integer("ledger.sent"))
        #expect(back.integer("ledger.sent") ?? 0 > 0)
        #expect(back.integer("ledger.forward_lost") == 0)
        #expect(report.ledgerFaults == [])
    }

    @Test("backward on one host, probes meet what the network does to answers")
    func backward() async throws {
        var plan = PlanText()
        plan.network = #"{ "kind": "emulated", "backward": { "loss": "40%" } }"#
        plan.keys = [#""directions": ["forward", "backward"]"#]
        let (report, ended) = try await Trial(plan).report(0)
        #expect(report.streams.count == 2, "\(ended.all)")
        #expect(report.streams[0].integer("ledger.backward_injected") ?? 0 > 0)
        #expect(report.streams[0].integer("ledger.forward_injected") == 0)
        #expect(report.streams[1].integer("ledger.forward_injected") ?? 0 > 0)
        #expect(report.streams[1].integer("ledger.backward_injected") == 0)
    }

    @Test("answers have their size and their time, and the time of the ways is told without it")
    func service() async throws {
        var plan = PlanText(senders: [
            PlanText.sender(rate: "100pps", payload: "32B", keys: #""flows": 2"#)
        ])
        plan.network = #"{ "kind": "emulated", "delay": "3ms" }"#
        plan.responder =
            #"{ "behaviour": "echo", "reply_payload": "900B", "reply_delay": "40ms" }"#
        plan.timeout = "5s"
        let (report, ended) = try await Trial(plan).report(0)
        let stream = report.streams[0]
        let received = try #require(stream.integer("ledger.received"), "\(ended.all)")
        #expect(received == stream.integer("ledger.sent"))
        #expect(received > 0)
        let sent = try #require(stream.number("throughput.sent_bits_per_second"))
        let answered = try #require(stream.number("throughput.received_bits_per_second"))
        #expect(abs(answered / sent - 900.0 / 32) < 0.001)
        let held = try #require(report.runs[0].at("responder.service"))
        #expect(held.integer("reply_payload_bytes") == 900)
        #expect(held.integer("held_ns.count") == received)
        #expect(held.integer("held_ns.min") ?? 0 >= 40_000_000)
        #expect(held.integer("held_overflow") == 0)
        #expect(stream.integer("rtt_ns.min") ?? 0 >= 46_000_000)
        #expect(stream.integer("forward.one_way_ns.min") ?? 0 >= 3_000_000)
        #expect(stream.integer("backward.one_way_ns.min") ?? 0 >= 3_000_000)
        #expect(ended.errors.contains("held its answers"))
        // Where both ends keep the times of every probe, the parts are the whole.
        let parts =
            (stream.number("forward.one_way_ns.mean") ?? 0)
            + (stream.number("backward.one_way_ns.mean") ?? 0) + (held.number("held_ns.mean") ?? 0)
        #expect(abs(parts / (stream.number("rtt_ns.mean") ?? 1) - 1) < 0.02)
    }

    @Test("users who think are labelled as a closed loop, with what that hides")
    func thinking() async throws {
        let plan = PlanText(senders: [
            PlanText.sender(
                rate: "max", length: #""count": 20"#,
                keys: #""flows": 3"#, #""think": { "mean": "5ms", "kind": "exponential" }"#)
        ])
        let (report, ended) = try await Trial(plan).report(0)
        let stream = report.streams[0]
        #expect(stream.integer("ledger.received") == 60, "\(ended.all)")
        #expect(stream.at("closed_loop.think")?.string == "exponential")
        #expect(stream.integer("closed_loop.think_mean_ns") == 5_000_000)
        #expect(stream.integer("closed_loop.window") == 1)
        #expect(stream.at("rtt_intended_ns") == .null)
        #expect(ended.errors.contains("closed loop"))
        #expect(ended.errors.contains("under-reported"))
    }
}
