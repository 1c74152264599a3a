import Loops
import Metrics
import Plans
import Reports

/// The figures of each direction of a stream.
extension RunAssembly {
    /// Returns the way to the responder and the way back.
    /// - Parameter figures: Of a stream without answers, as they were measured.
    func ways(
        _ index: Int, _ result: SenderResult, _ ledger: Ledger, oneWay figures: StreamFigures?
    ) -> (forward: WayReport, backward: WayReport) {
        var (forward, backward) = (WayReport(), WayReport())
        forward.loss = ledger.forwardLoss
        backward.loss = ledger.backwardLoss
        if let figures {
            let measured = oneWayClock(index, measured: figures.oneWayNs)
            forward.oneWayNs = onOneClock(index, figures).oneWayNs
            forward.oneWayNs?.buckets = nil
            forward.atMostNs = measured.atMostNs
            return (forward, backward)
        }
        if let stamp = result.stamp?.oneWay {
            forward.take(stamp.forwardNs, of: stamp)
            backward.take(stamp.backwardNs, of: stamp)
            return (forward, backward)
        }
        let both = delaysOnBothWays(index, result)
        record(both.map(\.forwardNs), into: &forward, errorNs: clockErrorNs(index))
        record(both.map(\.backwardNs), into: &backward, errorNs: clockErrorNs(index))
        return (forward, backward)
    }

    /// Returns the delays of the probes whose times both ends have kept, on one clock.
    private func delaysOnBothWays(_ index: Int, _ result: SenderResult) -> [EndTimes.Ways] {
        let sent = EndTimes.ByProbe(result.endTimes.entries)
        return layout.measuredParts(index).flatMap { part -> [EndTimes.Ways] in
            guard let totals = outcome.responder(ofPart: part, layout)?.totals,
                totals.streams.indices.contains(part)
            else { return [] }
            return sent.ways(
                responder: EndTimes.ByProbe(totals.streams[part].endTimes.entries),
                responderAheadNs: outcome.clockShift(part: part, layout)?.aheadNs ?? 0)
        }
    }

    private func record(_ delaysNs: [Int64], into way: inout WayReport, errorNs: Int) {
        guard !delaysNs.isEmpty else { return }
        var histogram = DelayHistogram()
        // Within the error a delay may come out below zero, which it never is.
        for delayNs in delaysNs { histogram.record(max(0, delayNs)) }
        let summary = histogram.summary()
        way.atMostNs = summary.max.map { $0 + errorNs }
        if (summary.p50 ?? 0) >= errorNs { way.oneWayNs = summary }
    }
}

extension WayReport {
    /// Takes the delays of a way as the answers of a reflector tell them.
    fileprivate mutating func take(_ delays: DelaySummary?, of stamp: OneWayDelays) {
        // Within the error a delay may come out below zero, which it never is.
        oneWayNs = delays?.shortened(byNs: 0)
        oneWayNs?.buckets = nil
        atMostNs = delays?.max.flatMap { longest in
            stamp.errorNs.map { max(0, longest) + Int($0) }
        }
    }
}

extension OneWayClockReport {
    /// The error of a reflector's clock; nil without a bound.
    init?(_ stamp: OneWayDelays) {
        guard let errorNs = stamp.errorNs, let source = stamp.errorSource else { return nil }
        self.init(errorNs: Int(errorNs), errorSource: source)
    }
}
