import Metrics
import Reports

/// The trials of a search: loss and the 99th percentile of the delay over the rate, with the rate
/// found as a line.
struct SearchPlot {
    private static let height = 150.0
    /// The number of trials that are drawn.
    private static let trialsMost = 100

    let search: SearchReport

    private struct Point {
        let rate: Double
        let trial: SearchTrialReport
    }

    var markup: Markup {
        if let adjustment = search.adjustment { return course(of: adjustment) }
        let points = search.trials.prefix(Self.trialsMost).compactMap { trial in
            (trial.offeredPps ?? trial.sentPps).map { Point(rate: $0, trial: trial) }
        }
        guard let rates = Self.rates(points) else {
            return .element("p", [.kind("missing")], "No trial was measured.")
        }
        let losses = points.compactMap(\.trial.lossRatio)
        let delays = points.compactMap { $0.trial.delayP99Ns.map(Double.init) }
        let most = losses.max() ?? 0
        return panel(
            "loss", points, rates, Scale.linear(0, most > 0 ? most * 1.08 : 0.01), .ratio,
            \.lossRatio, hasRates: false)
            + (Scale.times(of: delays).map { scale in
                panel("p99", points, rates, scale, .nanoseconds, \.delayP99, hasRates: true)
            } ?? .none)
    }

    /// Returns the load that was offered over time, and what arrived in each second.
    private func course(of adjustment: AdjustmentReport) -> Markup {
        let seconds = adjustment.subIntervals.prefix(Self.secondsMost)
        let steps = adjustment.steps.prefix(Self.stepsMost)
        let ends = seconds.map { Double($0.startNs + $0.lengthNs) } + steps.map { Double($0.atNs) }
        guard let end = ends.max(), end > 0 else {
            return .element("p", [.kind("missing")], "Nothing arrived.")
        }
        let offered = steps.map { LoadRates.bitsPerSecond(ofRow: $0.row) }
        let most = (offered + seconds.map(\.ipBitsPerSecond)).max() ?? 1
        let (across, up) = (Scale.linear(0, end), Scale.linear(0, most * 1.08))
        var plot = Plot("The load over time: \(search.answer)", height: Self.height)
        let (below, left) = (across.ticks(6), up.ticks(4))
        plot.axisLeft(
            zip(left, TickText.texts(left, unit: .bitsPerSecond)).map { (up.share($0), $1) })
        plot.axisBelow(
            zip(below, TickText.texts(below, unit: .nanoseconds)).map {
                (across.share($0), $1)
            })
        func y(_ bitsPerSecond: Double) -> Double {
            Self.height * (1 - up.share(bitsPerSecond))
        }
        for (step, bitsPerSecond) in zip(steps, offered) {
            plot.dot(
                x: across.share(Double(step.atNs)), y: y(bitsPerSecond), radius: 1.5,
                "run c-no_conclusion")
        }
        for second in seconds {
            plot.line(
                x1: across.share(Double(second.startNs)), y1: y(second.ipBitsPerSecond),
                x2: across.share(Double(second.startNs + second.lengthNs)),
                y2: y(second.ipBitsPerSecond), "event",
                tip: "\(UnitText.longBitRate(second.ipBitsPerSecond)) arrived, loss "
                    + UnitText.ratio(second.lossRatio))
        }
        return plot.markup
    }

    /// The numbers of seconds and of messages that are drawn: as many as a report has.
    private static let (secondsMost, stepsMost) = (300, 401)

    /// Returns an axis from the lowest to the highest rate.
    private static func rates(_ points: [Point]) -> Scale? {
        let rates = points.map(\.rate)
        guard let low = rates.min(), let high = rates.max(), low > 0 else { return nil }
        if high / low > 12 { return Scale(kind: .logarithmic, low: low / 1.2, high: high * 1.2) }
        let room = max(high - low, high * 0.01) * 0.06
        return .linear(max(0, low - room), high + room)
    }

    private func panel(
        _ name: String, _ points: [Point], _ rates: Scale, _ scale: Scale, _ unit: ReportUnit,
        _ value: KeyPath<SearchTrialReport, Double?>, hasRates: Bool
    ) -> Markup {
        var plot = Plot("\(name) over the rate: \(search.answer)", height: Self.height)
        let ticks = scale.ticks(4)
        plot.axisLeft(
            zip(ticks, TickText.texts(ticks, unit: unit)).map { (scale.share($0), $1) })
        let across = rates.ticks(6)
        plot.axisBelow(
            zip(across, TickText.texts(across, unit: .packetsPerSecond)).map {
                (rates.share($0), $1)
            }, hasText: hasRates)
        if let found = search.ratePps {
            let x = rates.share(found)
            plot.line(x1: x, y1: 0, x2: x, y2: Self.height, "event", tip: search.answer)
        }
        for point in points {
            guard let value = point.trial[keyPath: value] else { continue }
            plot.dot(
                x: rates.share(point.rate), y: Self.height * (1 - scale.share(value)),
                radius: point.trial.confirms ? 6 : 4, "run \(point.trial.outcome.colour)",
                tip: point.trial.line)
        }
        return .element("p", [.kind("panel-title")], Markup(name)) + plot.markup
    }
}

extension SearchTrialReport {
    fileprivate var delayP99: Double? { delayP99Ns.map(Double.init) }
}

extension SearchTrialReport.Outcome {
    /// The class of the trial's colour.
    fileprivate var colour: String {
        switch self {
        case .held: "c-better"
        case .failed: "c-worse"
        case .hostLimited, .estimate, .unjudged: "c-no_conclusion"
        }
    }
}
