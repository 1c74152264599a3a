import Plans
import Reports

/// A figure over several reports: the median and the range of the runs of each report, the bound of
/// the thresholds as a line, and a mark where the rank test says that the figure changed.
struct Trend {
    private static let height = 120.0
    /// The number of reports of a trend; of more, the last ones are shown.
    private static let reportsMax = 60

    let title: String
    let trend: FigureTrend
    /// The reports that are shown.
    let steps: [FigureTrend.Step]
    /// The bounds of thresholds on the figure.
    let gates: [(text: String, value: Double)]

    /// Returns the trends of the streams that at least two reports have; those with a change first.
    static func all(_ reports: [Report], names: [String]) -> [Trend] {
        let loaded = zip(reports, names).map { report, name in
            (name: name, runs: report.runs.map(ComparedRun.init))
        }
        let figures = ComparedFigure.all.compactMap { FigureCatalog.figure($0.name) }
        let all = figures.map { FigureTrend.all(of: $0, in: loaded) }
        let keys = all.joined().map(\.key).inFirstOrder
        let trends = keys.flatMap { key in
            all.compactMap { ofFigure in
                ofFigure.first { $0.key == key }.flatMap { Trend($0, reports) }
            }
        }
        return trends.filter { !$0.changes.isEmpty } + trends.filter(\.changes.isEmpty)
    }

    /// - Returns: nil for a figure that is 0 everywhere: it has no trend.
    private init?(_ trend: FigureTrend, _ reports: [Report]) {
        steps = Array(trend.steps.suffix(Self.reportsMax))
        guard steps.contains(where: { $0.values.contains { $0 != 0 } }),
            steps.count(where: { !$0.values.isEmpty }) > 1
        else { return nil }
        self.trend = trend
        title =
            "\(trend.scenario) on \(trend.network)"
            + (trend.sender == trend.scenario ? "" : ", \(trend.sender)")
        gates = Self.bounds(on: trend, reports)
    }

    private static func bounds(
        on trend: FigureTrend, _ reports: [Report]
    ) -> [(text: String, value: Double)] {
        var seen: Set<String> = []
        let runs = reports.flatMap(\.runs).filter {
            $0.scenario == trend.scenario && $0.network == trend.network
        }
        return runs.flatMap(\.thresholds).compactMap { written in
            guard written.figure == trend.figure.reportPath.joined(separator: "."),
                seen.insert(written.expression).inserted,
                let threshold = Threshold(ofReport: written.expression)
            else { return nil }
            return (written.expression, threshold.value)
        }
    }

    /// The steps at which the figure differs from the report before.
    var changes: Set<Int> { FigureTrend.changes(steps.map(\.values)) }

    var markup: Markup {
        let unit = trend.figure.unit
        let most = steps.flatMap(\.values).max() ?? 1
        // A bound far above the values would flatten them.
        let near = gates.filter { $0.value <= most * 2 }.prefix(2)
        let scale = Scale.linear(0, max(most, near.map(\.value).max() ?? 0) * 1.1)
        var plot = Plot("\(title), \(trend.figure.name) over reports", height: Self.height)
        let ticks = scale.ticks(3)
        plot.axisLeft(zip(ticks, TickText.texts(ticks, unit: unit)).map { (scale.share($0), $1) })
        func y(_ value: Double) -> Double { Self.height * (1 - scale.share(value)) }
        for gate in near {
            plot.line(x1: 0, y1: y(gate.value), x2: 1, y2: y(gate.value), "gate", tip: gate.text)
            plot.text(gate.text, x: 0, y: y(gate.value) - 4, dx: 4, "gate-name")
        }
        let changes = changes
        let count = Double(steps.count)
        var medians: [(x: Double, y: Double)] = []
        for (index, step) in steps.enumerated() {
            guard let median = step.median, let low = step.values.min(),
                let high = step.values.max()
            else { continue }
            let x = (Double(index) + 0.5) / count
            let isChange = changes.contains(index)
            let tip =
                "\(step.name): median \(UnitText.text(median, unit: unit)), from "
                + "\(UnitText.text(low, unit: unit)) to \(UnitText.text(high, unit: unit)), "
                + "\(step.values.count) runs" + (isChange ? "; changed" : "")
            plot.line(x1: x, y1: y(low), x2: x, y2: y(high), "range", tip: tip)
            plot.dot(
                x: x, y: y(median), radius: isChange ? 5 : 3.5,
                isChange ? "median changed" : "median", tip: tip)
            if isChange {
                plot.text("changed", x: x, y: max(10, y(high) - 7), "changed-name middle", tip: tip)
            }
            medians.append((x * Plot.units, y(median)))
        }
        var line = Outline()
        line.lines(medians)
        plot.add(line, "trend-line")
        let last = steps.last { !$0.values.isEmpty }
        plot.axisBelow(
            [(0.5 / count, "first"), (1 - 0.5 / count, "last")].filter { _ in last != nil },
            hasLines: false)
        let far = gates.filter { $0.value > most * 2 }.map(\.text)
        let bounds = far.isEmpty ? "" : "; far above: " + far.joined(separator: ", ")
        return .element(
            "div", [.kind("panel")],
            .element(
                "p", [.kind("panel-title")], .element("strong", [], Markup(trend.figure.name)),
                .element("span", [.kind("soft")], Markup(" \(title)\(bounds)"))), plot.markup)
    }
}
