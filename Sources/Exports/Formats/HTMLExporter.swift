import Pictures
import Reports

/// The page: one HTML file with pictures, of reports or of score cards.
package struct HTMLExporter: Exporter {
    package let name = "html"
    package let summary = "a page with pictures, in one file"
    package let takesScoreCards = true

    package init() {}

    package func text(of documents: [ExportedDocument]) throws(ExportError) -> String {
        var reports: [(name: String, report: Report)] = []
        var cards: [(name: String, card: ScoreCard)] = []
        for document in documents {
            switch document.content {
            case .report(let report): reports.append((document.name, report))
            case .scoreCard(let card): cards.append((document.name, card))
            }
        }
        if cards.isEmpty {
            return ReportPage(reports: reports.map(\.report), names: reports.map(\.name)).html()
        }
        guard reports.isEmpty else {
            throw ExportError("reports and score cards have a page each: give one kind at a time")
        }
        return ScorePage(cards: cards.map(\.card), names: cards.map(\.name)).html()
    }
}
