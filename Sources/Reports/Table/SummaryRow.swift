import Metrics

/// The runs of a scenario on a network, summed up: a row of the summary. A scenario with several
/// senders has a row for each.
///
/// The unit is the run: each figure is the median of one value per run.
package struct SummaryRow: Sendable, Equatable {
    package let scenario: String
    package let network: String
    /// The sender; nil for runs without streams, such as those of a battery.
    package let sender: String?
    /// The number of runs, and of those that passed.
    package let runs: Int
    package let passed: Int
    /// The most severe verdict of the runs.
    package let verdict: Verdict
    /// The number of runs that the figures are from.
    package let measured: Int
    package let lossRatio: Double?
    /// The interval of the median loss over the runs; nil for a single run.
    package let lossInterval: ConfidenceInterval?
    package let p50Ns: Double?
    package let p99Ns: Double?
    /// The interarrival jitter of RFC 3550.
    package let jitterNs: Double?
    package let receivedBitsPerSecond: Double?
    package let receivedPps: Double?
    /// The datagrams of all runs, measured or not, that this host did not send or receive.
    package let lostByHost: Int
    package let scheduled: Int
    /// The trials of batteries that passed, and all of them; nil without a battery.
    package let trials: Trials?

    package struct Trials: Sendable, Equatable {
        package let passed: Int
        package let count: Int
    }

    /// Sums up runs of one scenario and network.
    /// - Parameter sender: The sender whose streams are summed up.
    init(_ runs: [RunReport], sender: String?) {
        scenario = runs.first?.scenario ?? ""
        network = runs.first?.network ?? ""
        self.sender = sender
        self.runs = runs.count
        passed = runs.count { $0.verdict == .pass }
        verdict = runs.map(\.verdict).max() ?? .inconclusive
        let usable = runs.filter(\.isUsable)
        // Figures of runs that this host limited are shown only where there are no others, and
        // those of runs that contradict themselves never.
        let shown = usable.isEmpty ? runs.filter { $0.verdict != .invalid } : usable
        func own(_ runs: [RunReport]) -> [StreamReport] {
            runs.compactMap { run in run.streams.first { $0.sender == sender } }
        }
        let streams = own(shown)
        measured = streams.count
        let losses = streams.compactMap(\.loss.ratio)
        lossRatio = Self.median(losses)
        lossInterval = ConfidenceInterval.median(losses)
        let delays = streams.compactMap { $0.rttNs ?? $0.oneWayNs }
        p50Ns = Self.median(delays.compactMap(\.p50).map(Double.init))
        p99Ns = Self.median(delays.compactMap(\.p99).map(Double.init))
        jitterNs = Self.median(streams.compactMap(\.rtpJitterNs))
        receivedBitsPerSecond = Self.median(streams.compactMap(\.throughput.receivedBitsPerSecond))
        receivedPps = Self.median(streams.compactMap(\.throughput.receivedPps))
        let all = own(runs)
        lostByHost = all.map(\.ledger.lostByHost).clampedSum
        scheduled = all.map(\.ledger.scheduled).clampedSum
        let batteries = runs.compactMap(\.battery)
        trials =
            batteries.isEmpty
            ? nil
            : Trials(
                passed: batteries.map(\.score.pass).clampedSum,
                count: batteries.map(\.trials.count).clampedSum)
    }

    private static func median(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : Reports.median(ofSorted: values.sorted())
    }
}

extension Report {
    /// The summary: a row per scenario, network and sender, in the order of the plan.
    package var summaryRows: [SummaryRow] {
        runs.map { [$0.scenario, $0.network] }.inFirstOrder.flatMap { place in
            let own = runs.filter { [$0.scenario, $0.network] == place }
            let senders = own.flatMap(\.streams).filter { $0.kind == .probes }.map(\.sender)
            return senders.isEmpty
                ? [SummaryRow(own, sender: nil)]
                : senders.inFirstOrder.map { SummaryRow(own, sender: $0) }
        }
    }
}

extension RunReport {
    /// Whether the run's figures describe the service under test, and not this host.
    package var isUsable: Bool { verdict == .pass || verdict == .fail }
}

extension Ledger {
    /// The datagrams that this host did not send, or dropped at a full buffer.
    package var lostByHost: Int {
        [
            skipped, localQueue, localFirewall, otherError, responderOverflow ?? 0,
            senderOverflow ?? 0,
        ].clampedSum
    }
}

extension Sequence<Int> {
    /// The sum, which for the numbers of a report from elsewhere may exceed 64 bits: then the
    /// largest number.
    package var clampedSum: Int {
        reduce(0) { sum, number in
            let (next, isOver) = sum.addingReportingOverflow(number)
            return isOver ? .max : next
        }
    }
}
