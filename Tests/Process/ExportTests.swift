import Glibc
import Harness
import JSON
import Testing

/// Reports in other forms, and `--json` in every outcome.
@Suite struct ExportTests {
    private static let failing: PlanText = {
        var plan = PlanText()
        plan.thresholds = ["loss.ratio <= 100%", "rtt.p50 < 1ns"]
        return plan
    }()

    @Test("a build step ends with exports, a summary, and an error at the plan's line")
    func build() async throws {
        let trial = try Trial(Self.failing)
        try trial.directory.write("summary.md", "before\n")
        let ended = try await trial.run(
            "--export", "junit=run.xml", "--export", "ndjson=run.ndjson", "--quiet",
            environment: [
                "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": trial.directory.file("summary.md"),
                "GITHUB_WORKSPACE": trial.directory.path,
            ])
        #expect(ended.code == 99, "\(ended.all)")
        #expect(ended.output == "report.json\n")
        let lines = Self.failing.text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.contains("rtt.p50") }) + 1
        #expect(
            ended.errors.contains("::error file=plan.json,line=\(line),title=udplab%3A short::"),
            "\(ended.all)")
        let summary = String(decoding: try trial.directory.read("summary.md"), as: UTF8.self)
        #expect(summary.hasPrefix("before\n## ❌ trial: fail\n"), "\(summary)")
        let junit = String(decoding: try trial.directory.read("run.xml"), as: UTF8.self)
        #expect(junit.contains("<failure type=\"fail\""))
        let exported = try trial.directory.read("run.ndjson")
        let stored = try await Execution.run(
            ["report", "report.json", "--format", "ndjson"], in: trial.directory)
        #expect(stored.code == 0, "\(stored.all)")
        #expect(Array(stored.output.utf8) == exported, "the same from the stored report")
    }

    @Test(
        "an export that cannot be written refuses the run",
        arguments: [
            ["junit=there.xml"], ["junit=plan.json"], ["junit=report.json"],
            ["junit=a.xml", "csv=a.xml"], ["junit=missing/a.xml"], ["pdf=a.pdf"], ["junit"],
        ])
    func refused(exports: [String]) async throws {
        let trial = try Trial(PlanText(senders: [PlanText.endless]))
        try trial.directory.write("there.xml", "mine")
        let ended = try await Execution.run(
            Trial.arguments + exports.flatMap { ["--export", $0] }, in: trial.directory)
        #expect(ended.code == 64, "\(ended.all)")
        #expect(!trial.directory.exists("report.json"))
        #expect(try trial.directory.read("there.xml") == Array("mine".utf8))
        let left = TemporaryDirectory.names(in: trial.directory.path).filter {
            $0.hasSuffix(".tmp")
        }
        #expect(left == [])
    }

    @Test("report shows what a run showed, writes files safely, and refuses what is no report")
    func report() async throws {
        let sample = "\(Program.root)/Reports/sample-run.json"
        let directory = try TemporaryDirectory()
        func run(_ arguments: String...) async throws -> Execution.Ended {
            try await Execution.run(
                ["report"] + arguments, in: directory, environment: ["COLUMNS": "120"])
        }
        let shown = try await run(sample)
        #expect(shown.code == 0 && shown.output.contains("✓ loss.ratio < 1%"), "\(shown.all)")
        let card = try await run("\(Program.root)/Reports/sample-resilience.json")
        #expect(card.code == 0 && card.output.contains("profile basic"), "\(card.all)")
        #expect(try await run(sample, "--format", "csv", "--output", "a.csv").code == 0)
        let before = try directory.read("a.csv")
        let again = try await run(sample, "--format", "junit", "--output", "a.csv")
        #expect(again.code == 64 && again.errors.contains("--force"), "\(again.all)")
        #expect(try directory.read("a.csv") == before)
        #expect(
            try await run(sample, "--format", "junit", "--output", "a.csv", "--force").code == 0)
        #expect(try directory.read("a.csv") != before)
        try directory.write("plan.json", PlanText().text)
        let plan = try await run("plan.json")
        #expect(plan.code == 64 && plan.errors.contains("it is a plan"), "\(plan.all)")
        #expect(try await run("plan.json", "--output", "plan.json").code == 64)
        #expect(
            try await run(sample, "--format", "jnuit").errors.contains("did you mean \"junit\"?"))
    }

    @Test(
        "--json is one document of JSON in every outcome",
        arguments: [
            ["run", "missing.json", "--json"], ["run", "--json"],
            ["run", "plan.json", "--json", "--no"],
            ["run", "bad.json", "--json"], ["compare", "a.json", "b.json", "--json"],
            ["compare", "a.json", "--json"],
            ["compare", "a", "b", "--json", "--max-regression", "x"],
            ["resilience", "--json"], ["resilience", "--json", "--list"],
            ["resilience", "--json", "--address", "nowhere", "--only", "baseline"],
            ["relay", "--json"], ["relay", "--json", "--to", "nowhere"], ["doctor", "--json"],
            ["doctor", "--json", "--nothing"], ["listen", "--json", "--port", "x"],
        ])
    func json(arguments: [String]) async throws {
        let directory = try TemporaryDirectory()
        try directory.write("plan.json", PlanText().text)
        try directory.write("bad.json", #"{ "plan": 1, "nmae": "x" }"#)
        let ended = try await Execution.run(arguments, in: directory)
        let value = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
        guard ended.code != 0 else { return }
        #expect(value["errors"]?.array.isEmpty == false, "\(ended.all)")
        #expect(value["exit_code"] == ended.code.map { .integer(Int($0)) }, "\(ended.all)")
    }
}
