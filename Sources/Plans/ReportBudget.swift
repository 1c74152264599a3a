import JSON
import Load

/// The size of a plan's report, and the share that the lists of each run may take.
///
/// A report has at most `bytesMax` bytes. Its fixed part, `fixedBytes`, is known beforehand, and a
/// plan is refused if that part alone is larger. The runs share the rest, which bounds their
/// intervals, outages, loss runs and buckets, so that a long run has longer intervals and not a
/// larger report.
package struct ReportBudget: Sendable, Equatable {
    package static let bytesMax = 16 << 20
    /// The maximum number of intervals of a stream: as many as a picture has room for.
    package static let intervalsPerStreamMax = 300
    /// The maximum number of intervals of one run, over all its streams.
    package static let intervalsPerRunMax = 1_200
    static let intervalsPerStreamMin = 4
    /// The legal lengths of an interval; a longer one is a multiple of the last.
    private static let intervalLengthsNs: [Int64] = [
        10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000,
        300_000, 600_000, 1_200_000, 1_800_000, 3_600_000,
    ].map { $0 * 1_000_000 }
    /// The maximum number of loss runs of a stream, and of one run over all its streams.
    package static let lossRunsPerStreamMax = 2_000
    package static let lossRunsPerRunMax = 4_000
    static let lossRunsPerStreamMin = 4
    /// The maximum number of buckets of a distribution, and of one run over all distributions.
    package static let bucketsMax = 400
    static let bucketsPerRunMax = 4_000
    static let bucketsMin = 8
    /// The distributions of a stream that have buckets.
    static let distributions = 5
    /// The maximum number of outages of one run, over all its streams.
    package static let outagesPerRunMax = 512
    static let outagesPerStreamMax = 256
    static let outagesPerStreamMin = 4

    /// The written sizes of an interval, an outage, a loss run and a bucket.
    package static let intervalBytes = 520
    package static let outageBytes = 420
    package static let lossRunBytes = 128
    package static let bucketBytes = 48
    /// The written sizes of the report itself, and of each run, stream and flow, without lists:
    /// more than ordinary figures take, and less than the longest. `Report.bounded` shortens a
    /// report of only long ones.
    package static let reportBytes = 4 << 10
    package static let runBytes = 5 << 10
    package static let streamBytes = 14 << 10
    package static let flowBytes = 64
    /// The written size of one host's figures in a stream that several hosts send.
    package static let hostBytes = 1_600
    static let batteryBytes = 48 << 10
    /// The written size of one trial of a search.
    static let searchTrialBytes = 3 << 10
    static let workerBytes = 400
    static let eventBytes = 400
    static let thresholdBytes = 512
    private static let titleBytes = 400
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
        let lines = plan.effective.text.utf8.count { $0 == UInt8(ascii: "\n") }
        return ReportBudget(
            plan.scenarios, extras: plan.extras,
            planBytes: plan.effective.text.utf8.count + 4 * lines
                + plan.titles.reduce(0) { $0 + titleBytes + 2 * $1.title.utf8.count })
    }

    init(_ planned: [ScenarioDefinition], extras: [JSONMember] = [], planBytes: Int = 0) {
        let scenarios = planned.map(\.widest)
        let fixed =
            Int128(Self.reportBytes) + Self.bytes(of: extras) + Int128(planBytes)
            + scenarios.map(\.fixedReportBytes).reduce(0, +)
        let streams = scenarios.map { $0.runs * Int128($0.streamCount) }.reduce(0, +)
        let left = max(0, Int128(Self.bytesMax) - fixed)
        let listBytes = Int(clamping: left / max(1, streams))
        fixedBytes = Int(clamping: fixed)
        self.listBytes = listBytes
        let lists = scenarios.map { scenario in
            let streams = scenario.streamCount
            let intervals = scenario.senders.reduce(0) { sum, sender in
                sum + Self.spacing(of: sender, in: scenario, listBytes: listBytes).expected
            }
            let others = streams * Self.otherBytes(streams: streams, listBytes: listBytes)
            return scenario.runs * Int128(intervals * Self.intervalBytes + others)
        }
        bytes = Int(clamping: fixed + lists.reduce(0, +))
    }

    /// The layout of the intervals of a stream.
    package struct Spacing: Sendable, Equatable {
        /// The initial length.
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

    /// Returns intervals that fit the stream's share, of 10 ms or more.
    ///
    /// A planned duration is covered exactly, and what arrives after it counts in the last
    /// interval. Of other streams an eighth of the share is reserved, as they may take longer.
    private static func spacing(
        of sender: SenderDefinition, in scenario: ScenarioDefinition, listBytes: Int
    ) -> Spacing {
        let capacity = intervals(streams: scenario.streamCount, listBytes: listBytes)
        guard let expectedNs = sender.expectedDurationNs else {
            return Spacing(
                lengthNs: intervalLengthsNs[0], capacity: capacity, expected: capacity)
        }
        var (spanNs, planned) = (Int64(expectedNs), capacity)
        if case .count = sender.length {
            spanNs += Int64(scenario.timeoutNs)
            planned -= capacity / 8
        }
        let least = (spanNs + Int64(planned) - 1) / Int64(planned)
        let longest = intervalLengthsNs[intervalLengthsNs.count - 1]
        let lengthNs =
            intervalLengthsNs.first { $0 >= least } ?? (least + longest - 1) / longest * longest
        let expected = Int((spanNs + lengthNs - 1) / lengthNs)
        return Spacing(
            lengthNs: lengthNs, capacity: capacity, expected: max(1, min(capacity, expected)))
    }

    private static func intervals(streams: Int, listBytes: Int) -> Int {
        let fitting =
            (listBytes - otherBytes(streams: streams, listBytes: listBytes)) / intervalBytes
        let share = min(intervalsPerStreamMax, intervalsPerRunMax / max(1, streams))
        return max(intervalsPerStreamMin, min(share, fitting))
    }

    /// Returns the size of a stream's lists other than the intervals.
    private static func otherBytes(streams: Int, listBytes: Int) -> Int {
        outages(streams: streams, listBytes: listBytes) * outageBytes
            + lossRuns(streams: streams, listBytes: listBytes) * lossRunBytes
            + distributions * buckets(streams: streams, listBytes: listBytes) * bucketBytes
    }

    /// Returns the number of loss runs that each stream of a scenario keeps.
    package func lossRuns(in scenario: ScenarioDefinition) -> Int {
        Self.lossRuns(streams: scenario.streamCount, listBytes: listBytes)
    }

    private static func lossRuns(streams: Int, listBytes: Int) -> Int {
        let share = min(lossRunsPerStreamMax, lossRunsPerRunMax / max(1, streams))
        return min(share, lossRunsPerStreamMin + spare(listBytes) / 4 / lossRunBytes)
    }

    /// Returns the number of buckets that each distribution of a stream of a scenario keeps.
    package func buckets(in scenario: ScenarioDefinition) -> Int {
        Self.buckets(streams: scenario.streamCount, listBytes: listBytes)
    }

    private static func buckets(streams: Int, listBytes: Int) -> Int {
        let share = min(bucketsMax, bucketsPerRunMax / distributions / max(1, streams))
        return min(share, bucketsMin + spare(listBytes) / 8 / distributions / bucketBytes)
    }

    /// Returns the number of outages that each stream of a scenario keeps.
    package func outages(in scenario: ScenarioDefinition) -> Int {
        Self.outages(streams: scenario.streamCount, listBytes: listBytes)
    }

    private static func outages(streams: Int, listBytes: Int) -> Int {
        let share = min(outagesPerStreamMax, outagesPerRunMax / max(1, streams))
        return min(share, outagesPerStreamMin + spare(listBytes) / 8 / outageBytes)
    }

    /// The size of the shortest lists of a stream.
    private static let leastListBytes =
        intervalsPerStreamMin * intervalBytes + outagesPerStreamMin * outageBytes
        + lossRunsPerStreamMin * lossRunBytes + distributions * bucketsMin * bucketBytes

    /// Returns the part of a stream's share that its shortest lists leave.
    private static func spare(_ listBytes: Int) -> Int { max(0, listBytes - leastListBytes) }

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
            scenario.runs * Int128(scenario.widest.streamCount) * Int128(leastListBytes)
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
        let workers =
            senders.reduce(0) { $0 + $1.hostNames.count } + instances * (1 + starts) + 2
        var run = Budget.runBytes + workers * Budget.workerBytes
        run += timeline.count * instances * Budget.eventBytes
        run += instances > 1 ? instances * Budget.runBytes / 2 : 0
        run += battery == nil ? 0 : Budget.batteryBytes
        run += (search?.trialsMost ?? 0) * Budget.searchTrialBytes
        let judged = thresholds.reduce(0) { $0 + Budget.thresholdBytes + 2 * $1.text.utf8.count }
        let flows = senders.reduce(0) { $0 + $1.flowsOfAllHosts }
        run += senders.count * (Budget.streamBytes + judged) + flows * Budget.flowBytes
        run += senders.compactMap(\.fleet).reduce(0) { $0 + $1.hosts.count } * Budget.hostBytes
        let pairs =
            networks.count * (networks.count - 1) / 2 * senders.count * Budget.comparedFigures
        let compared =
            Int128(pairs)
            * Int128(Budget.comparisonBytes + repeats * Budget.comparisonBytesOfRepeat)
        return runs * Int128(run) + compared
    }
}
