import JSON
import Load

/// The size of a plan's report, and the share that the lists of each run may take.
///
/// A report has at most `bytesMax` bytes. Its fixed part, `fixedBytes`, is known beforehand, and a
/// plan is refused if that part alone is larger. The runs share the rest, which bounds their
/// intervals and outages, so that a long run has longer intervals and not a larger report.
package struct ReportBudget: Sendable, Equatable {
    package static let bytesMax = 16 << 20
    /// The maximum number of intervals of one run, over all its streams: a second each for more
    /// than an hour of one stream.
    package static let intervalsPerRunMax = 4_200
    static let intervalsPerStreamMin = 4
    /// The maximum number of outages of one run, over all its streams.
    package static let outagesPerRunMax = 512
    static let outagesPerStreamMax = 256
    static let outagesPerStreamMin = 4

    /// The written sizes of an interval and of an outage.
    package static let intervalBytes = 380
    package static let outageBytes = 420
    /// The written sizes of the report itself, and of each run, stream and flow, without lists:
    /// more than ordinary figures take, and less than the longest. `Report.bounded` shortens a
    /// report of only long ones.
    package static let reportBytes = 4 << 10
    package static let runBytes = 5 << 10
    package static let streamBytes = 13 << 10
    package static let flowBytes = 64
    static let batteryBytes = 48 << 10
    static let workerBytes = 400
    static let eventBytes = 400
    static let thresholdBytes = 512
    /// The written size of one figure of one stream on two networks, and of each of its repeats.
    static let comparisonBytes = 3 << 9
    static let comparisonBytesOfRepeat = 2 * 32
    static let comparedFigures = 8

    /// The size of the report without its lists.
    package let fixedBytes: Int
    /// The size of the lists of all streams together.
    package let bytes: Int
    /// The size of the lists of each stream.
    private let listBytes: Int

    package static func of(_ plan: Plan) -> ReportBudget {
        ReportBudget(plan.scenarios, extras: plan.extras)
    }

    init(_ scenarios: [ScenarioDefinition], extras: [JSONMember] = []) {
        let fixed =
            Int128(Self.reportBytes) + Self.bytes(of: extras)
            + scenarios.map(\.fixedReportBytes).reduce(0, +)
        let streams = scenarios.map { $0.runs * Int128($0.senders.count) }.reduce(0, +)
        let left = max(0, Int128(Self.bytesMax) - fixed)
        let listBytes = Int(clamping: left / max(1, streams))
        fixedBytes = Int(clamping: fixed)
        self.listBytes = listBytes
        let lists = scenarios.map { scenario in
            let streams = scenario.senders.count
            let intervals = scenario.senders.reduce(0) { sum, sender in
                sum + Self.spacing(of: sender, in: scenario, listBytes: listBytes).expected
            }
            let outages = streams * Self.outages(streams: streams, listBytes: listBytes)
            return scenario.runs
                * Int128(intervals * Self.intervalBytes + outages * Self.outageBytes)
        }
        bytes = Int(clamping: fixed + lists.reduce(0, +))
    }

    /// The layout of the intervals of a stream.
    package struct Spacing: Sendable, Equatable {
        /// The initial length in whole seconds.
        package let lengthNs: Int64
        /// The capacity in intervals.
        package let capacity: Int
        /// The expected number of intervals, as far as it is known.
        let expected: Int
    }

    package func spacing(
        of sender: SenderDefinition, in scenario: ScenarioDefinition
    ) -> Spacing {
        Self.spacing(of: sender, in: scenario, listBytes: listBytes)
    }

    /// Returns intervals of one second, or of more if the stream would not fit into its share; an
    /// eighth of the share is reserved for streams that take longer than planned.
    private static func spacing(
        of sender: SenderDefinition, in scenario: ScenarioDefinition, listBytes: Int
    ) -> Spacing {
        let capacity = intervals(streams: scenario.senders.count, listBytes: listBytes)
        let second: Int64 = 1_000_000_000
        guard let durationNs = sender.expectedDurationNs else {
            return Spacing(lengthNs: second, capacity: capacity, expected: capacity)
        }
        let seconds = (Int64(durationNs) + Int64(scenario.timeoutNs) + second - 1) / second
        let planned = Int64(capacity - capacity / 8)
        let length = max(1, (seconds + planned - 1) / planned)
        let expected = Int((seconds + length - 1) / length) + 1
        return Spacing(
            lengthNs: second * length, capacity: capacity, expected: min(capacity, expected))
    }

    private static func intervals(streams: Int, listBytes: Int) -> Int {
        let outages = outages(streams: streams, listBytes: listBytes)
        let fitting = (listBytes - outages * outageBytes) / intervalBytes
        return max(intervalsPerStreamMin, min(intervalsPerRunMax / max(1, streams), fitting))
    }

    /// Returns the number of outages that each stream of a scenario keeps.
    package func outages(in scenario: ScenarioDefinition) -> Int {
        Self.outages(streams: scenario.senders.count, listBytes: listBytes)
    }

    private static func outages(streams: Int, listBytes: Int) -> Int {
        let share = min(outagesPerStreamMax, outagesPerRunMax / max(1, streams))
        return max(outagesPerStreamMin, min(share, listBytes / 4 / outageBytes))
    }

    private static func bytes(of extras: [JSONMember]) -> Int128 {
        guard !extras.isEmpty, let text = try? JSONValue.object(extras).text(.pretty) else {
            return 0
        }
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") }
        return Int128(text.utf8.count + 4 * lines)
    }

    // MARK: - Limits

    /// Adds a problem if the report would be too large with the shortest lists.
    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        let budget = ReportBudget(scenarios)
        let least = scenarios.map { scenario in
            scenario.runs * Int128(scenario.senders.count)
                * Int128(
                    intervalsPerStreamMin * intervalBytes + outagesPerStreamMin * outageBytes)
        }.reduce(Int128(budget.fixedBytes), +)
        guard least > Int128(bytesMax) else { return }
        let runs = scenarios.map(\.runs).reduce(0, +)
        problems.add(
            "the report of the \(runs) runs of this plan has \(least >> 20) MiB at least (legal: "
                + "up to \(bytesMax >> 20) MiB): fewer repeats, networks, senders or flows, or "
                + "more than one plan", at: root["scenarios"] ?? root)
    }
}

extension ScenarioDefinition {
    fileprivate var runs: Int128 { Int128(networks.count) * Int128(repeats) }

    /// The size of the report of all runs, without lists of intervals and outages.
    fileprivate var fixedReportBytes: Int128 {
        typealias Budget = ReportBudget
        let instances = responder?.instances ?? 1
        let starts = timeline.count { $0.action == .start }
        let workers = senders.count + instances * (1 + starts) + 2
        var run = Budget.runBytes + workers * Budget.workerBytes
        run += timeline.count * instances * Budget.eventBytes
        run += instances > 1 ? instances * Budget.runBytes / 2 : 0
        run += battery == nil ? 0 : Budget.batteryBytes
        let judged = thresholds.reduce(0) { $0 + Budget.thresholdBytes + 2 * $1.text.utf8.count }
        let flows = senders.reduce(0) { $0 + $1.flows }
        run += senders.count * (Budget.streamBytes + judged) + flows * Budget.flowBytes
        let pairs =
            networks.count * (networks.count - 1) / 2 * senders.count * Budget.comparedFigures
        let compared =
            Int128(pairs)
            * Int128(Budget.comparisonBytes + repeats * Budget.comparisonBytesOfRepeat)
        return runs * Int128(run) + compared
    }
}
