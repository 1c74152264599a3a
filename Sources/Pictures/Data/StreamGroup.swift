import JSON
import Metrics
import Reports

/// The runs of one stream on one network: a row of the summary.
struct StreamGroup: Sendable {
    /// A run with its stream.
    struct Member: Sendable {
        /// The place of the run in the report.
        let index: Int
        let run: RunReport
        let stream: StreamReport
    }

    let scenario: String
    let network: String
    let sender: String
    /// All runs, also those without the stream.
    let runs: [RunReport]
    /// The runs whose figures count: sound ones; where there is none, those that this host limited.
    let members: [Member]
    /// Whether the figures are those of runs that this host limited, as there are no others.
    let isLimited: Bool

    /// Returns the rows of a report, in the order of its runs.
    static func all(of report: Report) -> [StreamGroup] {
        var keys: [[String]] = []
        var runs: [[String]: [Int]] = [:]
        for (index, run) in report.runs.enumerated() where run.battery == nil {
            let senders = run.streams.map(\.sender)
            for sender in senders.isEmpty ? [""] : senders {
                let key = [run.scenario, run.network, sender]
                if runs[key] == nil { keys.append(key) }
                runs[key, default: []].append(index)
            }
        }
        return keys.map { key in
            StreamGroup(key, (runs[key] ?? []).map { ($0, report.runs[$0]) })
        }
    }

    private init(_ key: [String], _ runs: [(Int, RunReport)]) {
        (scenario, network, sender) = (key[0], key[1], key[2])
        self.runs = runs.map(\.1)
        let members = runs.compactMap { index, run in
            run.streams.first { $0.sender == key[2] }.map {
                Member(index: index, run: run, stream: $0)
            }
        }
        let sound = members.filter { $0.run.isUsable }
        isLimited = sound.isEmpty
        self.members =
            sound.isEmpty ? members.filter { $0.run.verdict == .inconclusive } : sound
    }

    /// The sum of the ledgers of the runs whose figures count.
    var ledger: Ledger { Ledger.sum(members.map(\.stream.ledger)) }

    /// The sum of the ledgers of all runs: what this host lost is the reason why some of them do
    /// not count.
    var allLedger: Ledger {
        Ledger.sum(runs.flatMap(\.streams).filter { $0.sender == sender }.map(\.ledger))
    }

    /// The delays of a stream: round trips, or one way where no answer is awaited.
    static func delays(_ stream: StreamReport) -> DelaySummary? { stream.rttNs ?? stream.oneWayNs }

    /// The median over the runs, with its interval; the runs without the figure do not count.
    func summary(_ figure: (StreamReport) -> Double?) -> SideReport {
        SideReport(
            name: network, runs: runs.count, leftOut: runs.count - members.count,
            values: members.compactMap { figure($0.stream) })
    }
}
