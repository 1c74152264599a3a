import Harness
import JSON
import Reports
import Testing

@testable import Exports

@Suite("JUnit")
struct JUnitTests {
    private func read(_ report: Report) throws -> XMLReading {
        try XMLReading.read(try Exported.text(report, as: "junit"))
    }

    @Test("a suite per run has a test per threshold and one for the verdict; the last the report's")
    func suites() throws {
        let report = try Exported.sample()
        let root = try read(report)
        #expect(root.name == "testsuites")
        #expect(
            root.children.map { $0.attributes["name"] } == [
                "steady on loopback", "as-fast-as-it-goes on loopback", "quickstart",
            ])
        for (run, suite) in zip(report.runs, root.children) {
            let names = suite.all("testcase").compactMap { $0.attributes["name"] }
            #expect(
                names == run.thresholds.map { "calls: \($0.expression)" } + ["verdict"]
                    || names == run.thresholds.map { "flood: \($0.expression)" } + ["verdict"])
        }
        #expect(
            root.children[2].all("testcase").map { $0.attributes["name"] } == [
                "verdict of the report"
            ])
    }

    @Test("fail is a failure, every other verdict than pass an error, with its reason")
    func verdicts() throws {
        for verdict in Verdict.allCases {
            var report = try Exported.sample()
            let causes = verdict == .pass ? [] : [Cause(verdict, "because of it")]
            report.runs[0].state(Judgement(causes: causes))
            let test = try #require(try read(report).children[0].all("testcase").last)
            switch verdict {
            case .pass: #expect(test.children.isEmpty)
            default:
                let finding = try #require(test.children.first)
                #expect(finding.name == (verdict == .fail ? "failure" : "error"))
                #expect(finding.attributes["type"] == verdict.rawValue)
                #expect(finding.attributes["message"] == "because of it")
            }
        }
    }

    @Test("a threshold of a run that contradicts itself does not pass")
    func invalidRun() throws {
        var report = try Exported.sample()
        report.runs[0].state(Judgement(causes: [Cause(.invalid, "the accounts do not add up")]))
        let suite = try read(report).children[0]
        #expect(suite.attributes["errors"] == suite.attributes["tests"])
    }

    @Test(
        "it is red for exactly the reports that do not pass",
        arguments: 1...20 as ClosedRange<UInt64>)
    func redIsNotPass(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let report = try Exported.random(&random)
        let root = try read(report)
        let red = root.all("failure").count + root.all("error").count
        #expect((red == 0) == (report.verdict == .pass), "seed \(seed)")
        // What a server sums up from the attributes is what the elements say.
        for suite in root.children {
            #expect(suite.attributes["tests"] == "\(suite.all("testcase").count)", "seed \(seed)")
            #expect(suite.attributes["failures"] == "\(suite.all("failure").count)")
            #expect(suite.attributes["errors"] == "\(suite.all("error").count)")
            #expect(suite.attributes["skipped"] == "\(suite.all("skipped").count)")
        }
    }

    @Test("skipped runs, and trials that mean nothing for a server, are skipped tests")
    func skipped() throws {
        let root = try XMLReading.read(
            try Exporters.text(
                of: [ExportedDocument(name: "card.json", .scoreCard(try Exported.card()))],
                as: JUnitExporter()))
        let card = try Exported.card()
        #expect(root.all("skipped").count == card.trials.count { $0.verdict == .notApplicable })
        #expect(
            root.all("failure").count
                == card.trials.count { $0.failsProfile } + (card.verdict == .fail ? 1 : 0))
        var report = try Exported.sample()
        report.skipped = [SkippedRunReport(scenario: "s", network: "n", reason: "no tbf")]
        #expect(try read(report).all("skipped").count == 1)
    }

    @Test("hostile text stays text")
    func hostile() throws {
        let text = try Exported.text(Exported.hostileReport(), as: "junit")
        #expect(Exported.isHarmless(text))
        let root = try XMLReading.read(text)
        let messages = root.all("failure").compactMap { $0.attributes["message"] }
        #expect(messages.contains(Exported.hostile.shown))
        #expect(root.all("testcase").allSatisfy { $0.attributes["classname"]?.isEmpty == false })
    }

    @Test("times are decimal and timestamps have no zone")
    func times() throws {
        var report = try Exported.sample()
        report.runs[0].durationNs = 1
        report.runs[1].durationNs = -5
        let suites = try read(report).children
        #expect(suites[0].attributes["time"] == "0.000000001")
        #expect(suites[1].attributes["time"] == "0.000000000")
        #expect(
            suites[0].attributes["timestamp"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
                != nil)
    }

    @Test(
        "it keeps to the schema of Ant's JUnit task",
        .enabled(if: Program.tool("xmllint") != nil, "xmllint (libxml2-utils) is not installed"))
    func schema() async throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 7)
        let card = try Exporters.text(
            of: [ExportedDocument(name: "c", .scoreCard(try Exported.card()))], as: JUnitExporter())
        let texts = try [
            Exported.text(Exported.sample(), as: "junit"),
            Exported.text(Exported.hostileReport(), as: "junit"),
            Exported.text(Exported.random(&random), as: "junit"), card,
        ]
        for text in texts {
            try directory.write("junit.xml", text)
            let ended = try await Execution.run(
                ["--noout", "--schema", "\(Program.root)/Tests/Exports/junit.xsd", "junit.xml"],
                program: "xmllint", in: directory)
            #expect(ended.code == 0, "\(ended.all)")
        }
    }
}
