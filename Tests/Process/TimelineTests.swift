import Glibc
import Harness
import JSON
import Testing

/// What the timeline of a scenario does to its responder and its network, and what the report has
/// of it. Times are those of one report: nobody looks at a clock.
@Suite struct TimelineTests {
    private static let interval = 20_000_000
    private static let exactness = 5_000_000
    /// For events at one and two seconds: on a busy machine they may be a second late, and what is
    /// tested needs probes after them.
    private static let roomy = "5s"
    /// What a busy machine answers late is no outage.
    private static let patient = "2s"

    /// How far from an event a probe may be that notices it: five milliseconds and an interval on
    /// an idle machine, and on a busy one as much more as the sender says that its probes were
    /// late and their answers took.
    private func near(_ stream: JSONValue) -> Int {
        let late = max(
            stream.integer("pacing.error_ns.max") ?? 0,
            stream.integer("pacing.stalls.longest_ns") ?? 0)
        return Self.interval + Self.exactness + late + (stream.integer("rtt_ns.max") ?? 0)
    }

    private static func plan(
        _ events: [String], network: String = #"{ "kind": "loopback" }"#,
        responder: String = #"{ "behaviour": "echo" }"#, length: String = "3s",
        senders: [String]? = nil, timeout: String = "500ms", keys: String...
    ) -> PlanText {
        var plan = PlanText(
            senders: senders ?? [
                PlanText.sender(
                    rate: "50pps", length: "\"duration\": \"\(length)\"",
                    keys: "\"max_burst\": 8")
            ])
        plan.network = network
        plan.timeout = timeout
        plan.responder = responder
        plan.keys = ["\"timeline\": [ \(events.joined(separator: ", ")) ]"] + keys
        return plan
    }

    private func events(_ report: ReportReading, _ name: String) -> [JSONValue] {
        (report.runs.first?["timeline"]?.array ?? []).filter { $0["event"]?.string == name }
    }

    private func time(_ report: ReportReading, _ name: String) throws -> Int {
        try #require(events(report, name).first?.integer("at_ns"), "no event \(name)")
    }

    /// The one outage of the one stream lies between the two events, as exactly as its probes can
    /// tell, and holds all that was lost.
    private func expectOutage(
        _ report: ReportReading, from down: String, to up: String, isDetected: Bool = true,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let stream = try #require(report.streams.first, sourceLocation: location)
        let outages = stream.at("resets.outages")?.array ?? []
        let saw = "\(report.runs.first?["timeline"]?.array ?? []) \(stream)"
        #expect(outages.count == 1, "\(saw)", sourceLocation: location)
        let outage = try #require(outages.first, sourceLocation: location)
        let (downNs, upNs) = (try time(report, down), try time(report, up))
        #expect(outage.integer("cause_ns") == downNs, sourceLocation: location)
        #expect(outage.integer("returned_ns") == upNs, sourceLocation: location)
        let near = near(stream)
        let start = try #require(outage.integer("start_ns"), sourceLocation: location)
        #expect(abs(start - downNs) <= near, "\(outage)", sourceLocation: location)
        let recovered = try #require(outage.integer("recovered_ns"), sourceLocation: location)
        #expect(abs(recovered - upNs) <= near, "\(outage) \(upNs)", sourceLocation: location)
        if isDetected {
            let detected = try #require(outage.integer("detected_ns"), sourceLocation: location)
            #expect(detected >= downNs, sourceLocation: location)
            #expect(detected - downNs <= near, "\(outage)", sourceLocation: location)
            #expect(
                stream.integer("resets.time_to_detect_ns") == detected - downNs,
                sourceLocation: location)
        }
        #expect(
            stream.integer("resets.time_to_recover_ns") == recovered - downNs,
            sourceLocation: location)
        try expectLossIsOutage(stream, at: location)
    }

    private func expectLossIsOutage(
        _ stream: JSONValue, at location: SourceLocation = #_sourceLocation
    ) throws {
        let ledger = try #require(stream["ledger"], sourceLocation: location)
        let outage = try #require(ledger.integer("outage"), sourceLocation: location)
        #expect(outage > 0, sourceLocation: location)
        #expect(outage == stream.integer("loss.never"), "\(ledger)", sourceLocation: location)
        for account in ["forward_lost", "backward_lost", "responder_overflow"] {
            // A stream towards a sink has no way back.
            #expect(
                [0, nil].contains(ledger.integer(account)), "\(ledger)", sourceLocation: location)
        }
    }

    @Test("N6 a responder that is killed and started again is one outage, to the datagram")
    func n6() async throws {
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "1s", "kill": "far" }"#, #"{ "at": "2s", "start": "far" }"#],
                length: Self.roomy, timeout: Self.patient))
        let (report, _) = try await trial.report(0)
        try expectOutage(report, from: "kill", to: "start")
        for (name, plannedNs) in [("kill", 1_000_000_000), ("start", 2_000_000_000)] {
            let event = try #require(events(report, name).first)
            #expect(event.integer("planned_ns") == plannedNs)
            #expect(event.integer("at_ns") ?? 0 >= plannedNs)
        }
        let responders = report.workers.filter { $0["role"]?.string == "responder" }
        #expect(responders.count == 2)
        #expect(responders.first?.integer("exit.signal") == Int(SIGKILL))
        #expect(responders.last?.integer("exit.code") == 0)
        let ledger = try #require(report.streams.first?["ledger"])
        let answering = try #require(report.runs.first?["responder"])
        #expect(answering.integer("unique") == ledger.integer("responder_received"))
        if SchemaJudge.isThere {
            #expect(try await SchemaJudge.faults(in: ["report.json"], trial.directory) == "")
        }
    }

    @Test("N6 many flows and threads, killed twice at full rate: every probe is in one account")
    func n6Twice() async throws {
        let senders = [
            PlanText.sender(
                "many", rate: "200pps", length: #""duration": "2s""#,
                keys: #""flows": 8"#, #""threads": 2"#, #""max_burst": 64"#),
            PlanText.sender(
                "fast", rate: "5kpps", length: #""duration": "2s""#, keys: #""max_burst": 64"#),
        ]
        let trial = try Trial(
            Self.plan(
                [
                    #"{ "at": "300ms", "kill": "far" }"#, #"{ "at": "600ms", "start": "far" }"#,
                    #"{ "at": "900ms", "kill": "far" }"#, #"{ "at": "1200ms", "start": "far" }"#,
                ], responder: #"{ "behaviour": "echo", "threads": 2 }"#, senders: senders,
                keys: #""warm_up": "200ms""#))
        let (report, ended) = try await trial.report(0)
        #expect(report.verdict == "pass", "\(ended.all)")
        #expect(report.streams.count == 2)
        for stream in report.streams { try expectLossIsOutage(stream) }
    }

    @Test("N6 a closed loop at full speed, killed, stopped and killed while it is paused")
    func n6Flood() async throws {
        let trial = try Trial(
            Self.plan(
                [
                    #"{ "at": "300ms", "kill": "far" }"#, #"{ "at": "500ms", "start": "far" }"#,
                    #"{ "at": "700ms", "stop": "far" }"#, #"{ "at": "800ms", "start": "far" }"#,
                    #"{ "at": "1s", "pause": "far" }"#, #"{ "at": "1100ms", "kill": "far" }"#,
                    #"{ "at": "1200ms", "start": "far" }"#,
                ],
                senders: [
                    PlanText.sender(rate: "max", payload: "200B", length: #""duration": "2s""#)
                ]))
        let (report, _) = try await trial.report(0)
        try expectLossIsOutage(try #require(report.streams.first))
        #expect(report.workers.count { $0["role"]?.string == "responder" } == 3)
    }

    @Test("a sink whose port was closed for a time: what it missed is outage")
    func sink() async throws {
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "500ms", "stop": "far" }"#, #"{ "at": "1s", "start": "far" }"#],
                responder: #"{ "behaviour": "sink" }"#, length: "1500ms"))
        let (report, _) = try await trial.report(0)
        try expectLossIsOutage(try #require(report.streams.first))
    }

    /// A responder, and senders of which the last awaits no answer.
    struct Unanswered: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let responder: String
        let senders: [String]
        var network = #"{ "kind": "loopback" }"#
    }

    private static let storm = PlanText.sender(
        "storm", rate: "400pps", payload: "64B", length: #""duration": "2s""#,
        keys: #""kind": "hit-and-run""#, #""burst": 4"#)

    @Test(
        "N6 what a killed responder had counted of those who await no answer lives on",
        arguments: [
            Unanswered(
                testDescription: "a sink", responder: #"{ "behaviour": "sink" }"#,
                senders: [
                    PlanText.sender(
                        "a", rate: "500pps", length: #""duration": "2s""#,
                        keys: #""flows": 3"#, #""max_burst": 64"#)
                ]),
            Unanswered(
                testDescription: "a sink behind a relay", responder: #"{ "behaviour": "sink" }"#,
                senders: [
                    PlanText.sender(
                        rate: "500pps", length: #""duration": "2s""#, keys: #""max_burst": 64"#)
                ], network: #"{ "kind": "emulated", "delay": "5ms" }"#),
            Unanswered(
                testDescription: "a storm beside calls",
                responder: #"{ "behaviour": "echo", "socket": "unconnected_recverr" }"#,
                senders: [
                    PlanText.sender(
                        "calls", rate: "100pps", length: #""duration": "2s""#,
                        keys: #""max_burst": 64"#), storm,
                ]),
        ])
    func n6Unanswered(_ trialed: Unanswered) async throws {
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "500ms", "kill": "far" }"#, #"{ "at": "1s", "start": "far" }"#],
                network: trialed.network, responder: trialed.responder, senders: trialed.senders))
        let (report, ended) = try await trial.report(0)
        #expect(report.verdict == "pass", "\(ended.all)")
        for stream in report.streams { try expectLossIsOutage(stream) }
        let stream = try #require(report.streams.last)
        let received = try #require(stream.integer("ledger.responder_received"))
        let sent = try #require(stream.integer("ledger.sent"))
        // Half a second of two: the rest was there before and after.
        #expect(received > sent / 4, "\(stream)")
        let unique = report.streams.reduce(0) {
            $0 + ($1.integer("ledger.responder_received") ?? 0)
        }
        #expect(report.runs.first?.integer("responder.unique") == unique)
        // What was in no count is not made up.
        #expect(stream.at("one_way_ns")?.isNull == true)
        #expect(stream.at("reordering.ratio")?.isNull == true)
        let warnings = report.runs.first?["warnings"]?.array.compactMap(\.string) ?? []
        #expect(warnings.contains { $0.contains("its counts did not") }, "\(warnings)")
    }

    @Test(
        "N6 behind a relay the network's losses stay the network's",
        arguments: [#""loss": "10%""#, #""loss": "3%", "corrupt": "5%""#])
    func n6Relay(impairment: String) async throws {
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "500ms", "kill": "far" }"#, #"{ "at": "1s", "start": "far" }"#],
                network: "{ \"kind\": \"emulated\", \(impairment) }", length: "2s",
                senders: [
                    PlanText.sender(
                        rate: "500pps", length: #""duration": "2s""#, keys: #""max_burst": 64"#)
                ]))
        let (report, _) = try await trial.report(0)
        let ledger = try #require(report.streams.first?["ledger"])
        #expect(ledger.integer("forward_injected") ?? 0 > 0)
        #expect((ledger.integer("forward_corrupt") ?? 0 > 0) == impairment.contains("corrupt"))
        #expect(ledger.integer("outage") ?? 0 > 0)
        #expect(ledger.integer("forward_lost") == 0)
        #expect(ledger.integer("backward_lost") == 0)
    }

    @Test("N6 a command is killed with all that it started, and started again")
    func n6Command() async throws {
        let echo = PlanText.command(
            ["sh", "-c", "\(Program.path) echo --port {port} & wait"],
            keys: #""ready_timeout": "60s""#)
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "500ms", "kill": "far" }"#, #"{ "at": "1s", "start": "far" }"#],
                responder: echo, length: "6s"))
        var processes: Set<ProcessTable.Identity> = []
        let ended = try await trial.during { execution in
            while execution.isRunning {
                processes.formUnion(execution.descendants)
                try await nap(.milliseconds(50))
            }
        }
        #expect(ended.code == 0, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        #expect(events(report, "start").count == 1)
        // Nobody but the program could tell what it received.
        #expect(stream.at("ledger.responder_received")?.isNull == true)
        #expect(stream.integer("ledger.lost_unsplit") == stream.integer("loss.never"))
        #expect(stream.at("resets.outages")?.array.count == 1)
        try await expectGone(Array(processes))
    }

    @Test("a port that is closed and opened again is one outage, of the same process")
    func stopStart() async throws {
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "1s", "stop": "far" }"#, #"{ "at": "2s", "start": "far" }"#],
                length: Self.roomy, timeout: Self.patient))
        let (report, _) = try await trial.report(0)
        try expectOutage(report, from: "stop", to: "start")
        #expect(report.workers.count { $0["role"]?.string == "responder" } == 1)
    }

    @Test("a paused responder answers what waited in its buffer: late, and no outage of the ledger")
    func pauseResume() async throws {
        let trial = try Trial(
            Self.plan([#"{ "at": "500ms", "pause": "far" }"#, #"{ "at": "2s", "resume": "far" }"#]))
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.outage") == 0)
        #expect(stream.integer("loss.never") == 0)
        #expect(stream.integer("ledger.late") ?? 0 > 0)
        let outage = try #require(stream.at("resets.outages")?.array.first)
        #expect(outage.integer("cause_ns") == (try time(report, "pause")))
        #expect(outage.integer("returned_ns") == (try time(report, "resume")))
        #expect(outage.at("detected_ns")?.isNull == true)
    }

    /// SIGSTOP takes effect when a thread of the process has its turn, which on a busy machine is
    /// tens of milliseconds later and stands in no report: such a run has another chance, and what
    /// is wrong in each of them is the program's.
    private static let chances = 3

    @Test("a pause begins with the first probe that is late, and ends with the answer at its end")
    func pauseTimes() async throws {
        var faults: [String] = []
        for _ in 0..<Self.chances {
            let trial = try Trial(
                Self.plan(
                    [#"{ "at": "500ms", "pause": "far" }"#, #"{ "at": "2s", "resume": "far" }"#],
                    length: Self.roomy))
            let (report, _) = try await trial.report(0)
            faults = try pauseFaults(report)
            if faults.isEmpty { return }
        }
        #expect(faults == [])
    }

    private func pauseFaults(_ report: ReportReading) throws -> [String] {
        let stream = try #require(report.streams.first)
        let (downNs, upNs) = (try time(report, "pause"), try time(report, "resume"))
        // Answers took as long as the pause here: their times say nothing of the machine.
        let near = near(stream) - (stream.integer("rtt_ns.max") ?? 0)
        let outages = stream.at("resets.outages")?.array ?? []
        #expect(outages.count == 1, "\(stream)")
        let outage = try #require(outages.first)
        let recoveredNs = try #require(outage.integer("recovered_ns"))
        #expect(recoveredNs >= upNs)
        #expect(stream.integer("resets.time_to_recover_ns") == recoveredNs - downNs)
        #expect(stream.at("resets.time_to_detect_ns")?.isNull == true)
        // Probes that waited for less than the timeout are in time.
        let timeoutNs = try #require(stream.integer("timeout_ns"))
        let found = [
            ("start", try #require(outage.integer("start_ns")) - downNs),
            ("end", try #require(outage.integer("end_ns")) - (upNs - timeoutNs)),
            ("recovery", recoveredNs - upNs),
        ]
        return found.filter { abs($0.1) > near }.map { "\($0.0) is off by \($0.1) of \(near) ns" }
    }

    @Test("what a paused responder's full buffer refuses is outage and not overflow")
    func pauseOverflow() async throws {
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "300ms", "pause": "far" }"#, #"{ "at": "1s", "resume": "far" }"#],
                responder: #"{ "behaviour": "echo", "receive_buffer": "4KiB" }"#,
                senders: [PlanText.sender(rate: "200pps", length: #""duration": "1500ms""#)]))
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        let outage = try #require(stream.integer("ledger.outage"))
        // A busy machine may make the buffer overflow at other times as well.
        let overflow = try #require(stream.integer("ledger.responder_overflow"))
        #expect(outage > 0)
        #expect(outage > overflow, "\(stream)")
        #expect(outage + overflow == stream.integer("loss.never"))
        #expect(outage + overflow == report.runs.first?.integer("responder.drops"))
        #expect(stream.integer("ledger.forward_lost") == 0)
    }

    @Test("a network that is switched does what the other one says from then on")
    func network() async throws {
        var plan = Self.plan(
            [#"{ "at": "1s", "network": "none" }"#, #"{ "at": "2s", "network": "net" }"#],
            network: #"{ "kind": "emulated" }"#)
        plan.moreNetworks = ["none": #"{ "kind": "emulated", "loss": "100%" }"#]
        // Only the first of the two is the scenario's.
        var text = plan.text
        let both = #""networks": ["net", "none"]"#
        let range = try #require(text.firstRange(of: both))
        text.replaceSubrange(range, with: #""networks": ["net"]"#)
        let trial = try Trial(plan)
        try trial.directory.write("plan.json", text)
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(events(report, "network").count == 2)
        let (there, back) = (
            try #require(stream.integer("ledger.forward_injected")),
            try #require(stream.integer("ledger.backward_injected"))
        )
        #expect(there > 0)
        #expect(there + back == stream.integer("loss.never"))
        #expect(stream.integer("ledger.outage") == 0)
        let outage = try #require(stream.at("resets.outages")?.array.first)
        #expect(outage.at("cause_ns")?.isNull == true)
    }

    @Test("L17 a responder that never comes back: the sender ends, and says since when")
    func l17() async throws {
        let trial = try Trial(Self.plan([#"{ "at": "500ms", "kill": "far" }"#], length: "1s"))
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        let lost = try time(report, "responder_lost")
        let near = near(stream)
        #expect(abs(lost - (try time(report, "kill"))) <= near)
        let outage = try #require(stream.at("resets.outages")?.array.first)
        for key in ["end_ns", "recovered_ns", "returned_ns"] {
            #expect(outage.at(key)?.isNull == true)
        }
        #expect(stream.at("resets.time_to_recover_ns")?.isNull == true)
        try expectLossIsOutage(stream)
        #expect(report.status == "complete")
        // It went on to the end of its schedule, and waited for answers until the timeout.
        #expect(stream.integer("ledger.scheduled") == 50)
        let timeoutNs = try #require(stream.integer("timeout_ns"))
        #expect(report.runs[0].integer("duration_ns") ?? 0 >= lost + timeoutNs)
        let sender = try #require(report.workers.first { $0["role"]?.string == "sender" })
        #expect(sender.integer("exit.code") == 0)
    }

    @Test(
        "L1 Ctrl-C while the responder is away ends the run with what there is, and nothing left",
        arguments: ["kill", "pause", "stop"])
    func interrupted(action: String) async throws {
        let trial = try Trial(
            Self.plan(["{ \"at\": \"300ms\", \"\(action)\": \"far\" }"], length: "120s"))
        var processes: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            processes = execution.descendants
            try await nap(.milliseconds(800))
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "partial")
        #expect(report.verdict == "aborted")
        #expect(report.ledgerFaults == [])
        #expect(events(report, action).count == 1)
        #expect(events(report, "worker_failed") == [])
        try await expectGone(processes)
    }

    @Test("a port that somebody has taken meanwhile ends the run, with the reason")
    func taken() async throws {
        let port = try BoundSocket().port
        let trial = try Trial(
            Self.plan(
                [#"{ "at": "500ms", "stop": "far" }"#, #"{ "at": "3s", "start": "far" }"#],
                responder: "{ \"behaviour\": \"echo\", \"address\": \"127.0.0.1:\(port)\" }",
                length: "30s"))
        let ended = try await trial.during { execution in
            var taken: BoundSocket?
            let isTaken = try await eventually(within: .seconds(2)) {
                taken = try? BoundSocket(port: port)
                return taken != nil
            }
            #expect(isTaken)
            while execution.isRunning { try await nap(.milliseconds(50)) }
            _ = taken
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(events(report, "worker_failed").count == 1)
        #expect(report.reasons.contains { $0.contains("port") }, "\(report.reasons)")
        #expect(report.streams.first?.integer("ledger.sent") ?? 0 > 0)
    }

    @Test("T17 a kill within a refuse window costs no stream and makes no duration negative")
    func t17OverlappingCauses() async throws {
        let plan = Self.plan(
            [#"{ "at": "400ms", "kill": "far" }"#, #"{ "at": "800ms", "start": "far" }"#],
            network: #"""
                { "kind": "emulated",
                  "forward": { "refuse": { "from": "300ms", "until": "600ms" } } }
                """#, length: "1500ms")
        let (report, _) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        let outage = try #require(stream.at("resets.outages")?.array.first)
        #expect(outage.integer("cause_ns") == 300_000_000)
        #expect((stream.integer("resets.time_to_detect_ns") ?? -1) >= 0)
        #expect((stream.integer("resets.time_to_recover_ns") ?? -1) >= 0)
    }
}
