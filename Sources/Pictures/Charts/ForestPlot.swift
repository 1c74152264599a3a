import Reports

/// The comparison of one figure: for each network the difference from the first one with its
/// interval, and a dot per run. Undecided rows are grey, and say what a decision takes.
struct ForestPlot {
    private static let rowHeight = 30.0

    /// The comparisons of one figure with one baseline.
    let rows: [ComparisonReport]

    /// Returns the panels of a scenario's stream: one per figure that differs in any run.
    static func panels(_ comparisons: [ComparisonReport]) -> [ForestPlot] {
        guard let baseline = comparisons.first?.a.name else { return [] }
        let own = comparisons.filter { $0.a.name == baseline }
        var metrics: [String] = []
        for row in own where !metrics.contains(row.metric) { metrics.append(row.metric) }
        return metrics.compactMap { metric in
            let rows = own.filter { $0.metric == metric }
            let values = rows.flatMap { $0.a.values + $0.b.values }
            guard let first = values.first, values.contains(where: { $0 != first }) else {
                return nil
            }
            return ForestPlot(rows: rows)
        }
    }

    /// Returns the figures that are equal in every run, which have no panel.
    static func equal(_ comparisons: [ComparisonReport]) -> [String] {
        var names: [String] = []
        let shown = Set(panels(comparisons).flatMap(\.rows).map(\.metric))
        for row in comparisons where !shown.contains(row.metric) && !names.contains(row.metric) {
            names.append(row.metric)
        }
        return names
    }

    private var unit: ReportUnit? { rows.first?.unit.flatMap(ReportUnit.init) }
    private var height: Double { Double(rows.count + 1) * Self.rowHeight }

    var markup: Markup {
        guard let first = rows.first, let baseline = first.a.median else {
            return .element("p", [.kind("missing")], "The first network has no run with a value.")
        }
        let ends = rows.flatMap { row -> [Double] in
            let effect = row.effect
            return row.b.values.map { $0 - baseline }
                + [effect?.differenceLow, effect?.differenceHigh].compactMap { $0 }
        }
        let all = ends + first.a.values.map { $0 - baseline } + [0]
        let (low, high) = (all.min() ?? 0, all.max() ?? 1)
        let room = max(high - low, 1e-9) * 0.04
        let scale = Scale.linear(low - room, high + room)
        let ticks = scale.ticks(4)
        let texts =
            unit == .ratio
            ? TickText.points(ticks) : TickText.texts(ticks, unit: unit, signed: true)
        var plot = Plot(label, height: height, margin: .rows)
        plot.axisBelow(zip(ticks, texts).map { (scale.share($0), $1) })
        plot.line(x1: scale.share(0), y1: 0, x2: scale.share(0), y2: height, "zero")
        row(of: first.a, at: 0, scale, baseline, &plot)
        for (index, row) in rows.enumerated() {
            draw(row, at: Double(index + 1) * Self.rowHeight, scale, baseline, &plot)
        }
        return .element(
            "div", [.kind("panel")],
            .element(
                "p", [.kind("panel-title")], .element("strong", [], Markup(first.metric)),
                .element(
                    "span", [.kind("soft")],
                    Markup(
                        ", difference from \(first.a.name), whose median is "
                            + "\(UnitText.text(baseline, unit: unit)); "
                            + (first.better == .lower ? "lower" : "higher") + " is better"))),
            plot.markup)
    }

    private var label: String {
        rows.map { "\($0.metric) of \($0.b.name) beside \($0.a.name): \($0.says)" }
            .joined(separator: "; ")
    }

    private func row(
        of side: SideReport, at y: Double, _ scale: Scale, _ baseline: Double, _ plot: inout Plot
    ) {
        let middle = y + Self.rowHeight / 2
        plot.text(ShortName.of(side.name), x: 0, y: middle + 4, dx: -8, "name end", tip: side.name)
        dots(side, middle, scale, baseline, "run", &plot)
        plot.text("baseline", x: 1, y: middle + 4, dx: 10, "soft")
    }

    private func dots(
        _ side: SideReport, _ y: Double, _ scale: Scale, _ baseline: Double, _ kind: String,
        _ plot: inout Plot
    ) {
        for (index, value) in side.values.prefix(60).enumerated() {
            plot.dot(
                x: scale.share(value - baseline), y: y, radius: 3, kind,
                tip: "\(side.name), value \(index + 1): \(UnitText.text(value, unit: unit))")
        }
    }

    private func draw(
        _ row: ComparisonReport, at y: Double, _ scale: Scale, _ baseline: Double,
        _ plot: inout Plot
    ) {
        let middle = y + Self.rowHeight / 2
        let kind = "c-\(row.verdict.rawValue)"
        let tip = ([row.says] + row.reasons).joined(separator: "; ")
        plot.text(
            ShortName.of(row.b.name), x: 0, y: middle + 4, dx: -8, "name end", tip: row.b.name)
        if let effect = row.effect {
            if let low = effect.differenceLow, let high = effect.differenceHigh {
                let (x1, x2) = (scale.share(low), scale.share(high))
                plot.line(x1: x1, y1: middle, x2: x2, y2: middle, "reach \(kind)", tip: tip)
                plot.line(x1: x1, y1: middle - 5, x2: x1, y2: middle + 5, "cap \(kind)")
                plot.line(x1: x2, y1: middle - 5, x2: x2, y2: middle + 5, "cap \(kind)")
            }
            let x = scale.share(effect.difference)
            plot.line(x1: x, y1: middle - 9, x2: x, y2: middle + 9, "estimate \(kind)", tip: tip)
        }
        dots(row.b, middle, scale, baseline, "run \(kind)", &plot)
        plot.text(row.words, x: 1, y: middle + 4, dx: 10, "words \(kind)", tip: tip)
    }
}

extension ComparisonReport {
    /// The verdict for the room beside a row.
    fileprivate var words: String {
        switch verdict {
        case .better, .worse:
            "\(verdict.rawValue) \(effect.map { ComparisonText.change($0, unit: unit) } ?? "")"
        case .same: says.hasPrefix("same within ") ? "same ±" + says.dropFirst(12) : "same"
        case .noConclusion: "undecided"
        }
    }
}
