import Plans
import Reports

/// A figure over several reports: the median and the range of the runs of each report, the bound of
/// the thresholds as a line, and a mark where the rank test says that the figure changed.
struct Trend {
    private static let height = 120.0
    /// The number of reports of a trend; of more, the last ones are shown.
    private static let reportsMax = 60

    struct Step: Sendable {
        let name: String
        /// The values of the runs; none if the report has none of these runs.
        let values: [Double]
    }

    let title: String
    let figure: ComparedFigure
    let unit: ReportUnit?
    let steps: [Step]
    /// The bounds of thresholds on the figure.
    let gates: [(text: String, value: Double)]

    /// Returns the trends of the streams that at least two reports have; those with a change first.
    static func all(_ reports: [Report], names: [String]) -> [Trend] {
        let groups = reports.map(StreamGroup.all)
        var keys: [[String]] = []
        for group in groups.joined() {
            let key = [group.scenario, group.network, group.sender]
            if !keys.contains(key) { keys.append(key) }
        }
        let trends = keys.flatMap { key in
            ComparedFigure.all.compactMap { figure in
                trend(of: figure, key, groups, names)
            }
        }
        let isChanged = trends.map { !$0.changes.isEmpty }
        let order =
            trends.indices.filter { isChanged[$0] } + trends.indices.filter { !isChanged[$0] }
        return order.map { trends[$0] }
    }

    private static func trend(
        of figure: ComparedFigure, _ key: [String], _ groups: [[StreamGroup]], _ names: [String]
    ) -> Trend? {
        let own = groups.map { all in
            all.first { [$0.scenario, $0.network, $0.sender] == key }
        }
        let all = zip(own, names).map { group, name in
            Step(name: name, values: group.map { values(of: figure, $0) } ?? [])
        }
        let steps = Array(all.suffix(reportsMax))
        // A figure that is 0 everywhere has no trend.
        let isMoving = steps.contains { $0.values.contains { $0 != 0 } }
        guard isMoving, steps.count(where: { !$0.values.isEmpty }) > 1 else { return nil }
        let title = "\(key[0]) on \(key[1])" + (key[2] == key[0] ? "" : ", \(key[2])")
        return Trend(
            title: title, figure: figure, unit: figure.unit, steps: steps,
            gates: bounds(on: figure, own.compactMap { $0 }))
    }

    private static func values(of figure: ComparedFigure, _ group: StreamGroup) -> [Double] {
        guard !group.isLimited else { return [] }
        return group.members.compactMap { member in
            ComparedRun(member.run).streams.first { $0.sender == member.stream.sender }?
                .value(figure.path)
        }
    }

    private static func bounds(
        on figure: ComparedFigure, _ groups: [StreamGroup]
    ) -> [(text: String, value: Double)] {
        var seen: Set<String> = []
        return groups.flatMap(\.runs).flatMap(\.thresholds).compactMap { written in
            guard written.figure == figure.path.joined(separator: "."),
                seen.insert(written.expression).inserted,
                let threshold = Threshold(ofReport: written.expression)
            else { return nil }
            return (written.expression, threshold.value)
        }
    }

    /// The steps at which the rank test finds a change from the report before, together at the
    /// level of a report's comparisons.
    var changes: Set<Int> { FigureTrend.changes(steps.map(\.values)) }

    var markup: Markup {
        let most = steps.flatMap(\.values).max() ?? 1
        // A bound far above the values would flatten them.
        let near = gates.filter { $0.value <= most * 2 }.prefix(2)
        let scale = Scale.linear(0, max(most, near.map(\.value).max() ?? 0) * 1.1)
        var plot = Plot("\(title), \(figure.name) over reports", height: Self.height)
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
            let side = SideReport(
                name: step.name, runs: step.values.count, leftOut: 0, values: step.values)
            guard let median = side.median, let low = step.values.min(),
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
                "p", [.kind("panel-title")], .element("strong", [], Markup(figure.name)),
                .element("span", [.kind("soft")], Markup(" \(title)\(bounds)"))), plot.markup)
    }
}
