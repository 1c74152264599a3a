import Metrics
import Plans
import Reports

/// The delays of a scenario's networks over the percentiles: a line per network, which is the
/// median of its runs, the runs as a faint bundle, and the thresholds as dashed lines.
struct PercentileCurve {
    private static let height = 280.0
    /// The number of lines of the bundle of one network.
    private static let bundleMax = 12
    private static let gatesMax = 4

    let groups: [StreamGroup]

    private struct Line {
        let group: StreamGroup
        let colour: Int
        let runs: [DelayCurve]
        let median: [(inverse: Double, ns: Double)]
    }

    private struct Gate {
        let text: String
        let inverse: Double
        let ns: Double
    }

    var markup: Markup {
        let lines = lines
        let gates = gates
        let all = lines.flatMap { $0.runs.flatMap { $0.points.map(\.ns) } } + gates.map(\.ns)
        guard let scale = Scale.times(of: all), !lines.isEmpty else {
            return .element("p", [.kind("missing")], "No delays were measured.")
        }
        let inverseMost = lines.flatMap { $0.runs.flatMap { $0.points.map(\.inverse) } }.max() ?? 10
        let across = Scale(kind: .logarithmic, low: 1, high: max(10, min(inverseMost, 100_000)))
        var plot = Plot(label(lines), height: Self.height, margin: .labelled)
        plot.axisLeft(
            zip(scale.ticks(7), TickText.texts(scale.ticks(7), unit: .nanoseconds)).map {
                (scale.share($0), $1)
            })
        plot.axisBelow(Self.ticks.filter { $0.0 <= across.high }.map { (across.share($0), $1) })
        draw(gates, on: &plot, across, scale)
        draw(lines, on: &plot, across, scale)
        return plot.markup
    }

    private static let ticks: [(Double, String)] = [
        (2, "50 %"), (10, "90 %"), (100, "99 %"), (1_000, "99.9 %"),
        (10_000, "99.99 %"), (100_000, "99.999 %"),
    ]

    private func label(_ lines: [Line]) -> String {
        "delay over percentiles: "
            + lines.map { line in
                let side = line.group.summary { StreamGroup.delays($0)?.p99.map(Double.init) }
                return "\(line.group.network) p99 \(UnitText.time(ns: side.median))"
            }.joined(separator: ", ")
    }

    private var lines: [Line] {
        groups.enumerated().compactMap { index, group in
            let curves = group.members.compactMap { member in
                StreamGroup.delays(member.stream).flatMap(DelayCurve.init)
            }
            guard !curves.isEmpty else { return nil }
            return Line(
                group: group, colour: index % 6, runs: curves, median: Self.median(of: curves))
        }
    }

    /// Returns the median curve, as far as every run reaches; that of a single run is its own.
    private static func median(of curves: [DelayCurve]) -> [(inverse: Double, ns: Double)] {
        guard curves.count > 1 else { return curves[0].points }
        // The last point that all runs reach is the maximum of the shortest.
        let last = curves.compactMap { $0.points.last?.inverse }.min() ?? 1
        let places = DelayCurve.grid.filter { $0 < last } + [2, 4, 20, last]
        return places.sorted().compactMap { inverse in
            let values = curves.compactMap { $0.value(at: inverse) }
            guard values.count == curves.count else { return nil }
            let side = SideReport(name: "", runs: values.count, leftOut: 0, values: values)
            return side.median.map { (inverse, $0) }
        }
    }

    private func draw(_ lines: [Line], on plot: inout Plot, _ across: Scale, _ scale: Scale) {
        func places(_ points: [(inverse: Double, ns: Double)]) -> [(x: Double, y: Double)] {
            points.map { point in
                (
                    across.share(point.inverse) * Plot.units,
                    Self.height * (1 - scale.share(point.ns))
                )
            }
        }
        for line in lines where line.runs.count > 1 {
            var bundle = Outline()
            for curve in line.runs.prefix(Self.bundleMax) { bundle.lines(places(curve.points)) }
            plot.add(bundle, "bundle n\(line.colour)")
        }
        for line in lines {
            var outline = Outline()
            outline.lines(places(line.median))
            plot.add(outline, "curve n\(line.colour)", title: tip(line))
        }
        let ends = lines.map { line in places(line.median).last ?? (0, Self.height) }
        let ys = Spread.places(ends.map(\.y), gap: 16, within: 6...Self.height - 2)
        for (line, (end, y)) in zip(lines, zip(ends, ys)) {
            plot.dot(x: end.x / Plot.units, y: end.y, radius: 3, "n\(line.colour) end")
            plot.text(
                ShortName.of(line.group.network), x: 1, y: y + 4, dx: 10,
                "name n\(line.colour)", tip: tip(line))
        }
    }

    private func tip(_ line: Line) -> String {
        let figures = [("p50", 2.0), ("p90", 10), ("p99", 100), ("p99.9", 1_000)].compactMap {
            name, inverse in
            line.median.first { abs($0.inverse / inverse - 1) < 0.001 }
                .map { "\(name) \(UnitText.time(ns: $0.ns))" }
        }
        return "\(line.group.network): " + figures.joined(separator: ", ")
    }

    private func draw(_ gates: [Gate], on plot: inout Plot, _ across: Scale, _ scale: Scale) {
        for gate in gates {
            let y = Self.height * (1 - scale.share(gate.ns))
            let x = across.share(gate.inverse)
            plot.line(x1: 0, y1: y, x2: 1, y2: y, "gate", tip: gate.text)
            plot.line(x1: x, y1: y - 5, x2: x, y2: y + 5, "gate mark", tip: gate.text)
            plot.text(gate.text, x: 0, y: y - 5, dx: 4, "gate-name")
        }
    }

    /// The upper bounds on percentiles of the delay.
    private var gates: [Gate] {
        let inverses = [
            "p50": 2.0, "p75": 4, "p90": 10, "p95": 20, "p99": 100, "p999": 1_000,
            "p9999": 10_000,
        ]
        var seen: Set<String> = []
        return groups.flatMap(\.runs).flatMap(\.thresholds).compactMap { written -> Gate? in
            guard seen.insert(written.expression).inserted,
                let threshold = Threshold(ofReport: written.expression),
                [.less, .lessOrEqual].contains(threshold.comparison),
                let group = threshold.figure.reportPath.first,
                group == "rtt_ns" || group == "one_way_ns",
                let inverse = threshold.figure.reportPath.last.flatMap({ inverses[$0] })
            else { return nil }
            return Gate(text: written.expression, inverse: inverse, ns: threshold.value)
        }.prefix(Self.gatesMax).map(\.self)
    }
}
