import Glibc
import Harness
import JSON
import Testing

/// A responder of several instances: some of them die, and the others must not feel it.
@Suite struct InstanceTests {
    private static func plan(
        _ events: [String], instances: Int = 4, responder: String = #""behaviour": "echo""#,
        network: String = #"{ "kind": "loopback" }"#, socket: String = "connected",
        keys: String...
    ) -> PlanText {
        var plan = PlanText(
            senders: [
                PlanText.sender(
                    rate: "50pps", length: #""duration": "3s""#,
                    keys: #""flows": 8"#, #""threads": 2"#, #""max_burst": 32"#,
                    "\"socket\": \"\(socket)\"")
            ])
        plan.network = network
        // A busy machine answers late: that is no loss here.
        plan.timeout = "2s"
        plan.responder = "{ \(responder), \"instances\": \(instances) }"
        plan.keys = ["\"timeline\": [ \(events.joined(separator: ", ")) ]"] + keys
        return plan
    }

    private static let twoDie = [
        #"{ "at": "1s", "kill": "far", "instances": 2 }"#, #"{ "at": "2s", "start": "far" }"#,
    ]

    private func events(_ report: ReportReading, _ name: String) -> [JSONValue] {
        (report.runs.first?["timeline"]?.array ?? []).filter { $0["event"]?.string == name }
    }

    /// Those who were there lost nothing, and what was lost is outage.
    private func expectPartialOutage(
        _ report: ReportReading, healthyFlows: Int, at location: SourceLocation = #_sourceLocation
    ) throws {
        let stream = try #require(report.streams.first, sourceLocation: location)
        #expect(stream.integer("ledger.outage") ?? 0 > 0, sourceLocation: location)
        #expect(
            stream.integer("ledger.outage") == stream.integer("loss.never"), "\(stream)",
            sourceLocation: location)
        for account in ["forward_lost", "backward_lost", "echo_failed"] {
            #expect(stream.integer("ledger.\(account)") == 0, sourceLocation: location)
        }
        let collateral = try #require(
            stream.at("resets.collateral"), sourceLocation: location)
        #expect(collateral.integer("flows") == healthyFlows, sourceLocation: location)
        #expect(collateral.integer("sent") ?? 0 > 0, sourceLocation: location)
        #expect(collateral.integer("lost") == 0, "\(collateral)", sourceLocation: location)
        #expect(stream.integer("resets.collateral_loss") == 0, sourceLocation: location)
    }

    @Test(
        "N6 two of four die and come back: an outage each, and nothing of it for the others",
        arguments: ["connected", "unconnected", "unconnected_recverr"])
    func twoOfFour(socket: String) async throws {
        let trial = try Trial(Self.plan(Self.twoDie, socket: socket))
        let (report, _) = try await trial.report(0)
        try expectPartialOutage(report, healthyFlows: 4)
        let killed = events(report, "kill").compactMap { $0["subject"]?.string }
        #expect(Set(killed) == ["far#1", "far#2"])
        let outages = report.streams.first?.at("resets.outages")?.array ?? []
        #expect(Set(outages.compactMap { $0.integer("instance") }) == [1, 2])
        #expect(outages.count == 2)
        for outage in outages {
            #expect(outage.integer("flows") == 2)
            let instance = outage.integer("instance") ?? 0
            func time(_ name: String) -> Int? {
                events(report, name).first { $0["subject"]?.string == "far#\(instance)" }?
                    .integer("at_ns")
            }
            #expect(outage.integer("cause_ns") == time("kill"))
            #expect(outage.integer("returned_ns") == time("start"))
        }
        #expect(report.workers.count { $0["role"]?.string == "responder" } == 6)
        let responders = report.runs.first?["responders"]?.array ?? []
        #expect(responders.compactMap { $0["name"]?.string } == (1...4).map { "far#\($0)" })
        let received = responders.compactMap { $0.integer("unique") }.reduce(0, +)
        #expect(received == report.runs.first?.integer("responder.unique"))
        #expect(received == report.streams.first?.integer("ledger.responder_received"))
        if SchemaJudge.isThere {
            #expect(try await SchemaJudge.faults(in: ["report.json"], trial.directory) == "")
        }
    }

    @Test("N6 behind one relay, with a warm-up: what the network lost stays the network's")
    func relay() async throws {
        let trial = try Trial(
            Self.plan(
                Self.twoDie, network: #"{ "kind": "emulated", "loss": "5%" }"#,
                keys: #""warm_up": "200ms""#))
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.outage") ?? 0 > 0)
        #expect(stream.integer("ledger.forward_lost") == 0)
        #expect(stream.integer("ledger.backward_lost") == 0)
        let injected =
            (stream.integer("ledger.forward_injected") ?? 0)
            + (stream.integer("ledger.backward_injected") ?? 0)
        let relay = try #require(report.runs.first?["relay"])
        let lost =
            (relay.integer("forward.lost") ?? 0) + (relay.integer("backward.lost") ?? 0)
        // Those of the warm-up are the relay's only.
        #expect(injected > 0 && injected <= lost)
        #expect(stream.at("resets.collateral")?.integer("flows") == 4)
    }

    @Test("N23 behind one relay, unconnected senders believe its address for every instance")
    func unconnectedBehindRelay() async throws {
        var plan = PlanText(senders: [
            PlanText.sender(
                rate: "100pps", keys: #""flows": 4"#, #""socket": "unconnected""#)
        ])
        plan.network = #"{ "kind": "emulated" }"#
        plan.responder = #"{ "behaviour": "echo", "instances": 2 }"#
        plan.timeout = "3s"
        let (report, ended) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("rejected.peer") == 0, "\(ended.all)")
        #expect(stream.integer("loss.never") == 0, "\(ended.all)")
        #expect(stream.integer("ledger.received") ?? 0 > 0)
    }

    @Test("one of three stands still: its probes are late, the others' are not")
    func paused() async throws {
        let trial = try Trial(
            Self.plan(
                [
                    #"{ "at": "200ms", "pause": "far", "instances": 1 }"#,
                    #"{ "at": "2800ms", "resume": "far" }"#,
                ], instances: 3))
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.outage") == 0)
        #expect(stream.integer("ledger.late") ?? 0 > 0)
        let collateral = try #require(stream.at("resets.collateral"))
        #expect(collateral.integer("flows") == 5)
        #expect(collateral.integer("sent") ?? 0 > 0)
    }

    @Test("commands have instances too, each at a port that it is told")
    func commands() async throws {
        let echo = #""command": ["\#(Program.path)", "echo", "--port", "{port}"]"#
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "1s", "kill": "far", "instances": 1 }"#], instances: 2,
                responder: "\(echo), \"ready_timeout\": \"60s\""))
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.at("ledger.responder_received")?.isNull == true)
        #expect(stream.integer("loss.never") ?? 0 > 0)
        #expect(stream.integer("resets.collateral_loss") == 0)
        let responders = report.runs.first?["responders"]?.array ?? []
        #expect(Set(responders.compactMap { $0["address"]?.string }).count == 2)
    }

    @Test("a flood over several instances: every probe is in one account")
    func flood() async throws {
        var plan = Self.plan(Self.twoDie)
        plan.senders = [
            PlanText.sender(
                "flood", rate: "max", payload: "200B", length: #""duration": "3s""#,
                keys: #""flows": 5"#),
            PlanText.sender(
                "gone", rate: "20pps", length: #""duration": "1s""#,
                keys: #""kind": "hit-and-run""#),
        ]
        plan.keys = [
            #""timeline": [ { "at": "1s", "stop": "far", "instances": 2 }, "#
                + #"{ "at": "2s", "start": "far" } ]"#
        ]
        let trial = try Trial(plan)
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.forward_lost") == 0, "\(stream)")
        #expect(stream.integer("ledger.backward_lost") == 0, "\(stream)")
    }
}
