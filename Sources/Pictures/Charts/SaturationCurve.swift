import Reports

/// The stages of a sender: what came back and how long it took, over the rate that was offered. A
/// line per network, which is the median of its runs; the dashed line is the knee.
struct SaturationCurve {
    private static let height = 150.0

    let groups: [StreamGroup]

    /// A stage of a network over its runs.
    private struct Point {
        let offered: Double
        let carried: Double?
        let p99: Double?
    }

    private struct Line {
        let network: String
        let colour: Int
        let points: [Point]
        let knee: Double?
    }

    /// The groups that have stages of several rates.
    static func groups(of groups: [StreamGroup]) -> [StreamGroup] {
        groups.filter { group in group.members.contains { $0.stream.knee != nil } }
    }

    var markup: Markup {
        let lines = lines
        let rates = lines.flatMap { $0.points.map(\.offered) }
        guard let most = rates.max(), most > 0 else { return .none }
        let across = Scale.linear(0, most)
        let delays = Scale.times(of: lines.flatMap { $0.points.compactMap(\.p99) })
        return panel(
            lines, "Carried", "datagrams in time over those offered, per second", across,
            Scale.linear(0, most), unit: .packetsPerSecond, hasDiagonal: true, \.carried)
            + (delays.map {
                panel(
                    lines, "p99", "the 99th percentile of the delay over the offered rate", across,
                    $0, unit: .nanoseconds, hasDiagonal: false, \.p99)
            } ?? .none)
    }

    private var lines: [Line] {
        groups.enumerated().map { index, group in
            let streams = group.members.map(\.stream).filter { $0.stages != nil }
            let count = streams.compactMap { $0.stages?.count }.min() ?? 0
            let points = (0..<count).compactMap { stage -> Point? in
                let runs = streams.compactMap { $0.stages?[stage] }
                guard let first = runs.first else { return nil }
                return Point(
                    offered: first.offeredPps,
                    carried: Self.median(
                        runs.compactMap { run in
                            run.lost.map {
                                Double(run.sent - $0) * 1e9 / Double(max(1, run.lengthNs))
                            }
                        }),
                    p99: Self.median(runs.compactMap { $0.delayP99Ns.map(Double.init) }))
            }
            return Line(
                network: group.network, colour: index % 6,
                points: points.sorted { $0.offered < $1.offered },
                knee: Self.median(streams.compactMap { $0.knee?.offeredPps }))
        }
    }

    private static func median(_ values: [Double]) -> Double? {
        SideReport(name: "", runs: values.count, leftOut: 0, values: values).median
    }

    private func panel(
        _ lines: [Line], _ name: String, _ about: String, _ across: Scale, _ up: Scale,
        unit: ReportUnit, hasDiagonal: Bool, _ value: (Point) -> Double?
    ) -> Markup {
        var plot = Plot("\(name): \(about)", height: Self.height, margin: .labelled)
        let ticks = up.ticks(4)
        plot.axisLeft(zip(ticks, TickText.texts(ticks, unit: unit)).map { (up.share($0), $1) })
        let below = across.ticks(5)
        plot.axisBelow(
            zip(below, TickText.texts(below, unit: .packetsPerSecond)).map {
                (across.share($0), $1)
            })
        func y(_ value: Double) -> Double { Self.height * (1 - up.share(value)) }
        if hasDiagonal {
            plot.line(
                x1: 0, y1: y(0), x2: 1, y2: y(across.high), "range",
                tip: "everything that was offered")
        }
        for line in lines {
            if let knee = line.knee {
                let x = across.share(knee)
                plot.line(
                    x1: x, y1: 0, x2: x, y2: Self.height, "gate",
                    tip: "knee of \(line.network): \(UnitText.packetRate(knee))")
            }
            var outline = Outline()
            let points = line.points.compactMap { point in value(point).map { (point, $0) } }
            outline.lines(points.map { (across.share($0.offered) * Plot.units, y($1)) })
            plot.add(outline, "curve n\(line.colour)", title: line.network)
            for (point, value) in points {
                plot.dot(
                    x: across.share(point.offered), y: y(value), radius: 3,
                    "n\(line.colour) end",
                    tip: "\(line.network), \(UnitText.packetRate(point.offered)) offered: "
                        + UnitText.text(value, unit: unit))
            }
        }
        let ends = lines.map { line in line.points.last.flatMap(value).map(y) ?? Self.height }
        let ys = Spread.places(ends, gap: 16, within: 6...Self.height - 2)
        for (line, y) in zip(lines, ys) {
            plot.text(
                ShortName.of(line.network), x: 1, y: y + 4, dx: 10, "name n\(line.colour)")
        }
        return .element(
            "div", [.kind("panel")],
            .element(
                "p", [.kind("panel-title")], .element("strong", [], Markup(name)),
                .element("span", [.kind("soft")], Markup(" \(about)"))), plot.markup)
    }
}
