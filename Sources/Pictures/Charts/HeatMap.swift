import Metrics
import Reports

/// The delays over time: the stronger a cell, the more answers had that delay at that time. The
/// axis of the delay is logarithmic, with four bins to an octave.
struct HeatMap {
    private static let levels = 6
    private static let columnsMax = 100

    let axis: TimeAxis

    private struct Column {
        var from: Double
        var to: Double
        var counts: [Int: Int]
    }

    var markup: Markup {
        let columns = columns
        let bins = columns.flatMap(\.counts.keys)
        guard let first = bins.min(), let last = bins.max() else {
            return .element(
                "p", [.kind("missing")],
                "This report has no delays by time and size: it was written by an earlier version, "
                    + "or nothing was answered.")
        }
        let low = Double(max(1, DelayColumn.lowerNs(ofBin: first)))
        let high = Double(max(2, DelayColumn.lowerNs(ofBin: last + 1)))
        let scale = Scale(kind: .logarithmic, low: low, high: max(high, low * 1.5))
        let rows = last - first + 1
        var plot = Plot(
            "delays over time", height: min(200, max(72, Double(rows) * 8)), margin: .labelled)
        let ticks = scale.ticks(5)
        plot.axisLeft(
            zip(ticks, TickText.texts(ticks, unit: .nanoseconds)).map { (scale.share($0), $1) })
        plot.axisBelow(axis.ticks)
        for (level, outline) in cells(columns, scale, plot.height).enumerated() {
            plot.add(outline, "heat h\(level)")
        }
        axis.drawEvents(on: &plot)
        plot.text("strong: many", x: 1, y: 12, dx: 10, "soft")
        plot.text("faint: few", x: 1, y: 28, dx: 10, "soft")
        return Strips.strip("All delays", "answers by time and delay, on a logarithmic axis", plot)
    }

    /// The columns, neighbours merged where there are too many.
    private var columns: [Column] {
        let all = axis.columns.compactMap { column -> Column? in
            guard let heat = column.interval.heat else { return nil }
            let counts = heat.counts.enumerated().filter { $0.element > 0 }.map {
                (heat.first + $0.offset, $0.element)
            }
            return Column(
                from: column.from, to: column.to,
                counts: Dictionary(counts, uniquingKeysWith: { [$0, $1].clampedSum }))
        }
        let size = (all.count + Self.columnsMax - 1) / Self.columnsMax
        guard size > 1 else { return all }
        return stride(from: 0, to: all.count, by: size).map { start in
            all[start..<min(start + size, all.count)].dropFirst().reduce(all[start]) { one, next in
                Column(
                    from: one.from, to: next.to,
                    counts: one.counts.merging(
                        next.counts, uniquingKeysWith: { [$0, $1].clampedSum }))
            }
        }
    }

    /// The cells of each level, from the palest.
    private func cells(_ columns: [Column], _ scale: Scale, _ height: Double) -> [Outline] {
        // A column's share counts, so that the last column, which is longer, is no darker.
        var levels = [Outline](repeating: Outline(), count: Self.levels)
        for column in columns {
            let total = Double(column.counts.values.clampedSum)
            for (bin, count) in column.counts.sorted(by: { $0.key < $1.key }) {
                let share = Double(count) / max(total, 1)
                let raw = Double(Self.levels) + logarithm(share) * 2.2
                let level = min(Self.levels - 1, max(0, Int(raw)))
                let top = scale.share(Double(DelayColumn.lowerNs(ofBin: bin + 1)))
                let bottom = scale.share(Double(max(1, DelayColumn.lowerNs(ofBin: bin))))
                levels[level].rectangle(
                    column.from * Plot.units, height * (1 - top),
                    (column.to - column.from) * Plot.units, height * (top - bottom))
            }
        }
        return levels
    }
}
