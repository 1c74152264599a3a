import Metrics
import Reports

/// A run over time, in strips above each other: the rates sent and received, the loss by account,
/// and the delay from the median to the 99th percentile. Intervals in which this host skipped slots
/// are hatched, and the events of the timeline are lines.
struct Strips {
    let axis: TimeAxis

    private let sent: Int
    private let received: Int
    private let skipped: Int
    private let colours: LossColours
    private let kindOfDelay: String
    private let wordsOnLoss: String

    init(axis: TimeAxis, stream: StreamReport) {
        self.axis = axis
        sent = stream.ledger.sent
        received = stream.ledger.received
        skipped = stream.intervals.compactMap(\.skipped).clampedSum
        colours = LossColours(of: stream.ledger)
        kindOfDelay = stream.rttNs == nil ? "one way" : "round trip"
        wordsOnLoss = "share of the datagrams sent in each interval"
    }

    /// Makes the strips of a stream that is under way, whose losses have no account yet.
    init(axis: TimeAxis, live stream: LiveStream) {
        self.axis = axis
        sent = stream.totals.sent
        received = stream.totals.received
        skipped = 0
        colours = LossColours(of: Ledger())
        kindOfDelay = "round trip"
        wordsOnLoss =
            "share of the datagrams sent in each second, at the time at which they were given up"
    }

    var markup: Markup { rate + loss + delay }

    /// Returns a strip with its title.
    static func strip(_ title: String, _ words: String, _ plot: Plot) -> Markup {
        .element(
            "div", [.kind("strip")],
            .element(
                "p", [.kind("strip-title")], .element("strong", [], Markup(title)),
                .element("span", [.kind("soft")], Markup(words.isEmpty ? "" : " " + words))),
            plot.markup)
    }

    /// Marks the intervals in which this host was the limit.
    private func drawLimits(on plot: inout Plot) {
        for column in axis.columns where (column.interval.skipped ?? 0) > 0 {
            plot.box(
                x: column.from, y: 0, width: column.to - column.from, height: plot.height, "limit",
                tip: "this host skipped \(UnitText.count(column.interval.skipped)) slots")
        }
    }

    // MARK: Rate

    private var rate: Markup {
        let columns = axis.columns
        func pps(_ count: Int, _ interval: IntervalFigures) -> Double {
            Double(count) * 1e9 / Double(axis.lengthNs(interval))
        }
        let sent = columns.map { pps($0.interval.sent, $0.interval) }
        let received = columns.map { pps($0.interval.received, $0.interval) }
        let scale = Scale.linear(0, max((sent + received).max() ?? 0, 1) * 1.1)
        var plot = Plot("rate sent and received over time", height: 84, margin: .labelled)
        let ticks = scale.ticks(3)
        plot.axisLeft(
            zip(ticks, TickText.texts(ticks, unit: .packetsPerSecond)).map { (scale.share($0), $1) }
        )
        plot.axisBelow(axis.ticks, hasText: false)
        var area = Outline()
        for (column, value) in zip(columns, received) {
            let y = plot.height * (1 - scale.share(value))
            area.rectangle(
                column.from * Plot.units, y, (column.to - column.from) * Plot.units,
                plot.height - y)
        }
        plot.add(area, "received")
        drawLimits(on: &plot)
        plot.add(steps(sent, scale, plot.height), "sent")
        axis.drawEvents(on: &plot)
        axis.drawEventNames(on: &plot)
        plot.text("sent", x: 1, y: 12, dx: 10, "name sent-name")
        plot.text("received", x: 1, y: 28, dx: 10, "name received-name")
        if skipped > 0 { plot.text("host limit", x: 1, y: 44, dx: 10, "name limit-name") }
        let total =
            "\(UnitText.count(self.sent)) sent, \(UnitText.count(self.received)) received"
            + (skipped > 0
                ? ", \(UnitText.count(skipped)) slots skipped by this host (hatched)" : "")
        return Self.strip("Rate", total, plot)
    }

    private func steps(_ values: [Double], _ scale: Scale, _ height: Double) -> Outline {
        var outline = Outline()
        for (index, (column, value)) in zip(axis.columns, values).enumerated() {
            let y = height * (1 - scale.share(value))
            if index == 0 {
                outline.move(column.from * Plot.units, y)
            } else {
                outline.vertical(y)
            }
            outline.horizontal(column.to * Plot.units)
        }
        return outline
    }

    // MARK: Loss

    private var loss: Markup {
        let columns = axis.columns
        let parts = columns.map { column in lossParts(column.interval) }
        let most = parts.map { $0.reduce(0) { $0 + $1.share } }.max() ?? 0
        guard most > 0 else {
            return .element(
                "p", [.kind("strip-title")], .element("strong", [], "Loss"),
                .element("span", [.kind("soft")], " none in any interval"))
        }
        let scale = Scale.linear(0, min(1, most * 1.1))
        var plot = Plot("loss over time", height: 84, margin: .labelled)
        let ticks = scale.ticks(3)
        plot.axisLeft(zip(ticks, TickText.texts(ticks, unit: .ratio)).map { (scale.share($0), $1) })
        plot.axisBelow(axis.ticks, hasText: false)
        var bars: [String: Outline] = [:]
        for (column, parts) in zip(columns, parts) {
            var y = plot.height
            for part in parts {
                let height = plot.height * scale.share(part.share)
                bars[part.kind, default: Outline()].rectangle(
                    column.from * Plot.units, y - height,
                    max(column.to - column.from, 0.001) * Plot.units, height)
                y -= height
            }
        }
        for (kind, outline) in bars.sorted(by: { $0.key < $1.key }) { plot.add(outline, kind) }
        axis.drawEvents(on: &plot)
        return Self.strip("Loss", wordsOnLoss, plot)
    }

    private func lossParts(_ interval: IntervalFigures) -> [(kind: String, share: Double)] {
        guard interval.sent > 0, interval.lost > 0 else { return [] }
        let sent = Double(interval.sent)
        guard let split = interval.lostBy, !split.isEmpty else {
            return [(LossColours.unknown, Double(interval.lost) / sent)]
        }
        return split.sorted { $0.key < $1.key }.map { account, count in
            (colours.kind(of: account), Double(count) / sent)
        }
    }

    // MARK: Delay

    private var delay: Markup {
        let points = axis.columns.compactMap { column -> (Double, Double, Double, Double)? in
            guard let median = column.interval.rttP50Ns, let high = column.interval.rttP99Ns
            else { return nil }
            return (column.from, column.to, Double(median), Double(high))
        }
        guard let scale = Scale.times(of: points.flatMap { [$0.2, $0.3] }, factor: 20) else {
            return .element("p", [.kind("missing")], "No delays were measured over time.")
        }
        var plot = Plot("delay over time", height: 104, margin: .labelled)
        let ticks = scale.ticks(4)
        plot.axisLeft(
            zip(ticks, TickText.texts(ticks, unit: .nanoseconds)).map { (scale.share($0), $1) })
        plot.axisBelow(axis.ticks)
        var (band, line) = (Outline(), Outline())
        var end = -1.0
        for (from, to, median, high) in points {
            let (low, top) = (
                plot.height * (1 - scale.share(median)), plot.height * (1 - scale.share(high))
            )
            band.rectangle(
                from * Plot.units, top, (to - from) * Plot.units, max(low - top, 0.5))
            if abs(from - end) < 1e-6 {
                line.vertical(low)
            } else {
                line.move(from * Plot.units, low)
            }
            line.horizontal(to * Plot.units)
            end = to
        }
        plot.add(band, "delay-band")
        plot.add(line, "delay-line")
        axis.drawEvents(on: &plot)
        let (_, _, median, high) = points[points.count - 1]
        let ys = Spread.places(
            [high, median].map { plot.height * (1 - scale.share($0)) }, gap: 14,
            within: 6...plot.height)
        plot.text("p99", x: 1, y: ys[0] + 4, dx: 10, "name")
        plot.text("p50", x: 1, y: ys[1] + 4, dx: 10, "name")
        return Self.strip("Delay", "\(kindOfDelay), median to 99th percentile", plot)
    }
}
