import Loops
import Metrics
import Plans
import Reports

/// A stream over time: its intervals, and its losses one by one.
extension RunAssembly {
    /// Returns the figures with intervals on the report's axis, and the map of the losses; nil if
    /// the pattern of the losses is not known.
    func overTime(
        _ index: Int, _ figures: StreamFigures, _ result: SenderResult, _ ledger: Ledger
    ) -> (figures: StreamFigures, map: LossMapReport?) {
        var figures = figures
        extendLastInterval(index, &figures, result)
        if layout.isOneWay(scenario.senders[index]) { addSenderSide(index, &figures, result) }
        // Of a sender that starts later, the axis still begins with the run.
        let afterNs = scenario.senders[index].options.startAfterNs
        for interval in figures.intervals.indices {
            figures.intervals[interval].startNs += afterNs
        }
        let losses = figures.lossRuns.map { runs in
            mapping(index, runs, ledger, originNs: result.startNs - Int64(afterNs))
        }
        let runs = losses?.runs() ?? []
        if let lengthNs = figures.intervalNs, !figures.intervals.isEmpty {
            var divided = IntervalLosses(figures.intervals, lengthNs: lengthNs)
            figures.intervals = divided.divided(by: runs, ledger)
        }
        guard let losses else { return (figures, nil) }
        let kept = runs.prefix(layout.report.lossRuns(in: scenario))
        let others = runs.dropFirst(kept.count)
        return (
            figures,
            LossMapReport(
                runs: Array(kept), runsLeftOut: losses.losses.runsLeftOut + others.count,
                probesLeftOut: losses.losses.probesLeftOut
                    + others.reduce(0) { $0 + $1.count })
        )
    }

    // MARK: - Intervals

    /// Adds what only the sender knows to a sink's intervals: skipped slots, and those that a reset
    /// kept from being sent. The sink begins to count when the run is planned to begin, and the
    /// sender when its warm-up is over.
    private func addSenderSide(
        _ index: Int, _ figures: inout StreamFigures, _ result: SenderResult
    ) {
        guard let lengthNs = figures.intervalNs, let ownNs = result.figures.intervalNs else {
            return
        }
        let afterNs = Int64(scenario.senders[index].options.startAfterNs)
        let shiftNs = Int(axisNs + afterNs - result.startNs)
        for index in figures.intervals.indices { figures.intervals[index].startNs += shiftNs }
        guard lengthNs % ownNs == 0 else {
            for index in figures.intervals.indices { figures.intervals[index].skipped = nil }
            return
        }
        let each = Int(lengthNs / ownNs)
        for (index, own) in result.figures.intervals.enumerated() {
            let place = min(index / each, figures.intervals.count - 1)
            guard place >= 0 else { return }
            figures.intervals[place].skipped? += own.skipped ?? 0
            figures.intervals[place].refused += own.refused
        }
    }

    /// Lets the last interval of a planned duration reach to the end of the drain: its arrivals are
    /// in it.
    private func extendLastInterval(
        _ index: Int, _ figures: inout StreamFigures, _ result: SenderResult
    ) {
        guard case .durationNs(let durationNs) = scenario.senders[index].length,
            let last = figures.intervals.last, let lengthNs = last.lengthNs,
            last.startNs + lengthNs >= durationNs
        else { return }
        let endNs = Int(result.endNs - result.startNs)
        figures.intervals[figures.intervals.count - 1].lengthNs =
            max(lengthNs, endNs - last.startNs)
    }

    // MARK: - Losses

    private func mapping(
        _ index: Int, _ losses: LossRunList, _ ledger: Ledger, originNs: Int64
    ) -> LossMapping {
        var mapping = LossMapping(losses: losses, ledger: ledger, originNs: originNs)
        mapping.dropsUnseen = outcome.network != nil
        mapping.relayed = relayedRanges(index)
        if !layout.isOneWay(scenario.senders[index]) { mapping.unarrived = unarrivedRanges(index) }
        return mapping
    }

    /// Returns the probes of a stream that did not reach the responder; nil if one of its instances
    /// does not know them all: it was killed, or several threads had windows of one flow.
    private func unarrivedRanges(_ index: Int) -> FlowRanges<Bool>? {
        var ranges = FlowRanges<Bool>()
        for part in layout.measuredParts(index) {
            guard let responder = outcome.responder(ofPart: part, layout),
                responder.record.formers.isEmpty,
                let streams = responder.totals?.streams, streams.indices.contains(part),
                streams[part].splitFlows == 0, let runs = streams[part].figures.lossRuns
            else { return nil }
            let flows = layout.parts[part].flows
            for run in runs.runs.sorted(by: { ($0.flow, $0.first) < ($1.flow, $1.first) }) {
                ranges.add(
                    run.first..<run.first + run.count, flow: flows.lowerBound + run.flow, true)
            }
            if runs.runsLeftOut > 0 { ranges.isCut(flows: flows) }
        }
        return ranges
    }

    /// Returns the probes of a stream that did not pass the relay; nil without a relay's result,
    /// and of requests, whose numbers it cannot read.
    private func relayedRanges(_ index: Int) -> FlowRanges<RelayFate>? {
        guard let losses = outcome.relay?.result?.relay?.losses,
            scenario.senders[index].kind == .probes, scenario.senders[index].request == nil
        else { return nil }
        var ranges = FlowRanges<RelayFate>()
        var first = 0
        for (part, stream) in layout.parts.enumerated() {
            defer { first += stream.flows.count }
            guard stream.sender == index, stream.isMeasured else { continue }
            let numbers = first..<first + stream.flows.count
            func flow(_ number: Int) -> Int { number - first + stream.flows.lowerBound }
            for run in losses.runs where numbers.contains(run.flow) {
                ranges.add(run.first..<run.first + run.count, flow: flow(run.flow), run.fate)
            }
            for number in numbers where number < losses.ends.count {
                ranges.end(flow: flow(number), at: losses.ends[number], .neverArrived)
            }
            if part < losses.areLeftOut.count, losses.areLeftOut[part] {
                ranges.isCut(flows: stream.flows)
            }
        }
        return ranges
    }
}
