import Metrics
import Reports

/// The single losses of a run: a row per flow, a mark per run of losses at its time, in the colour
/// of its account; the events of the timeline are lines.
final class LossMap {
    /// The least length of a mark, so that a single loss can be seen.
    private static let markLeast = 2.5
    private static let rowsMax = 160.0

    let axis: TimeAxis
    let stream: StreamReport

    private let colours: LossColours

    init(axis: TimeAxis, stream: StreamReport) {
        self.axis = axis
        self.stream = stream
        colours = LossColours(of: stream.ledger)
    }

    var markup: Markup {
        guard let map = stream.lossMap else {
            return .element(
                "p", [.kind("missing")],
                "This report has no map of the single losses: it was written by an earlier version, "
                    + "or the pattern is not known.")
        }
        guard !map.runs.isEmpty else { return .none }
        let flows = max(stream.flows, (map.runs.map(\.flow).max() ?? 0) + 1)
        let height = min(Self.rowsMax, max(36, Double(flows) * 7))
        var plot = Plot("losses by flow and time", height: height, margin: .labelled)
        plot.axisLeft(flows > 1 ? [(1, "flow 0"), (0, "\(flows - 1)")] : [])
        plot.axisBelow(axis.ticks)
        var marks: [String: Outline] = [:]
        for run in map.runs {
            let kind = colours.kind(of: run.account.rawValue)
            let from = axis.scale.share(Double(run.atNs)) * Plot.units
            let to = axis.scale.share(Double(run.untilNs)) * Plot.units
            let thick = height / Double(flows)
            marks[kind, default: Outline()].rectangle(
                from, Double(run.flow) * thick, max(to - from, Self.markLeast),
                max(thick * 0.86, 1))
        }
        for (kind, outline) in marks.sorted(by: { $0.key < $1.key }) { plot.add(outline, kind) }
        axis.drawEvents(on: &plot)
        return Strips.strip("Single losses", words(map), plot)
            + (legend(map))
    }

    private func words(_ map: LossMapReport) -> String {
        let left = map.probesLeftOut
        let shown = map.runs.map(\.count).clampedSum
        return "\(UnitText.count(shown)) datagrams by flow and time of sending"
            + (left > 0 ? "; \(UnitText.count(left)) more are not on the map" : "")
    }

    /// The colours of the map, with the accounts and their counts on it.
    private func legend(_ map: LossMapReport) -> Markup {
        var counts: [LossAccount: Int] = [:]
        for run in map.runs {
            counts[run.account] = [counts[run.account] ?? 0, run.count].clampedSum
        }
        let parts = LossAccount.allCases.filter { counts[$0] != nil }.map { account in
            let words = account.rawValue.split(separator: "_").joined(separator: " ")
            let kind = colours.kind(of: account.rawValue)
            return Markup.element(
                "span", [.kind("part")], .element("i", [.kind("swatch \(kind)")]),
                Markup("\(words) \(UnitText.count(counts[account]))"))
        }
        return .element("p", [.kind("parts legend")], all: parts)
    }
}
