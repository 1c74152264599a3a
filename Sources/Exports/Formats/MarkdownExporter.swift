import JSON
import Reports

/// Markdown for a build's summary page: the verdict with its reasons, the summary, the thresholds
/// that do not hold, the comparison. At most 1 MiB, which is what GitHub takes of a step.
package struct MarkdownExporter: Exporter {
    package let name = "markdown"
    package let summary = "a page for a build's summary, at most 1 MiB"
    package let takesScoreCards = true

    /// The maximum size of the page.
    package static let bytesMax = 1 << 20
    /// The maximum number of rows of each table.
    private static let rowsMax = 200
    private static let reasonsMax = 20
    /// The maximum length of a text in a cell, in characters.
    private static let textMax = 300

    private let limit: Int

    /// Makes an exporter.
    /// - Parameter bytesMax: The maximum size of the page.
    package init(bytesMax: Int = MarkdownExporter.bytesMax) { limit = bytesMax }

    package func text(of documents: [ExportedDocument]) -> String {
        let lines = documents.flatMap { document in
            let file = documents.count > 1 ? " (\(Self.text(document.name)))" : ""
            return switch document.content {
            case .report(let report): Self.lines(report, file)
            case .scoreCard(let card): Self.lines(card, file)
            }
        }
        return bounded(lines)
    }

    private func bounded(_ lines: [String]) -> String {
        var text = ""
        for (number, line) in lines.enumerated() {
            let rest = "\n…and \(lines.count - number) more lines, which the report has.\n"
            guard text.utf8.count + line.utf8.count + 1 + rest.utf8.count <= limit else {
                return rest.utf8.count <= limit - text.utf8.count ? text + rest : text
            }
            text += line + "\n"
        }
        return text
    }

    private static func lines(_ named: Report, _ file: String) -> [String] {
        let report = named.showingTitles
        let rows = report.summaryRows
        let cells = rows.map {
            [text($0.scenario), text($0.network), text($0.sender ?? "")] + SummaryText($0).cells
        }
        let facts = [
            "udplab \(report.tool.version)", "plan \(report.plan.path)\(report.plan.variedText)",
            "SHA-256 \(report.plan.sha256.prefix(12))", "seed \(report.plan.seed)",
            "Linux \(report.host.kernel)", "\(report.host.cpus) processors", "\(report.started)",
        ]
        return head(report.plan.name + file, report.verdict, report.verdictLines)
            + table(["scenario", "network", "sender"] + SummaryText.titles(rows), cells, names: 3)
            + failures(report) + trials(report) + comparison(report)
            + skipped(report)
            + ["<sub>" + facts.map(text).joined(separator: " · ") + "</sub>", ""]
    }

    private static func head(
        _ name: String, _ verdict: Verdict, _ sentences: VerdictLines
    ) -> [String] {
        let mark =
            switch verdict {
            case .pass: "✅"
            case .fail: "❌"
            default: "⚠️"
            }
        return ["## \(mark) \(text(name)): \(verdict.rawValue)", ""]
            + sentences.lines.prefix(reasonsMax).map { line in
                "- " + text(String(line.drop(while: \.isWhitespace)))
            } + [""]
    }

    private static func failures(_ report: Report) -> [String] {
        let rows = report.runs.flatMap { run in
            run.thresholds.filter { $0.passed != true }.map { threshold in
                [
                    text(run.title), text(threshold.sender), text(threshold.expression),
                    threshold.valueText, threshold.passed == nil ? "not judged" : "does not hold",
                ]
            }
        }
        return titled(
            "Thresholds that do not hold",
            table(["run", "sender", "threshold", "found", ""], rows, names: 3))
    }

    private static func trials(_ report: Report) -> [String] {
        report.runs.flatMap { run in
            run.battery.map { titled(text(run.title), trials($0.trials)) } ?? []
        }
    }

    private static func trials(_ trials: [TrialReport]) -> [String] {
        table(
            ["trial", "verdict", "seen", "what to change"],
            trials.map {
                [
                    text($0.id), ($0.failsProfile ? "❌ " : "") + $0.verdict.rawValue,
                    text($0.saw), text($0.change ?? ""),
                ]
            }, names: 4)
    }

    private static func comparison(_ report: Report) -> [String] {
        let rows = report.comparison.map { comparison in
            let unit = comparison.unit.flatMap(ReportUnit.init)
            return [
                text("\(comparison.scenario), \(comparison.sender)"), text(comparison.metric),
                text(comparison.a.name) + " " + UnitText.text(comparison.a.median, unit: unit),
                text(comparison.b.name) + " " + UnitText.text(comparison.b.median, unit: unit),
                text(comparison.says),
            ]
        }
        return titled(
            "Comparison",
            table(["scenario", "figure", "first", "second", "verdict"], rows, names: 5))
    }

    private static func skipped(_ report: Report) -> [String] {
        titled(
            "Skipped",
            table(
                ["run", "reason"], report.skipped.map { [text($0.title), text($0.reason)] },
                names: 2))
    }

    private static func lines(_ card: ScoreCard, _ file: String) -> [String] {
        let facts = [
            "udplab \(card.tool.version)", "server \(card.server.address)",
            "profile \(card.profile)", "seed \(card.seed)", "\(card.started)",
        ]
        return head("resilience of \(card.server.address)" + file, card.verdict, card.verdictLines)
            + trials(card.trials)
            + ["<sub>" + facts.map(text).joined(separator: " · ") + "</sub>", ""]
    }

    // MARK: - Markup

    private static func titled(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["### \(title)", ""] + lines
    }

    /// Returns a table; nothing without rows.
    /// - Parameter names: The number of columns of text, which are aligned to the left.
    private static func table(_ heads: [String], _ rows: [[String]], names: Int) -> [String] {
        guard !rows.isEmpty else { return [] }
        let rule = heads.indices.map { $0 < names ? "---" : "---:" }
        let lines = ([heads, rule] + rows.prefix(rowsMax)).map { cells in
            "| " + cells.joined(separator: " | ") + " |"
        }
        let left = rows.count - rowsMax
        return lines + (left > 0 ? ["", "…and \(left) more rows, which the report has."] : []) + [
            ""
        ]
    }

    private static func text(_ text: String) -> String {
        let cut = text.prefix(textMax)
        return Escaping.markdown(String(cut) + (cut.endIndex < text.endIndex ? "…" : ""))
    }
}
