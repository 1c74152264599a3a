import Exports

/// The forms of reports, for the help.
enum ReportForms {
    private static let nameWidth = 12

    /// A line per form.
    static var lines: String {
        Exporters.all.map { exporter in
            let gap = String(repeating: " ", count: max(1, nameWidth - exporter.name.count))
            return "  \(exporter.name)\(gap)\(exporter.summary)"
        }.joined(separator: "\n")
    }
}
