import Datagrams
import Load
import Metrics
import Plans
import Reports

/// A run whose scenario is a search: the trials one after the other, and the report of the one at
/// the rate found, with the search in it.
final class SearchRun: Sendable {
    /// The execution of one trial as an ordinary run, whose load may be adjusted.
    typealias Execute =
        @Sendable (RunIdentity, Bool, LoadSteering?) async -> (Judged<RunReport>, RunFailure?)

    let identity: RunIdentity
    let search: SearchDefinition
    let interruption: Interruption
    let host: any ControlHost
    let onEvent: @Sendable (LabEvent) -> Void
    let execute: Execute

    init(
        identity: RunIdentity, search: SearchDefinition, interruption: Interruption,
        host: any ControlHost, onEvent: @escaping @Sendable (LabEvent) -> Void,
        execute: @escaping Execute
    ) {
        self.identity = identity
        self.search = search
        self.interruption = interruption
        self.host = host
        self.onEvent = onEvent
        self.execute = execute
    }

    /// The datagrams of a trial of which none lost says that a rate holds.
    private static let datagramsLeast = 10.0

    private struct Made {
        let trial: RateSearch.Trial
        let reading: SearchTrial
        /// The place of the run among all.
        let place: Int
    }

    /// The outcome of the trials. A class, because reports are large values.
    private final class Outcome {
        var trials: [Made] = []
        var runs: [Judged<RunReport>] = []
        /// The run that ended the search, and could not be judged as a trial.
        var broken: Judged<RunReport>?
        var failure: RunFailure?
        var limit = SearchReport.Limit.broken
        var foundPps: Double?
        var failedPps: Double?
    }

    func run() async -> (Judged<RunReport>, RunFailure?) {
        let startNs = host.nowNs()
        if search.kind == .rfc9097 { return await adjusted(from: startNs) }
        let outcome = await trials(from: startNs)
        let run = report(outcome, durationNs: Int(host.nowNs() - startNs))
        return (run, outcome.failure)
    }

    // MARK: - The trials

    private var searched: SenderDefinition? {
        identity.scenario.senders.first { $0.name == search.sender }
    }

    /// The repeats of the last trial because this host skipped more of it than the precision: its
    /// answer is what was sent, and so that much below what was planned.
    private static let repeatsOfLastMost = 2

    private func trials(from startNs: Int64) async -> Outcome {
        let outcome = Outcome()
        guard let sender = searched, let lengthNs = sender.durationNs else { return outcome }
        let flows = sender.flowsOfAllHosts
        var machine = RateSearch(
            RateSearch.Settings(
                ceilingPps: sender.ratePps, floorPps: search.leastPps,
                floorLeastPps: Self.datagramsLeast * 1e9 / Double(lengthNs * flows),
                precision: search.precision, trialsMost: search.trialsMost,
                repeatsLosses: search.kind == .zeroLoss))
        var repeatsOfLast = 0
        while true {
            let trial: RateSearch.Trial
            switch machine.next() {
            case .end(let end, let found):
                (outcome.limit, outcome.foundPps) = (SearchReport.Limit(end), found)
                outcome.failedPps = machine.failedPps
                return outcome
            case .trial(let next): trial = next
            }
            let trialNs = trial.confirms ? search.confirmNs : lengthNs
            let isLate = host.nowNs() - startNs > Int64(search.withinNs)
            if isLate || interruption.isRequested {
                outcome.limit = isLate ? .budget : .broken
                (outcome.foundPps, outcome.failedPps) = (machine.foundPps, machine.failedPps)
                return outcome
            }
            let (run, failure) = await execute(identity(of: trial, trialNs), trial.confirms, nil)
            guard failure == nil,
                let reading = SearchTrial(
                    trial, search, run, lengthNs: trialNs, tolerance: identity.scenario.tolerance)
            else {
                (outcome.broken, outcome.failure) = (run, failure)
                (outcome.foundPps, outcome.failedPps) = (machine.foundPps, machine.failedPps)
                return outcome
            }
            onEvent(.searchTrial(reading.report))
            outcome.runs.append(run)
            outcome.trials.append(
                Made(trial: trial, reading: reading, place: outcome.runs.count - 1))
            guard !reading.isHopeless else {
                outcome.broken = run
                (outcome.foundPps, outcome.failedPps) = (machine.foundPps, machine.failedPps)
                return outcome
            }
            let isShort = reading.shortfall > search.precision / 2
            if trial.confirms, reading.evidence == .held, isShort,
                repeatsOfLast < Self.repeatsOfLastMost
            {
                repeatsOfLast += 1
                machine.again(trial)
                continue
            }
            machine.take(
                reading.evidence, of: trial,
                sentPps: isShort ? trial.pps.map { $0 * (1 - reading.shortfall) } : nil,
                deliveredPps: reading.deliveredPps)
        }
    }

    /// Returns the run of a trial: the scenario with another rate and length.
    private func identity(of trial: RateSearch.Trial, _ lengthNs: Int) -> RunIdentity {
        var identity = identity
        for index in identity.scenario.senders.indices {
            if identity.scenario.senders[index].name == search.sender {
                if let pps = trial.pps {
                    identity.scenario.senders[index].rate = .perFlow(pps: pps)
                }
            }
            // The load beside it lasts as long, unless its schedule says otherwise.
            let sender = identity.scenario.senders[index]
            if sender.durationNs != nil, sender.hasOneRate {
                identity.scenario.senders[index].length = .durationNs(lengthNs)
            }
        }
        identity.scenario.thresholds.removeAll(where: \.isOnSearch)
        return identity
    }

    // MARK: - One run with an adjusted load

    private func adjusted(from startNs: Int64) async -> (Judged<RunReport>, RunFailure?) {
        let steering = LoadSteering()
        var identity = identity
        identity.scenario.thresholds.removeAll(where: \.isOnSearch)
        let (run, failure) = await execute(identity, true, steering)
        guard let test = steering.test,
            let index = run.document.streams.firstIndex(
                where: { $0.sender == self.search.sender })
        else { return (run, failure) }
        let reading = CapacityReading(test, run, run.document.streams[index])
        let durationNs = Int(host.nowNs() - startNs)
        var search = SearchReport(kind: .rfc9097, limit: reading.limit, durationNs: durationNs)
        search.adjustment = AdjustmentReport(test)
        if let best = test.best {
            search.state(best, run.document.streams[index], isFramed: isFramed)
        }
        var document = run.document
        document.streams[index].search = search
        var judgement = run.judgement
        if let sentence = reading.sentence {
            judgement.add(Cause(.inconclusive, "\(self.search.sender): \(sentence)"))
        }
        return (judged(document, judgement, search, nil), failure)
    }

    // MARK: - The report

    private func report(_ outcome: Outcome, durationNs: Int) -> Judged<RunReport> {
        let held = outcome.trials.filter { $0.reading.report.outcome == .held }
        let found = outcome.foundPps.flatMap { pps in
            // Of several last trials the one in which most was sent.
            held.filter { $0.trial.pps == pps && $0.trial.confirms }
                .min { $0.reading.shortfall < $1.reading.shortfall }
                ?? held.last { ($0.trial.pps ?? 0) >= pps } ?? held.last
        }
        let base = found.map { outcome.runs[$0.place] } ?? outcome.broken ?? outcome.runs.last
        guard let base else {
            let why = Cause(
                .aborted,
                "stopped by \(interruption.signalName ?? "a signal") before its first trial")
            return Judged(
                RunReport(
                    scenario: identity.scenario.name, network: identity.network.name,
                    repeat: identity.repetition, seed: identity.seed, started: .now(),
                    durationNs: 0), Judgement(causes: [why]))
        }
        var search = SearchReport(
            kind: self.search.kind == .zeroLoss ? .zeroLoss : .threshold, limit: outcome.limit,
            durationNs: durationNs, trials: outcome.trials.map(\.reading.report))
        search.deliveredPps =
            outcome.trials.last { $0.reading.report.outcome == .failed }?.reading.report
            .deliveredPps
        var run = base.document
        guard let index = run.streams.firstIndex(where: { $0.sender == self.search.sender }) else {
            return base
        }
        if found != nil {
            search.state(run.streams[index], isFramed: isFramed)
            let flows = Double(run.streams[index].flows)
            search.width = outcome.failedPps.flatMap { failed in
                search.ratePps.map { failed * flows / $0 - 1 }
            }
        }
        run.streams[index].search = search
        run.durationNs = durationNs
        return judged(run, base.judgement, search, outcome)
    }

    private var isFramed: Bool {
        if case .namespace = identity.network.kind { true } else { false }
    }

    /// Returns the report with the verdict on the search, which comes on top of that on its run.
    private func judged(
        _ run: RunReport, _ judgement: Judgement, _ search: SearchReport, _ outcome: Outcome?
    ) -> Judged<RunReport> {
        var judgement = judgement
        let name = self.search.sender
        let atLeast = search.found.map { ": the path carries at least \($0)" } ?? ""
        switch search.limit {
        case .path: break
        case .plan:
            judgement.note("\(name): no limit was found up to the highest rate of the plan")
        case .host:
            judgement.add(
                Cause(
                    .inconclusive,
                    "\(name): this host, and not the path, was the limit of the search\(atLeast)"))
        case .budget where search.kind == .rfc9097:
            judgement.add(
                Cause(
                    .inconclusive,
                    "\(name): the load was still going up at its end: give it a longer "
                        + "\"duration\"\(atLeast)"))
        case .budget:
            judgement.add(
                Cause(
                    .inconclusive,
                    "\(name): the search is unfinished after \(search.trials.count) trials in "
                        + "\(UnitText.time(ns: search.durationNs))\(atLeast)"))
        case .none:
            judgement.add(Cause(.fail, "\(name): \(search.answer)"))
        case .broken:
            // The trial that ended it has its own causes, and is not the one at the rate found.
            for cause in outcome?.broken?.judgement.causes ?? [] { judgement.add(cause) }
            if let signal = interruption.signalName {
                judgement.add(Cause(.aborted, "stopped by \(signal) before the end of the search"))
            } else if judgement.verdict < .inconclusive {
                judgement.add(
                    Cause(.inconclusive, "\(name): a trial could not be judged: \(search.answer)"))
            }
        }
        var run = run
        let thresholds = identity.scenario.thresholds.filter(\.isOnSearch)
        let verdict = RunVerdict(scenario: identity.scenario)
        for result in verdict.judged(thresholds, onSearchOf: name, in: run) {
            var result = result
            // What this host or the budget ended is a lower bound: one that is missed may be met.
            let isOpen = result.miss != nil && [.host, .budget, .broken].contains(search.limit)
            if isOpen { result.report.passed = nil }
            run.thresholds.append(result.report)
            if let miss = result.miss, !isOpen { judgement.add(.fail, [miss]) }
        }
        return Judged(run, judgement)
    }
}

extension SearchReport.Limit {
    fileprivate init(_ end: RateSearch.End) {
        self =
            switch end {
            case .path: .path
            case .plan: .plan
            case .host: .host
            case .budget: .budget
            case .none: .none
            }
    }
}

extension SearchReport {
    /// The bytes of an IP packet beside the payload (RFC 768, RFC 791, RFC 8200), and of an
    /// Ethernet frame beside the packet, as a queue of Linux counts it.
    private static let (headersOfIPv4, headersOfIPv6, headerOfFrame) = (28.0, 48.0, 14.0)

    /// States the rate of the trial at the rate found.
    fileprivate mutating func state(_ stream: StreamReport, isFramed: Bool) {
        guard let pps = stream.throughput.sentPps,
            let payload = stream.throughput.sentBitsPerSecond
        else { return }
        state(pps, payload, stream, isFramed)
        lossRatio = stream.loss.ratio
    }

    /// States the capacity of a sub-interval, as it arrived, with the loss of the same time.
    fileprivate mutating func state(
        _ best: CapacityTest.SubInterval, _ stream: StreamReport, isFramed: Bool
    ) {
        let pps = Double(best.received) * 1e9 / Double(best.lengthNs)
        state(pps, pps * Double(8 * stream.payloadBytes), stream, isFramed)
        lossRatio = best.lossRatio
    }

    private mutating func state(
        _ pps: Double, _ payload: Double, _ stream: StreamReport, _ isFramed: Bool
    ) {
        let isIPv6 = stream.addresses.remote.hasPrefix("[")
        let packets = payload + 8 * pps * (isIPv6 ? Self.headersOfIPv6 : Self.headersOfIPv4)
        ratePps = pps
        payloadBitsPerSecond = payload
        ipBitsPerSecond = packets
        frameBitsPerSecond = isFramed ? packets + 8 * pps * Self.headerOfFrame : nil
    }
}
