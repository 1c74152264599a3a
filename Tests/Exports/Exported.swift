import Harness
import JSON
import Reports

@testable import Exports

/// Documents for the tests of exporters.
enum Exported {
    /// Text that each form has to escape: control characters, markup, separators, a change of the
    /// writing direction, workflow commands, formulas.
    static let hostile =
        "=a,b \"c\" 'd' <e>&amp;|f`g`*h*_i_[j](http://k)\\ \u{1B}[31m\u{202E}l\r\n::error::m%0A\u{7}"
        + "@n#1 $o$ {p=\"q\"} \u{FFFE}\u{0}r\\"

    /// The report that ships as a sample.
    static func sample() throws -> Report {
        guard case .report(let report) = try load("sample-run.json") else {
            throw HarnessError("no report")
        }
        return report
    }

    static func card() throws -> ScoreCard {
        guard case .scoreCard(let card) = try load("sample-resilience.json") else {
            throw HarnessError("no score card")
        }
        return card
    }

    private static func load(_ name: String) throws -> StoredDocument {
        try StoredDocument.load("\(Program.root)/Reports/\(name)")
    }

    static func text(_ report: Report, as name: String) throws -> String {
        try Exporters.text(
            of: [ExportedDocument(name: "run.json", .report(report))],
            as: exporter(name))
    }

    private static func exporter(_ name: String) throws -> any Exporter {
        guard let exporter = Exporters.named(name) else { throw HarnessError("no \(name)") }
        return exporter
    }

    /// The sample with hostile text in the place of every text.
    static func hostileReport() throws -> Report {
        var report = try sample()
        report.plan.name = hostile
        report.plan.path = hostile
        report.tool.version = hostile
        report.skipped = [
            SkippedRunReport(scenario: hostile, network: hostile, reason: hostile)
        ]
        for index in report.runs.indices {
            report.runs[index].scenario = hostile
            report.runs[index].network = hostile + "\(index)"
            report.runs[index].streams[0].sender = hostile
            report.runs[index].warnings = [hostile]
            report.runs[index].thresholds = [
                ThresholdReport(
                    sender: hostile, expression: hostile, figure: hostile, value: 1, passed: false)
            ]
            report.runs[index].state(
                Judgement(causes: [Cause(.fail, hostile)], notices: [hostile]))
        }
        report.state(Judgement(causes: [Cause(.fail, hostile)], notices: [hostile]))
        return report
    }

    /// A report with runs of any outcome, judged as the runner judges.
    static func random(_ random: inout SeededGenerator) throws -> Report {
        var report = try sample()
        let stream = report.runs[0].streams[0]
        var judgement = Judgement()
        report.runs = (0..<Int.random(in: 0...5, using: &random)).map { number in
            var run = report.runs[0]
            run.scenario = "s\(Int.random(in: 0...1, using: &random))"
            run.network = "n\(Int.random(in: 0...1, using: &random))"
            run.repeat = number + 1
            let verdict = Verdict.allCases.randomElement(using: &random) ?? .pass
            // A threshold that was missed makes a run fail, unless something else is worse.
            let outcomes: [Bool?] = verdict == .pass ? [true] : [true, nil]
            run.thresholds = ["a < 1", "b < 2"].map {
                ThresholdReport(
                    sender: stream.sender, expression: $0, figure: "loss.ratio", value: 0,
                    passed: outcomes.randomElement(using: &random) ?? nil)
            }
            if verdict == .fail { run.thresholds[0].passed = false }
            let own =
                verdict == .pass ? Judgement() : Judgement(causes: [Cause(verdict, "because")])
            run.state(own)
            judgement.add(own, named: run.title)
            return run
        }
        if report.runs.isEmpty { judgement.add(Cause(.inconclusive, "every run was skipped")) }
        report.state(judgement)
        return report
    }

    /// Whether the text has a character that a terminal, an editor or a browser obeys.
    static func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\r" || ShownText.isShown($0) }
    }
}
