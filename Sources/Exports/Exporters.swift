import Reports

/// The forms that `udplab report` and `run --export` know.
package enum Exporters {
    /// A line per exporter, in the order of the help.
    package static let all: [any Exporter] = [
        HTMLExporter(),
        JUnitExporter(),
        MarkdownExporter(),
        CSVExporter(),
        NDJSONExporter(),
        HGRMExporter(),
        PrometheusExporter(),
        InfluxExporter(),
    ]

    package static func named(_ name: String) -> (any Exporter)? {
        all.first { $0.name == name }
    }

    /// Returns the documents in a form.
    package static func text(
        of documents: [ExportedDocument], as exporter: any Exporter
    ) throws(ExportError) -> String {
        if !exporter.takesScoreCards, documents.contains(where: \.content.isScoreCard) {
            throw ExportError("a score card has no form as \(exporter.name)")
        }
        return try exporter.text(of: documents)
    }
}
