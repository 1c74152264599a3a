import Glibc
import Harness
import JSON
import Testing

/// Plans whose scenario is a battery.
@Suite struct BatteryPlanTests {
    private func plan(
        _ responder: String?, network: String = #"{ "kind": "loopback" }"#, keys: String = ""
    ) -> String {
        let responders = responder.map { "\"responders\": { \"far\": \($0) }," } ?? ""
        let reference = responder == nil ? "" : #""responder": "far","#
        return """
            { "plan": 1, "name": "trial", "seed": 5, "networks": { "net": \(network) },
              \(responders) "scenarios": [
                { "name": "tried", "networks": ["net"], \(reference)
                  "battery": "resilience"\(keys) } ] }

            """
    }

    private func run(
        _ text: String, in directory: TemporaryDirectory, _ more: String...
    ) async throws -> (Execution.Ended, ReportReading) {
        try directory.write("plan.json", text)
        let ended = try await Execution.run(Trial.arguments + more, in: directory)
        try #require(directory.exists("report.json"), "\(ended.all)")
        if SchemaJudge.isThere {
            #expect(try await SchemaJudge.faults(in: ["report.json"], directory) == "")
        }
        return (ended, try ReportReading(directory))
    }

    @Test("udplab's own echo passes, and the report has the card and the table")
    func own() async throws {
        let directory = try TemporaryDirectory()
        let (ended, report) = try await run(
            plan(#"{ "behaviour": "echo" }"#), in: directory, "--verbose")
        #expect(ended.code == 0, "\(ended.all)")
        #expect(report.verdict == "pass" && report.reasons == [])
        let run = try #require(report.runs.first)
        #expect(run["streams"]?.array.isEmpty == true)
        #expect(run.at("battery.profile")?.string == "basic")
        #expect(run.at("battery.score.fail") == .integer(0))
        #expect(run.at("battery.trials")?.array.count == 15)
        #expect(run.at("battery.server.command")?.array.first?.string == "udplab")
        #expect(run.at("responder.behaviour")?.string == "echo")
        for trial in ["baseline", "payload-sizes", "reset-two", "restart"] {
            #expect(ended.errors.contains("  pass      \(trial) "), "\(ended.errors)")
        }
        #expect(ended.errors.contains("none fails its profile in 1 run"), "\(ended.errors)")
    }

    @Test("an echo that a reset ends fails, by name and with what to change")
    func fragile() async throws {
        let directory = try TemporaryDirectory()
        let responder =
            #"{ "behaviour": "echo", "socket": "unconnected_recverr", "on_reset": "none" }"#
        let (ended, report) = try await run(plan(responder), in: directory, "--quiet")
        #expect(ended.code == 99, "\(ended.all)")
        #expect(report.verdict == "fail")
        let failed =
            report.runs[0].at("battery.trials")?.array
            .filter { $0["fails_profile"] == .bool(true) } ?? []
        #expect(failed.contains { $0["id"]?.string == "reset-one" })
        #expect(report.reasons.count == failed.count)
        for (trial, reason) in zip(failed, report.reasons) {
            #expect(reason.hasPrefix("tried on net: \(trial["id"]?.string ?? "?"): "))
            #expect(reason.contains(trial["change"]?.string ?? "?"), "\(reason)")
        }
        #expect(ended.errors.hasPrefix("udplab: fail: tried on net: "), "\(ended.errors)")
    }

    @Test(
        "a program of the user's is tried: a short buffer and a decoded text are found",
        .enabled(if: Program.python != nil, "python3 is not installed"))
    func python() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "server.py",
            """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("127.0.0.1", int(sys.argv[1])))
            while True:
                data, sender = s.recvfrom(1024)
                s.sendto(data.decode(errors="replace").encode(), sender)
            """)
        let responder = PlanText.command(
            [Program.python ?? "python3", "server.py", "{port}"],
            keys: #""ready_timeout": "60s""#)
        let (ended, report) = try await run(plan(responder), in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        let reasons = report.reasons.joined(separator: "\n")
        #expect(reasons.contains("truncation begins at 1,025 bytes"), "\(reasons)")
        #expect(reasons.contains("it decodes its input as text"), "\(reasons)")
        #expect(report.runs[0].integer("battery.server.starts") ?? 0 > 0)
        #expect(report.runs[0].at("responder.command")?.array.count == 3)
    }

    @Test("the server at a path's address runs already, and runs on afterwards")
    func path() async throws {
        let directory = try TemporaryDirectory()
        let port = try BoundSocket().port
        let server = try Execution(["echo", "--port", "\(port)"], in: directory)
        let isUp = try await eventually { server.errorsSoFar.contains("answering") }
        try #require(isUp)
        let network = "{ \"kind\": \"path\", \"address\": \"127.0.0.1:\(port)\" }"
        let (ended, report) = try await run(plan(nil, network: network), in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(report.runs[0].at("battery.server.command") == .null)
        #expect(report.runs[0]["responder"] == .null)
        #expect(server.isRunning)
        server.signal(SIGINT)
        _ = try await server.end()
    }

    @Test("a server that never answers is inconclusive")
    func nobody() async throws {
        let directory = try TemporaryDirectory()
        let port = try BoundSocket().port
        let network = "{ \"kind\": \"path\", \"address\": \"127.0.0.1:\(port)\" }"
        let (ended, report) = try await run(plan(nil, network: network), in: directory)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(report.verdict == "inconclusive")
        #expect(report.reasons.first?.contains("never healthy") == true, "\(report.reasons)")
    }

    @Test("L1 Ctrl-C ends the battery of a plan and its server, with a partial report")
    func l1Interrupted() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "plan.json", plan(#"{ "behaviour": "echo" }"#, keys: #", "profile": "strict""#))
        var processes: [ProcessTable.Identity] = []
        let ended = try await Execution.during(Trial.arguments, in: directory) { execution in
            let isUnderWay = try await eventually(within: .seconds(60)) {
                // The worker and the server that it has started.
                execution.descendants.count > 1
            }
            try #require(isUnderWay, "\(execution.errorsSoFar)")
            processes = execution.descendants
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try ReportReading(directory)
        #expect(report.verdict == "aborted")
        #expect(report.status == "partial")
        try await expectGone(processes)
    }
}
