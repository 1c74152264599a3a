import Glibc
import Harness
import JSON
import Testing

/// Comparing networks at the end of a run, and reports with `udplab compare`.
@Suite struct CompareTests {
    /// The same network twice, under two names.
    private static let twins = twins(repeats: 3)

    private static func twins(repeats: Int) -> String {
        """
        { "plan": 1, "name": "twins", "networks": { "one": { "kind": "loopback" },
          "two": { "kind": "loopback" } }, "responders": { "far": { "behaviour": "echo" } },
          "scenarios": [ { "name": "short", "networks": ["one", "two"], "responder": "far",
          "repeat": \(repeats), "tolerance": "100%", "timeout": "500ms", "senders": [ \(PlanText.sender(
            length: #""count": 4"#)) ] } ] }
        """
    }

    private static func report(
        _ name: String, in directory: TemporaryDirectory, plan: String = twins
    ) async throws -> Execution.Ended {
        try directory.write("plan.json", plan)
        let ended = try await Execution.run(
            ["run", "plan.json", "--report", name, "--force"], in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        return ended
    }

    private static func compare(
        _ arguments: String..., in directory: TemporaryDirectory
    ) async throws -> Execution.Ended {
        try await Execution.run(["compare"] + arguments, in: directory)
    }

    @Test("a report of two networks ends with their comparison, and equal ones have no winner")
    func networks() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Self.report("report.json", in: directory)
        let report = try ReportReading(directory)
        #expect(report.ledgerFaults == [])
        let comparisons = report.json["comparison"]?.array ?? []
        let metrics = comparisons.compactMap { $0["metric"]?.string }
        #expect(metrics.contains("loss.ratio"))
        #expect(metrics.contains("rtt.p99"))
        for comparison in comparisons {
            #expect(comparison["a"]?["name"]?.string == "one")
            #expect(comparison["b"]?["name"]?.string == "two")
            #expect(comparison["verdict"]?.string == "no_conclusion")
            #expect(comparison["says"]?.string == "no conclusion: too few runs")
        }
        #expect(!ended.errors.contains("who lost what"), "nobody lost anything: \(ended.all)")
        #expect(ended.errors.contains("short, probes: two beside one, 3 runs of each"))
        #expect(ended.errors.contains("too few runs: 3 of each; it takes "))
    }

    @Test("a report of one network has nothing to compare")
    func oneNetwork() async throws {
        let (report, ended) = try await Trial().report(0)
        #expect(report.json["comparison"]?.array == [])
        #expect(!ended.errors.contains("who lost what"))
    }

    @Test("compare prints a table, --json JSON alone, and a gate passes or fails")
    func gates() async throws {
        let directory = try TemporaryDirectory()
        let plan = Self.twins(repeats: 5)
        _ = try await Self.report("a.json", in: directory, plan: plan)
        _ = try await Self.report("b.json", in: directory, plan: plan)
        let plain = try await Self.compare("a.json", "b.json", in: directory)
        #expect(plain.code == 0, "\(plain.all)")
        #expect(plain.output.contains("short on one, probes: b.json beside a.json, 5 runs of each"))
        #expect(plain.output.contains("short on two, probes: b.json beside a.json"))
        #expect(plain.errors == "")
        let passed = try await Self.compare(
            "a.json", "b.json", "--max-regression", "loss.ratio +100%, rtt.p99 +60s", in: directory)
        #expect(passed.code == 0, "\(passed.all)")
        #expect(passed.output.hasSuffix("pass: every bound holds\n"), "\(passed.all)")
        // Of four probes at least one comes back: the round trip is above nothing.
        try directory.write("worse.json", try Self.slower(directory.read("b.json")))
        let failed = try await Self.compare(
            "a.json", "worse.json", "--max-regression", "rtt.p99 +10s",
            "--max-regression", "loss.ratio +100%", "--json", in: directory)
        #expect(failed.code == 99, "\(failed.all)")
        let document = try JSONValue.parse(Array(failed.output.utf8), limits: .report)
        #expect(document["verdict"]?.string == "fail")
        #expect(
            document["gates"]?.array.compactMap { $0["passed"] } == [
                .bool(false), .bool(true), .bool(false), .bool(true),
            ])
        #expect(failed.errors.contains("rtt.p99 +10s does not hold"))
    }

    /// The same report, with a p99 of an hour.
    private static func slower(_ bytes: [UInt8]) throws -> String {
        String(decoding: bytes, as: UTF8.self)
            .replacing(/"p99": \d+/, with: "\"p99\": 3600000000000")
    }

    @Test("a gate on too few runs is neither a pass nor a fail")
    func tooFew() async throws {
        let trial = try Trial()
        _ = try await trial.report(0)
        let ended = try await Self.compare(
            "report.json", "report.json", "--max-regression", "loss.ratio +1%", in: trial.directory)
        #expect(ended.code == 75, "\(ended.all)")
        let shown = ended.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(shown.contains("cannot be judged"), "\(ended.all)")
        #expect(shown.contains("it takes 3 of each"), "\(ended.all)")
    }

    @Test("reports of different plans are compared only when told")
    func differentPlans() async throws {
        let directory = try TemporaryDirectory()
        let other = Self.twins.replacing("64B", with: "128B")
        _ = try await Self.report("a.json", in: directory)
        _ = try await Self.report("b.json", in: directory, plan: other)
        let refused = try await Self.compare("a.json", "b.json", in: directory)
        #expect(refused.code == 64, "\(refused.all)")
        #expect(refused.errors.contains("payload 128 B and not 64 B"), "\(refused.all)")
        #expect(refused.errors.contains("--allow-different-plans"))
        #expect(refused.output == "")
        let allowed = try await Self.compare(
            "a.json", "b.json", "--allow-different-plans", in: directory)
        #expect(allowed.code == 0, "\(allowed.all)")
    }

    @Test("a partial report is not compared")
    func partial() async throws {
        let trial = try Trial(PlanText(senders: [PlanText.endless]))
        let stopped = try await trial.during { $0.signal(SIGINT) }
        #expect(stopped.code == 105, "\(stopped.all)")
        let ended = try await Self.compare("report.json", "report.json", in: trial.directory)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.hasPrefix("udplab: report.json: the report is partial"))
    }

    @Test(
        "L19 compare says what is no report of its format",
        arguments: [
            ("{ \"report\": 2, \"runs\": [] }\n", 75, "a report of format 2"),
            ("{ \"report\": 1,\n", 64, "wrong.json:2:1: $"), ("{}", 64, "no report of udplab"),
            ("", 64, "wrong.json:1:1: $"),
        ] as [(String, Int32, String)])
    func l19(text: String, code: Int32, words: String) async throws {
        let directory = try TemporaryDirectory()
        try directory.write("wrong.json", text)
        let ended = try await Self.compare("wrong.json", "wrong.json", in: directory)
        #expect(ended.code == code, "\(ended.all)")
        #expect(ended.errors.contains(words), "\(ended.all)")
        #expect(ended.output == "")
    }

    @Test(
        "a command line that is wrong ends with 64 and says why",
        arguments: [
            (["a.json"], "a comparison needs two reports"), ([], "Missing expected argument"),
            (["a.json", "b.json"], "a.json: cannot be opened"),
            (["a.json", "b.json", "--max-regression", "rtt.p98 +1%"], "did you mean"),
            (["a.json", "b.json", "--max-regression", "loss.ratio"], "is no bound"),
            (["a.json", "b.json", "--max-regression", "rtt.p99 -10%"], "bound its rise"),
        ] as [([String], String)])
    func usage(arguments: [String], words: String) async throws {
        let ended = try await Execution.run(["compare"] + arguments, in: TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.errors.contains(words), "\(ended.all)")
        #expect(ended.output == "")
    }
}
