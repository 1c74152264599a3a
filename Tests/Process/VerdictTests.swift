import Harness
import JSON
import Testing

/// What the program's exit code says, and in which words.
@Suite struct VerdictTests {
    @Test("a plan whose thresholds hold ends 0")
    func pass() async throws {
        var plan = PlanText()
        plan.thresholds = ["ledger.forward_lost == 0", "loss.ratio <= 100%"]
        let (report, ended) = try await Trial(plan).report(0)
        #expect(report.verdict == "pass")
        #expect(report.status == "complete")
        #expect(ended.errors.contains("pass: every threshold holds in 1 run"))
    }

    @Test("T1 free keys of any text are in the report, which says what the exit code says")
    func t1FreeKeys() async throws {
        let sender = PlanText.sender(
            length: #""count": 2"#, keys: #""x-my note": [1]"#, #""x-": null"#)
        var plan = PlanText(senders: [sender])
        plan.network = #"{ "kind": "loopback", "x-a.b": 1 }"#
        plan.keys = [#""x-说明": {}"#, #""x-\"]": 0"#]
        let (report, ended) = try await Trial(plan).report(0, "--json")
        #expect(report.verdict == "pass")
        #expect(report.json["notices"] == .array([]))
        let extras = try #require(report.json["plan"]?["extras"])
        for key in [
            "networks.net.x-a.b", "scenarios[0].x-说明", "scenarios[0].x-\"]",
            "scenarios[0].senders[0].x-my note", "scenarios[0].senders[0].x-",
        ] {
            #expect(extras[key] != nil, "\(key) in \(extras)")
        }
        let printed = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
        #expect(printed == report.json)
        #expect(ended.errors.contains("pass: "))
    }

    @Test("a threshold that cannot hold ends 99, with the value that was found")
    func fail() async throws {
        var plan = PlanText()
        plan.thresholds = ["rtt.p50 < 1ns"]
        let (report, ended) = try await Trial(plan).report(99)
        #expect(report.verdict == "fail")
        #expect(report.runs[0]["thresholds"]?.array.first?["passed"] == .bool(false))
        #expect(ended.errors.contains("rtt.p50 < 1ns does not hold: it is "))
    }

    @Test("a rate that no host reaches ends 75 and names this host as the limit")
    func unreachable() async throws {
        var plan = PlanText(senders: [PlanText.sender(rate: "100Mpps")])
        plan.tolerance = "1%"
        plan.thresholds = ["loss.ratio < 1%"]
        let (report, ended) = try await Trial(plan).report(75)
        #expect(report.verdict == "inconclusive")
        #expect(report.reasons.contains { $0.contains("this host's processors were the limit") })
        #expect(ended.errors.contains("inconclusive: "))
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.skipped") ?? 0 > 0)
        // It goes as fast as it can, though.
        #expect(stream.integer("ledger.sent") ?? 0 > 100)
    }

    @Test("a plan of which nothing was sent has not failed at its gates")
    func nothingSent() async throws {
        // Slots of 10 ns are over before any host has looked at its clock twice.
        let sender = PlanText.sender(rate: "100Mpps", length: #""count": 1"#)
        var plan = PlanText(senders: [sender])
        plan.thresholds = ["rtt.p50 < 1s"]
        let (report, _) = try await Trial(plan).report(75)
        #expect(report.streams[0].integer("ledger.skipped") == 1)
        #expect(report.reasons.first?.contains("nothing was sent") == true)
        #expect(report.reasons.first?.contains("this host") == true)
    }

    @Test("a threshold on a figure that is null does not hold, and says that there is no value")
    func nullFigure() async throws {
        var plan = PlanText(senders: [PlanText.sender(rate: "1pps", length: #""count": 1"#)])
        plan.thresholds = ["ipdv.p50 < 1s"]
        let (report, ended) = try await Trial(plan).report(99)
        let threshold = try #require(report.runs[0]["thresholds"]?.array.first)
        #expect(threshold["value"] == .null)
        #expect(threshold["passed"] == .null)
        #expect(report.reasons.first?.contains("there is no value to judge") == true)
        #expect(ended.errors.contains("fail: "))
    }

    @Test("T3 nobody at a path's address is a fail, and resets say why")
    func t3NobodyThere() async throws {
        // Bound and closed again: nobody is there now, and nobody comes as fast.
        let port = try BoundSocket().port
        var plan = PlanText()
        plan.network = #"{ "kind": "path", "address": "127.0.0.1:\#(port)" }"#
        plan.responder = nil
        let (report, ended) = try await Trial(plan).report(99)
        #expect(report.verdict == "fail")
        #expect(ended.errors.contains("nobody listens at 127.0.0.1:\(port)"), "\(ended.all)")
        #expect(report.streams[0].integer("resets.seen") ?? 0 > 0)
        #expect(report.streams[0].integer("loss.never") == report.streams[0].integer("ledger.sent"))
    }

    @Test("a gate that nothing came through has failed")
    func gatedSilence() async throws {
        let listener = try BoundSocket()
        var plan = PlanText()
        plan.network = #"{ "kind": "path", "address": "127.0.0.1:\#(listener.port)" }"#
        plan.responder = nil
        plan.thresholds = ["loss.ratio < 1%"]
        let (report, _) = try await Trial(plan).report(99)
        #expect(report.reasons.contains { $0.contains("nothing was answered") })
        #expect(listener.hasReceived)
    }

    @Test(
        "a command line that is wrong ends 64 and shows the usage",
        arguments: [
            [], ["run"], ["bogus"], ["run", "plan.json", "--bogus"], ["check"],
            ["echo", "--port", "99999"], ["echo", "--port", "0", "--bind", "nowhere"],
            ["run", "plan.json", "--report"],
        ])
    func usage(arguments: [String]) async throws {
        let ended = try await Execution.run(arguments, in: TemporaryDirectory())
        // Without any argument it is a question and not a mistake.
        #expect(ended.code == (arguments.isEmpty ? 0 : 64), "\(ended.all)")
        let verb = ["run", "echo", "check"].contains(arguments.first) ? arguments[0] : ""
        #expect((ended.errors + ended.output).contains(/(?i)usage: udplab/), "\(ended.all)")
        #expect((ended.errors + ended.output).contains("udplab \(verb)"), "\(ended.all)")
    }
}
