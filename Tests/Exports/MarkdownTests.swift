import Reports
import Testing

@testable import Exports

@Suite("Markdown")
struct MarkdownTests {
    @Test("verdict and reasons come first, then the summary with the figures of the report")
    func order() throws {
        let report = try Exported.sample()
        let lines = try Exported.text(report, as: "markdown").split(separator: "\n")
        #expect(lines[0] == "## ✅ quickstart: pass")
        #expect(lines[1].hasPrefix("- pass: every threshold holds"))
        let row = try #require(lines.first { $0.hasPrefix("| steady |") })
        let stream = report.runs[0].streams[0]
        for text in [
            UnitText.ratio(stream.loss.ratio), UnitText.time(ns: stream.rttNs?.p99),
            UnitText.bitRate(stream.throughput.receivedBitsPerSecond),
        ] { #expect(row.contains("| \(text) |"), "\(row)") }
    }

    @Test("a threshold that does not hold has a row")
    func failures() throws {
        var report = try Exported.sample()
        report.runs[0].thresholds[0].passed = false
        report.runs[0].state(Judgement(causes: [Cause(.fail, "it does not hold")]))
        report.state(Judgement(causes: [Cause(.fail, "it does not hold")]))
        let text = try Exported.text(report, as: "markdown")
        #expect(text.hasPrefix("## ❌ quickstart: fail\n\n- fail: it does not hold\n"))
        #expect(
            text.contains(
                "| steady on loopback | calls | ledger.forward\\_lost == 0 | 0 | does not hold |"))
    }

    @Test("hostile text makes no markup: no tag, no link, no cell, no line")
    func hostile() throws {
        let text = try Exported.text(Exported.hostileReport(), as: "markdown")
        #expect(Exported.isHarmless(text))
        #expect(!text.replacing(/<\/?sub>/, with: "").contains("<"))
        #expect(
            !text.contains("](") && !text.contains("://") && !text.contains("`g`".prefix(2))
                || text.contains("\\`"))
        let tables = text.split(separator: "\n").filter { $0.hasPrefix("|") }
        // Pipes that are not escaped separate cells: as many as in the title of the table.
        func cells(_ line: Substring) -> Int { line.replacing("\\|", with: "").count { $0 == "|" } }
        var count = 0
        for (index, line) in tables.enumerated() {
            if index + 1 < tables.count, tables[index + 1].hasPrefix("| ---") {
                count = cells(line)
            }
            #expect(cells(line) == count, "\(line)")
        }
        for line in text.split(separator: "\n") {
            #expect(["#", "-", "|", "<"].contains(line.prefix(1)), "\(line)")
        }
    }

    @Test("a page has at most 1 MiB, whatever the report")
    func bounded() throws {
        var report = try Exported.sample()
        let long = String(repeating: "<&|*", count: 500)
        let run = report.runs[0]
        report.runs = (0..<600).map { number in
            var run = run
            run.scenario = "\(number)\(long)"
            run.network = long
            run.thresholds = [
                ThresholdReport(
                    sender: long, expression: long, figure: "loss.ratio", value: 1, passed: false)
            ]
            return run
        }
        report.state(Judgement(causes: (0..<500).map { Cause(.fail, "\($0)\(long)") }))
        let text = try Exported.text(report, as: "markdown")
        #expect(text.utf8.count <= MarkdownExporter.bytesMax)
        #expect(text.contains("more rows, which the report has"))
        let short = MarkdownExporter(bytesMax: 400).text(of: [
            ExportedDocument(name: "r", .report(report))
        ])
        #expect(short.utf8.count <= 400)
        #expect(
            MarkdownExporter(bytesMax: 3).text(of: [ExportedDocument(name: "r", .report(report))])
                == "")
    }

    @Test("a score card says what to change")
    func card() throws {
        let card = try Exported.card()
        let text = MarkdownExporter().text(of: [ExportedDocument(name: "c", .scoreCard(card))])
        let changes = card.trials.compactMap(\.change)
        #expect(!changes.isEmpty)
        for change in changes {
            #expect(text.contains(Escaping.markdown(String(change.prefix(40)))))
        }
    }
}
