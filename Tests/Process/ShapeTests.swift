import Glibc
import Harness
import JSON
import Testing

/// What a plan can ask for on loopback, each in a run of its own.
@Suite struct ShapeTests {
    private static func expectCleanEcho(
        _ report: ReportReading, at location: SourceLocation = #_sourceLocation
    ) {
        for stream in report.streams {
            let sent = stream.integer("ledger.sent") ?? 0
            #expect(sent > 0, sourceLocation: location)
            #expect(stream.integer("ledger.received") == sent, sourceLocation: location)
            #expect(stream.integer("ledger.forward_lost") == 0, sourceLocation: location)
            #expect(stream.integer("ledger.backward_lost") == 0, sourceLocation: location)
        }
    }

    @Test("port 0 is a free port, and the report says which")
    func freePort() async throws {
        let (report, _) = try await Trial().report(0)
        Self.expectCleanEcho(report)
        let address = try #require(report.runs[0].at("responder.address")?.string)
        #expect(address.hasPrefix("127.0.0.1:"))
        #expect(!address.hasSuffix(":0"))
        #expect(report.streams[0].at("addresses.remote")?.string == address)
    }

    @Test("a responder answers on IPv6 as well")
    func ipv6() async throws {
        var plan = PlanText()
        plan.responder = #"{ "behaviour": "echo", "address": "[::1]:0" }"#
        let (report, _) = try await Trial(plan).report(0)
        Self.expectCleanEcho(report)
        #expect(report.runs[0].at("responder.address")?.string?.hasPrefix("[::1]:") == true)
    }

    @Test("a sink counts and answers nothing")
    func sink() async throws {
        var plan = PlanText(senders: [PlanText.sender(keys: #""flows": 3"#)])
        plan.responder = #"{ "behaviour": "sink" }"#
        plan.thresholds = ["ledger.forward_lost == 0", "one_way.p50 < 10s"]
        let (report, ended) = try await Trial(plan).report(0, "--verbose")
        let stream = report.streams[0]
        let sent = try #require(stream.integer("ledger.sent"))
        #expect(sent > 0)
        #expect(stream.integer("ledger.responder_received") == sent)
        #expect(stream.integer("ledger.received") == sent)
        #expect(stream.at("ledger.echoed") == .null)
        #expect(stream.at("rtt_ns") == .null)
        #expect(stream.integer("one_way_ns.count") == sent)
        #expect(ended.errors.contains("one-way"))
    }

    @Test("several senders share one responder, and each has a ledger of its own")
    func severalSenders() async throws {
        let plan = PlanText(senders: [
            PlanText.sender("steady"), PlanText.sender("many", keys: #""flows": 5"#),
            PlanText.sender("large", payload: "9000B"),
            PlanText.sender("flood", rate: "max", length: #""duration": "100ms""#),
        ])
        let (report, _) = try await Trial(plan).report(0)
        #expect(
            report.streams.compactMap { $0["sender"]?.string } == [
                "steady", "many", "large", "flood",
            ])
        Self.expectCleanEcho(report)
        let received = report.streams.compactMap { $0.integer("ledger.responder_received") }
        #expect(report.runs[0].integer("responder.unique") == received.reduce(0, +))
        #expect(report.workers.count == 5)
        #expect(report.workers.allSatisfy { $0.integer("exit.code") == 0 })
    }

    @Test("a warm-up counts in no figure, and every repeat is a run of its own")
    func warmUpAndRepeat() async throws {
        var plan = PlanText(senders: [PlanText.sender(rate: "100pps", length: #""count": 20"#)])
        plan.keys = [#""warm_up": "200ms""#, #""repeat": 3"#]
        let (report, _) = try await Trial(plan).report(0)
        #expect(report.runs.compactMap { $0.integer("repeat") } == [1, 2, 3])
        for stream in report.streams {
            #expect(stream.integer("ledger.scheduled") == 20)
            #expect(stream.integer("ledger.responder_received") == stream.integer("ledger.sent"))
        }
        Self.expectCleanEcho(report)
    }

    @Test("L15 a run of one packet is a valid report whose missing figures are null")
    func onePacket() async throws {
        let plan = PlanText(senders: [PlanText.sender(rate: "1pps", length: #""count": 1"#)])
        let (report, _) = try await Trial(plan).report(0)
        let stream = report.streams[0]
        #expect(stream.integer("ledger.sent") == 1)
        #expect(stream.integer("rtt_ns.count") == 1)
        #expect(stream.integer("rtt_ns.min") == stream.integer("rtt_ns.max"))
        #expect(stream.integer("ipdv_ns.count") == 0)
        for figure in ["ipdv_ns.p50", "ipdv_ns.mean", "ipdv_ns.max"] {
            #expect(stream.at(figure) == .null, "\(figure)")
        }
    }

    @Test(
        "L14 no figure of short runs is anything but a finite number or null",
        .enabled(if: SchemaJudge.isThere, "\(SchemaJudge.absence)"))
    func l14() async throws {
        let trial = try Trial(
            PlanText(senders: [
                PlanText.sender("one", rate: "1pps", length: #""count": 1"#),
                PlanText.sender("two", rate: "5pps", length: #""count": 2"#),
            ]))
        let (report, _) = try await trial.report(0)
        #expect(report.streams.count == 2)
        #expect(try await SchemaJudge.faults(in: ["report.json"], trial.directory) == "")
    }

    @Test("sequence numbers pass 2^32 without a loss")
    func sequenceWrap() async throws {
        let plan = PlanText(senders: [
            PlanText.sender(rate: "100pps", keys: #""start_sequence": 4294967286"#)
        ])
        let (report, _) = try await Trial(plan).report(0)
        #expect(report.streams[0].integer("ledger.sent") ?? 0 > 10)
        Self.expectCleanEcho(report)
        #expect(report.streams[0].integer("reordering.count") == 0)
    }

    @Test("a path network measures a server that somebody else runs, here udplab echo")
    func path() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.during(["echo", "--port", "0"], in: directory) { echo in
            let isThere = try await eventually { echo.errorsSoFar.contains("answering on ") }
            #expect(isThere)
            let line = try #require(echo.errorsSoFar.split(separator: "\n").first)
            let address = try #require(line.firstMatch(of: /127\.0\.0\.1:\d+/)?.output)
            var plan = PlanText()
            plan.network = "{ \"kind\": \"path\", \"address\": \"\(address)\" }"
            plan.responder = nil
            // In the place of the server: to wait for one of its own, it could wait forever.
            let (report, _) = try await Trial(plan).report(0, places: 0)
            let stream = report.streams[0]
            let sent = try #require(stream.integer("ledger.sent"))
            #expect(stream.integer("ledger.received") == sent)
            for account in ["responder_received", "echoed", "forward_lost", "backward_lost"] {
                #expect(stream.at("ledger.\(account)") == .null, "\(account)")
            }
            #expect(stream.integer("ledger.lost_unsplit") == 0)
            #expect(report.runs[0]["responder"] == .null)
            echo.signal(SIGINT)
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.errors.contains(/received \d+, returned \d+, could not return 0/))
    }

    @Test("the log of datagrams agrees with the report, event by event")
    func log() async throws {
        let trial = try Trial(
            PlanText(senders: [
                PlanText.sender("one", keys: #""flows": 2"#), PlanText.sender("two"),
            ]))
        let (report, _) = try await trial.report(0, "--log-datagrams", "events.csv")
        let text = String(decoding: try trial.directory.read("events.csv"), as: UTF8.self)
        let rows = text.split(separator: "\n").map { $0.split(separator: ",") }
        #expect(rows.first == ["flow", "seq", "event", "time_ns", "bytes"])
        #expect(rows.allSatisfy { $0.count == 5 })
        for stream in report.streams {
            let name = try #require(stream["sender"]?.string)
            let own = rows.filter { $0[0].contains(".\(name).") || $0[0].hasPrefix("\(name).") }
            for (event, account) in [("sent", "ledger.sent"), ("received", "ledger.received")] {
                #expect(own.count { $0[2] == event } == stream.integer(account), "\(name) \(event)")
            }
            #expect(Set(own.map { $0[0] }).count == stream.integer("flows"))
            #expect(own.allSatisfy { $0[4] == "64" })
        }
    }
}
