import Metrics

/// The runs of one stream on one network: a row of every summary, on the terminal and on the page.
package struct StreamGroup: Sendable {
    /// A run with its stream.
    package final class Member: Sendable {
        /// The place of the run in the report.
        package let index: Int
        package let run: RunReport
        package let stream: StreamReport

        init(index: Int, run: RunReport, stream: StreamReport) {
            self.index = index
            self.run = run
            self.stream = stream
        }
    }

    package let scenario: String
    package let network: String
    /// The sender; nil for runs without streams, such as those of a battery.
    package let sender: String?
    /// All runs of the scenario on the network, also those without the stream.
    package let runs: [RunReport]
    /// The runs whose figures count: sound ones; where there is none, those that this host limited.
    /// The figures of runs that contradict themselves never count.
    package let members: [Member]
    /// Whether the figures are those of runs that this host limited, as there are no others.
    package let isLimited: Bool

    /// Returns the groups of a report, in the order of its runs.
    /// - Parameter counts: Whether a stream has a group of its own.
    package static func all(
        of report: Report, where counts: (StreamReport) -> Bool = { _ in true }
    ) -> [StreamGroup] {
        let places = Dictionary(grouping: report.runs.indices) { index in
            [report.runs[index].scenario, report.runs[index].network]
        }
        return report.runs.map { [$0.scenario, $0.network] }.inFirstOrder.flatMap { place in
            let runs = (places[place] ?? []).map { ($0, report.runs[$0]) }
            let senders = runs.flatMap(\.1.streams).filter(counts).map(\.sender).inFirstOrder
            return senders.isEmpty
                ? [StreamGroup(runs, sender: nil)]
                : senders.map { StreamGroup(runs, sender: $0) }
        }
    }

    private init(_ runs: [(Int, RunReport)], sender: String?) {
        scenario = runs.first?.1.scenario ?? ""
        network = runs.first?.1.network ?? ""
        self.sender = sender
        self.runs = runs.map(\.1)
        let members = runs.compactMap { index, run in
            run.streams.first { $0.sender == sender }.map {
                Member(index: index, run: run, stream: $0)
            }
        }
        isLimited = !runs.contains { $0.1.isUsable }
        self.members =
            isLimited
            ? members.filter { $0.run.verdict != .invalid } : members.filter { $0.run.isUsable }
    }

    /// Whether the runs are those of a battery, which has a summary of its own.
    package var isBattery: Bool { runs.contains { $0.battery != nil } }

    /// The sum of the ledgers of the runs whose figures count.
    package var ledger: Ledger { Ledger.sum(members.map(\.stream.ledger)) }

    /// The ledgers of all runs: what this host lost is the reason why some of them do not count.
    var allLedgers: [Ledger] {
        runs.compactMap { run in run.streams.first { $0.sender == sender }?.ledger }
    }

    /// The sum of the ledgers of all runs.
    package var allLedger: Ledger { Ledger.sum(allLedgers) }

    /// The delays of a stream: round trips, or one way where no answer is awaited.
    package static func delays(_ stream: StreamReport) -> DelaySummary? {
        stream.rttNs ?? stream.oneWayNs
    }

    /// The median over the runs, with its interval; the runs without the figure do not count.
    package func summary(_ figure: (StreamReport) -> Double?) -> SideReport {
        SideReport(
            name: network, runs: runs.count, leftOut: runs.count - members.count,
            values: members.compactMap { figure($0.stream) })
    }
}
