import Harness
import JSON
import Testing

/// Answers that come too late for the run, and are no loss of a network.
@Suite struct LateAnswerTests {
    /// All probes leave, however late a busy machine lets them.
    private static func plan(
        _ network: String, timeout: String, rate: String, count: Int, keys: String...
    ) -> PlanText {
        var plan = PlanText(
            senders: [
                PlanText.sender(
                    rate: rate, length: "\"count\": \(count)", keys: "\"max_burst\": 1024")
            ])
        plan.network = network
        plan.timeout = timeout
        plan.keys = keys
        return plan
    }

    private func ledger(_ plan: PlanText) async throws -> JSONValue {
        let trial = try Trial(plan)
        let ended = try await trial.run()
        let report = try trial.report()
        #expect(report.ledgerFaults == [], "\(ended.all)")
        return try #require(report.streams.first?["ledger"], "\(ended.all)")
    }

    @Test("what is in the buffer of a responder that is paused to the end is outage")
    func pausedToTheEnd() async throws {
        let ledger = try await ledger(
            Self.plan(
                #"{ "kind": "loopback" }"#, timeout: "100ms", rate: "200pps", count: 120,
                keys: #""timeline": [ { "at": "300ms", "pause": "far" } ]"#))
        #expect(ledger.integer("backward_lost") == 0)
        #expect(ledger.integer("forward_lost") == 0)
        #expect(ledger.integer("outage") ?? 0 > 0)
    }

    @Test("a queue longer than twice the timeout loses nothing that it did not drop")
    func longQueue() async throws {
        // 64 B are 92 B on the wire, so 64 kbit/s carry 87 of the 300 datagrams a second.
        let ledger = try await ledger(
            Self.plan(
                #"""
                { "kind": "emulated", "forward": { "rate": "64kbit", "queue": "64KiB" } }
                """#, timeout: "50ms", rate: "300pps", count: 150))
        #expect(ledger.integer("forward_injected") == 0)
        #expect(ledger.integer("forward_lost") == 0)
        #expect(ledger.integer("backward_lost") == 0)
        #expect(ledger.integer("responder_received") == ledger.integer("sent"))
        #expect(ledger.integer("beyond_window") ?? 0 > 0)
    }

    @Test("a way back that takes longer than the drain loses nothing")
    func slowWayBack() async throws {
        let ledger = try await ledger(
            Self.plan(
                #"{ "kind": "emulated", "backward": { "delay": "400ms" } }"#, timeout: "50ms",
                rate: "100pps", count: 30))
        #expect(ledger.integer("backward_injected") == 0)
        #expect(ledger.integer("backward_lost") == 0)
        #expect(ledger.integer("beyond_window") ?? 0 > 0)
    }
}
