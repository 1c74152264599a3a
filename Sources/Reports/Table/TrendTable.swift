/// Figures over several reports, for a terminal: a table for each stream and figure.
///
///     voice on clean, calls: rtt.p99
///       report    runs   median  least … most
///       mon.json     5  45.1 µs  44.0 … 46.2 µs
///       tue.json     5  90.3 µs  88.1 … 93.0 µs  changed
package struct TrendTable {
    private static let rule =
        "changed: by an exact rank test over the runs against the report before, at a false "
        + "discovery rate of 5 % over the reports of a table (Benjamini and Hochberg); with fewer "
        + "than four runs of each no change is found"

    /// Returns the tables.
    /// - Returns: Lines, each with a line feed at its end.
    package static func render(
        _ trends: [FigureTrend], width: Int = 80, color: Bool = false
    ) -> String {
        let style = TerminalStyle(isOn: color)
        let width = max(width, ReportTable.widthMin)
        let blocks = trends.flatMap { lines(of: $0, width: width, style) + [""] }
        let rule = TerminalText.sentence(
            Self.rule, indent: 0, width: min(width, ReportTable.widthMax))
        return (blocks + rule).map { $0 + "\n" }.joined()
    }

    private static func lines(
        of trend: FigureTrend, width: Int, _ style: TerminalStyle
    ) -> [String] {
        let unit = trend.figure.unit
        let changes = trend.changes
        var table = TextTable([
            .name("report"), .figure("runs"), .figure("median"), .figure("least … most"),
            .figure(""),
        ])
        for (index, step) in trend.steps.enumerated() {
            let range = [step.values.min(), step.values.max()].map { UnitText.text($0, unit: unit) }
            table.add([
                step.name, "\(step.values.count)", UnitText.text(step.median, unit: unit),
                step.values.isEmpty ? "–" : range.joined(separator: " … "),
                changes.contains(index) ? "changed" : "",
            ])
        }
        let title =
            "\(trend.scenario) on \(trend.network), \(trend.sender): \(trend.figure.name)"
        return [style(.bold, TerminalText.harmless(title))]
            + table.lines(width: width, style: style).all
    }
}
