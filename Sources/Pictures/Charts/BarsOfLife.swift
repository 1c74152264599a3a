import Metrics
import Reports

/// The survivors of resets and outages: a bar per stream and responder from the first slot to its
/// end, resets as ticks, outages as gaps, and their detection and recovery as brackets.
struct BarsOfLife {
    private static let rowHeight = 26.0
    private static let bytesMax = 96 << 10
    private static let outagesMax = 30

    let runs: [RunReport]

    private struct Bar {
        let name: String
        let endNs: Double?
        let resetsNs: [Int64]
        let outages: [OutageReport]
        let words: String
    }

    private var lengthNs: Double {
        let ends = runs.flatMap { run in
            run.streams.compactMap { stream -> Double? in
                let last = stream.intervals.last.map {
                    Double($0.startNs) + Double($0.lengthNs ?? Int(stream.intervalNs ?? 0))
                }
                return stream.throughput.measuredNs.map(Double.init) ?? last
            } + run.timeline.map { Double($0.atNs) }
        }
        return max(ends.max() ?? 0, 1)
    }

    /// The picture; nil where nothing happened to show.
    var markup: Markup? {
        let bars = bars
        guard !bars.isEmpty else { return nil }
        let scale = Scale.linear(0, lengthNs)
        let rows = Bounded(bars, bytes: Self.bytesMax) { row($0, scale) }
        return rows.shown.joined() + axis(scale) + rows.note
    }

    private func axis(_ scale: Scale) -> Markup {
        var plot = Plot("time", height: 1, margin: .flush)
        let ticks = scale.ticks(5)
        plot.axisBelow(
            zip(ticks, TickText.texts(ticks, unit: .nanoseconds)).map { (scale.share($0), $1) })
        return plot.markup
    }

    private func row(_ bar: Bar, _ scale: Scale) -> Markup {
        var plot = Plot("\(bar.name): \(bar.words)", height: Self.rowHeight, margin: .flush)
        plot.axisBelow(scale.ticks(5).map { (scale.share($0), "") }, hasText: false)
        draw(bar, scale, &plot)
        return .element(
            "p", [.kind("life-row")], .element("strong", [], Markup(bar.name)),
            .element("span", [.kind("soft")], Markup(" " + bar.words)))
            + plot.markup
    }

    private var bars: [Bar] {
        runs.flatMap { run in
            let streams = run.streams.compactMap { stream in
                bar(stream, run.streams.count > 1 ? "\(run.title): \(stream.sender)" : run.title)
            }
            return streams + responders(run)
        }
    }

    private static func resets(_ count: Int) -> String {
        count == 1 ? "1 reset" : "\(UnitText.count(count)) resets"
    }

    private func bar(_ stream: StreamReport, _ name: String) -> Bar? {
        let resets = stream.resets
        let outages = resets.outages.filter { $0.causeNs != nil || $0.detectedNs != nil }
        guard resets.seen > 0 || !outages.isEmpty else { return nil }
        let isOver = resets.flowsEnded == stream.flows && stream.flows > 0
        let longest = outages.compactMap { outage in
            outage.endNs.map { $0 - outage.startNs }
        }.max()
        var words: [String] = []
        if resets.seen > 0 { words.append(Self.resets(resets.seen)) }
        if outages.contains(where: { $0.endNs == nil }) { words.append("down to the end") }
        if let longest { words.append("out \(UnitText.time(ns: Double(longest)))") }
        if let availability = resets.availability {
            words.append("\(UnitText.ratio(availability)) answered")
        }
        return Bar(
            name: name, endNs: isOver ? resets.endedNs.max().map(Double.init) : nil,
            resetsNs: resets.timesNs, outages: outages, words: words.joined(separator: ", "))
    }

    private func responders(_ run: RunReport) -> [Bar] {
        let isStruck = run.streams.contains { $0.kind == .hitAndRun }
        let all = run.responders.isEmpty ? [run.responder].compactMap { $0 } : run.responders
        return all.enumerated().compactMap { index, responder in
            guard let resets = responder.resets, resets.seen > 0 || isStruck else { return nil }
            let number = all.count > 1 ? " #\(index + 1)" : ""
            let end = resets.responderAlive ? nil : resets.endedNs.max().map(Double.init)
            let life = end.map { "up until \(UnitText.time(ns: $0))" } ?? "survived"
            return Bar(
                name: "\(run.title): \(responder.name)\(number)", endNs: end,
                resetsNs: resets.timesNs, outages: [],
                words: "\(life), policy \(resets.policy), \(Self.resets(resets.seen))")
        }
    }

    private func draw(_ bar: Bar, _ scale: Scale, _ plot: inout Plot) {
        let (top, thick) = (6.0, 14.0)
        let end = bar.endNs.map(scale.share) ?? 1
        plot.box(x: 0, y: top, width: end, height: thick, "life", tip: "\(bar.name): \(bar.words)")
        if bar.endNs != nil {
            plot.line(x1: end, y1: top - 4, x2: end, y2: top + thick + 4, "death", tip: bar.words)
        }
        for outage in bar.outages.prefix(Self.outagesMax) { draw(outage, top, scale, &plot) }
        var ticks = Outline()
        for time in bar.resetsNs.prefix(200) {
            let x = scale.share(Double(time)) * Plot.units
            ticks.move(x, top + thick + 1)
            ticks.line(x, top + thick + 6)
        }
        plot.add(ticks, "reset", title: "resets: \(UnitText.count(bar.resetsNs.count)) shown")
    }

    private func draw(_ outage: OutageReport, _ top: Double, _ scale: Scale, _ plot: inout Plot) {
        let start = scale.share(Double(outage.startNs))
        let end = outage.endNs.map { scale.share(Double($0)) } ?? 1
        let detected = UnitText.time(
            Elapsed(from: outage.causeNs ?? outage.startNs, to: outage.detectedNs))
        let recovered = UnitText.time(Elapsed(from: outage.returnedNs, to: outage.recoveredNs))
        let tip =
            "no answers from \(UnitText.time(ns: Double(outage.startNs))) to "
            + (outage.endNs.map { UnitText.time(ns: Double($0)) } ?? "the end")
            + "; detected after \(detected), recovered after \(recovered)"
        plot.box(x: start, y: top, width: max(end - start, 0.002), height: 14, "gap", tip: tip)
        bracket(
            outage.causeNs ?? outage.startNs, outage.detectedNs, top, "detection", tip, scale, &plot
        )
        bracket(outage.returnedNs, outage.recoveredNs, top, "recovery", tip, scale, &plot)
    }

    private func bracket(
        _ from: Int64?, _ to: Int64?, _ top: Double, _ kind: String, _ tip: String,
        _ scale: Scale, _ plot: inout Plot
    ) {
        guard let from, let to else { return }
        let (x1, x2) = (scale.share(Double(from)), scale.share(Double(to)))
        plot.line(
            x1: x1, y1: top - 3, x2: max(x2, x1 + 0.001), y2: top - 3, "bracket \(kind)", tip: tip)
        plot.line(x1: x1, y1: top - 6, x2: x1, y2: top, "bracket \(kind)", tip: tip)
        plot.line(x1: x2, y1: top - 6, x2: x2, y2: top, "bracket \(kind)", tip: tip)
    }
}
