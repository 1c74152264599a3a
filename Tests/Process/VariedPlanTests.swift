import Glibc
import Harness
import JSON
import STAMP
import Testing

@testable import Plans

/// A plan that the command line varies, up to its report.
@Suite struct VariedPlanTests {
    @Test("A varied plan from standard input is in the report as check prints it")
    func effectivePlan() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("plan.json", PlanText().text)
        let options = [
            "--set", "scenarios.0.senders.0.rate=200pps", "--duration-scale", "0.5", "--repeat",
            "2",
        ]
        let printed = try await Execution.run(
            ["check", "-", "--print"] + options, in: directory, redirect: "< plan.json")
        #expect(printed.code == 0, "\(printed.all)")
        let ran = try await Execution.run(
            ["run", "-", "--report", "report.json"] + options, in: directory,
            redirect: "< plan.json")
        #expect(ran.code == 0, "\(ran.all)")
        let report = try ReportReading(directory).json
        let digest = SHA256.hexDigest(of: Array(printed.output.utf8))
        #expect(report.at("plan.effective_sha256")?.string == digest)
        #expect(report.at("plan.path")?.string == "-")
        #expect(report.at("runs")?.array.count == 2)
        let effective = try JSONValue.parse(Array(printed.output.utf8), limits: .plan)
        #expect(report["plan"]?["effective"] == effective)
        let wrong = try await Execution.run(
            ["run", "-", "--set", "scenarios.0.sender.0.rate=1pps", "--json"], in: directory,
            redirect: "< plan.json")
        #expect(wrong.code == 104, "\(wrong.all)")
        #expect(wrong.errors.contains("did you mean \"senders\"?"), "\(wrong.all)")
        let usage = try await Execution.run(["run", "-", "--set", "nothing"], in: directory)
        #expect(usage.code == 64, "\(usage.all)")
    }

    /// The service prints its token and the command line of its runner, and ends, so that its words
    /// are in the report, in exports and on the terminal.
    @Test("A secret is in no output, and not in the list of processes")
    func secret() async throws {
        let secret = "hunter2-\"quoted\""
        let directory = try TemporaryDirectory()
        let script = """
            echo the token is $1; read -r _ _ _ runner _ < /proc/$PPID/stat; \
            tr '\\\\0' ' ' < /proc/$runner/cmdline; exit 3
            """
        try directory.write(
            "plan.json",
            """
            { "plan": 1, "name": "secret", "networks": { "here": { "kind": "loopback" } },
              "responders": { "service": {
                "command": ["sh", "-c", "\(script)", "sh", "${TOKEN}", "{port}"] } },
              "scenarios": [ { "name": "one", "networks": ["here"], "responder": "service",
                "senders": [ { "name": "a", "rate": "5pps", "payload": "64B", "count": 1 } ] } ] }
            """)
        let ended = try await Execution.run(
            [
                "run", "plan.json", "--report", "report.json", "--export", "junit=result.xml",
                "--export", "markdown=result.md", "--verbose", "--secret-var", "TOKEN=\(secret)",
            ], in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        #expect(ended.errors.contains("the token is •••"), "\(ended.all)")
        #expect(ended.errors.contains("TOKEN=*****"), "\(ended.all)")
        for name in ["report.json", "result.xml", "result.md"] {
            let text = String(
                decoding: try TemporaryDirectory.read(directory.file(name)), as: UTF8.self)
            #expect(!text.contains("hunter2"), "\(name): \(text)")
        }
        #expect(!ended.all.contains("hunter2"), "\(ended.all)")
    }
}
