import Metrics
import Plans
import Reports

/// A trial of a search as evidence: whether its rate held, and what the path delivered.
struct SearchTrial: Sendable {
    let report: SearchTrialReport
    let evidence: RateSearch.Evidence
    /// The rate of arrivals of each flow; nil without arrivals.
    let deliveredPps: Double?
    /// The share of the planned rate that was not sent.
    let shortfall: Double
    /// Whether no other rate would do better: what the trial met is not its rate.
    let isHopeless: Bool

    /// - Parameters:
    ///   - run: The run of the trial, judged.
    init?(
        _ trial: RateSearch.Trial, _ search: SearchDefinition, _ run: Judged<RunReport>,
        lengthNs: Int, tolerance: Double
    ) {
        guard let stream = run.document.streams.first(where: { $0.sender == search.sender })
        else { return nil }
        let reading = Reading(stream, lengthNs: lengthNs)
        let causes = run.judgement.causes
        let host =
            causes.first { $0.verdict == .inconclusive }?.sentence ?? reading.hostLoss(search)
        let worst = run.judgement.verdict
        isHopeless =
            [.aborted, .invalid, .incomplete].contains(worst)
            || Double(stream.ledger.tooBig) > tolerance * Double(stream.ledger.scheduled)
            || reading.deliveredPps == nil && host == nil
        let failure = host == nil ? reading.failure(search, run, causes) : nil
        let outcome: SearchTrialReport.Outcome
        if isHopeless {
            outcome = .unjudged
        } else if trial.pps == nil {
            outcome = .estimate
        } else {
            outcome = host != nil ? .hostLimited : failure != nil ? .failed : .held
        }
        evidence = host != nil ? .hostLimited : failure != nil ? .failed : .held
        deliveredPps = reading.deliveredPps.map { $0 / Double(max(1, stream.flows)) }
        let planned = trial.pps.map { $0 * Double(stream.flows) }
        let sent = stream.throughput.sentPps ?? 0
        shortfall = planned.map { max(0, 1 - sent / $0) } ?? 0
        let delays = stream.rttNs ?? stream.oneWayNs
        report = SearchTrialReport(
            outcome: outcome,
            reason: isHopeless ? causes.first?.sentence : trial.pps == nil ? nil : host ?? failure,
            confirms: trial.confirms, durationNs: lengthNs,
            offeredPps: planned,
            sentPps: stream.throughput.sentPps, deliveredPps: reading.deliveredPps,
            lossRatio: stream.loss.ratio, delayP50Ns: delays?.p50, delayP99Ns: delays?.p99,
            delayGrowth: reading.growth, ledger: stream.ledger)
    }

    /// The reading of a stream's intervals and ledger.
    struct Reading: Sendable {
        private let ledger: Ledger
        private let lost: Int
        /// The rate of arrivals after the first quarter of the trial, all flows together: the
        /// median over all spans of half that time, so that a stall at the end of a span does not
        /// count.
        ///
        /// A queue before the bottleneck is filled or growing by then, and is emptied at the rate
        /// of the bottleneck either way. The last interval is left out: it has the drain.
        let deliveredPps: Double?
        /// The growth of the median delay per time, if it exceeds the spread of the medians.
        ///
        /// A queue that is offered a share g more than it passes on grows by g seconds a second,
        /// long before it is full and drops: a short trial above the capacity has no loss and this.
        let growth: Double?

        init(_ stream: StreamReport, lengthNs: Int) {
            ledger = stream.ledger
            lost = stream.loss.count
            let whole = stream.intervals.dropLast()
            deliveredPps =
                Self.rate(
                    of: whole.filter { 4 * $0.startNs >= lengthNs }.map(\.received),
                    each: stream.intervalNs ?? 0)
                ?? stream.throughput.receivedPps.flatMap { $0 > 0 ? $0 : nil }
            growth = Self.growth(of: Array(whole), lengthNs: lengthNs)
        }

        private static func rate(of arrivals: [Int], each intervalNs: Int64) -> Double? {
            let span = (arrivals.count + 1) / 2
            guard span > 0, intervalNs > 0 else { return nil }
            let sums = (0...arrivals.count - span).map { first in
                arrivals[first..<first + span].reduce(0, +)
            }.sorted()
            let median = sums[sums.count / 2]
            return median > 0 ? Double(median) * 1e9 / (Double(span) * Double(intervalNs)) : nil
        }

        /// The medians of which each third of a trial needs so many to have a spread.
        private static let mediansLeast = 4

        private static func growth(of intervals: [IntervalFigures], lengthNs: Int) -> Double? {
            func medians(_ from: Int, _ until: Int) -> [Int] {
                intervals.filter { $0.startNs >= from && $0.startNs < until }
                    .compactMap(\.rttP50Ns).sorted()
            }
            let third = lengthNs / 3
            let (first, last) = (medians(0, third), medians(2 * third, lengthNs))
            guard first.count >= mediansLeast, last.count >= mediansLeast else { return nil }
            func quantile(_ values: [Int], _ share: Double) -> Int {
                values[min(values.count - 1, Int(Double(values.count) * share))]
            }
            let middle = medians(third, 2 * third)
            guard !middle.isEmpty else { return nil }
            let grown = quantile(last, 0.5) - quantile(first, 0.5)
            // A stall of the sender adds its length to a queue once, and not from third to third.
            let early = quantile(middle, 0.5) - quantile(first, 0.5)
            guard 4 * early >= grown, 4 * early <= 3 * grown else { return nil }
            // Of a line the two spreads together are half of the growth.
            let spread = [first, last].reduce(0) {
                $0 + quantile($1, 0.75) - quantile($1, 0.25)
            }
            guard grown > spread else { return nil }
            return Double(grown) / Double(2 * third)
        }

        /// Returns the sentence on losses in this host's own buffers without which nothing more
        /// than is allowed was lost; nil otherwise. They are below the tolerance of a run, and
        /// decide a trial that may lose nothing.
        func hostLoss(_ search: SearchDefinition) -> String? {
            let most = search.lossShare * Double(ledger.sent)
            guard search.kind == .zeroLoss, ledger.lostInOwnBuffers > 0, Double(lost) > most,
                Double(lost - ledger.lostInOwnBuffers) <= most
            else { return nil }
            return
                "\(UnitText.count(ledger.lostInOwnBuffers)) datagrams overflowed receive buffers of this host"
        }

        /// Returns the sentence on why the rate does not hold; nil if it does.
        func failure(
            _ search: SearchDefinition, _ run: Judged<RunReport>, _ causes: [Cause]
        ) -> String? {
            switch search.kind {
            case .zeroLoss:
                if Double(lost) > search.lossShare * Double(ledger.sent) {
                    return "lost \(UnitText.count(lost)) of \(UnitText.count(ledger.sent))"
                }
            case .threshold:
                if let cause = causes.first(where: { $0.verdict == .fail }) {
                    return cause.sentence
                }
            case .rfc9097: return nil
            }
            guard let growth, growth > search.precision / 4 else { return nil }
            return "a queue grows by \(UnitText.ratio(growth)) of the load"
        }
    }
}
