import Glibc
import Harness
import JSON
import Testing

/// Multicast and broadcast on loopback, by the real program: each member has a ledger of its own.
@Suite struct GroupTests {
    private static func plan(_ address: String, members: Int, _ senders: String...) -> PlanText {
        var plan = PlanText()
        plan.responder = """
            { "behaviour": "sink", "address": "\(address)", "instances": \(members) }
            """
        if !senders.isEmpty { plan.senders = senders }
        plan.timeout = "2s"
        return plan
    }

    private static func port() throws -> UInt16 { try BoundSocket().port }

    @Test(
        "every member gets every datagram, with the marks of the plan",
        arguments: ["239.255.17.3", "127.255.255.255"])
    func members(host: String) async throws {
        var plan = Self.plan(
            "\(host):\(try Self.port())", members: 3,
            PlanText.sender("feed", rate: "100pps", keys: #""flows": 2, "dscp": "AF41", "ttl": 1"#),
            PlanText.sender("slow", rate: "20pps"))
        plan.keys = [#""warm_up": "200ms""#]
        let (report, ended) = try await Trial(plan).report(0)
        let names = report.streams.compactMap { $0["sender"]?.string }
        #expect(names == (1...3).map { "feed#\($0)" } + (1...3).map { "slow#\($0)" })
        for stream in report.streams {
            let sent = try #require(stream.integer("ledger.sent"))
            #expect(sent > 0 && stream.integer("ledger.responder_received") == sent, "\(ended.all)")
            #expect(stream.integer("loss.count") == 0)
            #expect(stream.integer("duplication.count") == 0)
        }
        for stream in report.streams.prefix(3) {
            #expect(
                stream.integer("forward.marks.count") == stream.integer("ledger.sent"))
            #expect(stream.integer("forward.marks.dscp_changed") == 0)
            #expect(stream.integer("forward.marks.ttl_max") == 1 || host.hasPrefix("127"))
        }
        let roles = report.workers.compactMap { $0["role"]?.string }
        #expect(roles == ["sender", "sender", "responder", "responder", "responder"])
    }

    @Test("a group of one member has the stream of its sender")
    func oneMember() async throws {
        let (report, _) = try await Trial(
            Self.plan("239.255.17.4:\(try Self.port())", members: 1)
        ).report(0)
        #expect(report.streams.count == 1)
        #expect(report.streams[0]["sender"]?.string == "probes")
        #expect(report.streams[0].integer("loss.count") == 0)
    }

    @Test(
        "what a group cannot be is a fault of the plan",
        arguments: [
            (#"{ "behaviour": "echo", "address": "239.1.1.1:5000" }"#, "sinks of one thread"),
            (#"{ "behaviour": "sink", "address": "239.1.1.1:0" }"#, "whose members have one port"),
            (#"{ "behaviour": "sink", "address": "[ff15::1]:5000" }"#, "multicast"),
            (#"{ "behaviour": "sink", "address": "255.255.255.255:5000" }"#, "broadcast"),
        ])
    func refused(responder: String, says: String) async throws {
        var plan = PlanText()
        plan.responder = responder
        let trial = try Trial(plan)
        let ended = try await Execution.run(["check", "plan.json"], in: trial.directory)
        #expect(ended.code == 104 && ended.all.contains(says), "\(ended.all)")
    }
}
