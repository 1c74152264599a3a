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

    init(_ group: StreamGroup) {
        scenario = group.scenario
        network = group.network
        sender = group.sender
        runs = group.runs.count
        passed = group.runs.count { $0.verdict == .pass }
        verdict = group.runs.map(\.verdict).max() ?? .inconclusive
        measured = group.members.count
        let loss = group.summary(\.loss.ratio)
        lossRatio = loss.median
        lossInterval = ConfidenceInterval.median(loss.values)
        func delay(_ value: (DelaySummary) -> Int?) -> Double? {
            group.summary { StreamGroup.delays($0).flatMap(value).map(Double.init) }.median
        }
        p50Ns = delay(\.p50)
        p99Ns = delay(\.p99)
        jitterNs = group.summary(\.rtpJitterNs).median
        receivedBitsPerSecond = group.summary(\.throughput.receivedBitsPerSecond).median
        receivedPps = group.summary(\.throughput.receivedPps).median
        lostByHost = group.allLedgers.map(\.lostByHost).clampedSum
        scheduled = group.allLedgers.map(\.scheduled).clampedSum
        let batteries = group.runs.compactMap(\.battery)
        trials =
            batteries.isEmpty
            ? nil
            : Trials(
                passed: batteries.map(\.score.pass).clampedSum,
                count: batteries.map(\.trials.count).clampedSum)
    }
}

extension Report {
    /// The summary: a row per scenario, network and sender, in the order of the plan. Storms are a
    /// disturbance and have none.
    package var summaryRows: [SummaryRow] {
        StreamGroup.all(of: self) { $0.isFollowed }.map(SummaryRow.init)
    }
}

extension RunReport {
    /// Whether the run's figures describe the service under test, and not this host.
    package var isUsable: Bool { verdict == .pass || verdict == .fail }
}

extension Ledger {
    /// The datagrams that this host did not send, or dropped at a full buffer of udplab's own.
    package var lostByHost: Int { lossesByHost.map(\.count).clampedSum }

    /// The accounts of these datagrams, in words.
    package var lossesByHost: [(words: String, count: Int)] {
        [
            ("skipped", skipped), ("local queue", localQueue), ("local firewall", localFirewall),
            ("other error", otherError), ("responder overflow", ownOverflow),
            ("sender overflow", senderOverflow ?? 0),
        ]
    }

    /// The datagrams that overflowed the buffer of udplab's own responder. A program under test
    /// that does not empty its buffer in time has lost them itself.
    package var ownOverflow: Int { responderReceived == nil ? 0 : responderOverflow ?? 0 }

    /// The datagrams that the full receive buffers of udplab's own sockets dropped.
    package var lostInOwnBuffers: Int { ownOverflow + (senderOverflow ?? 0) }
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
