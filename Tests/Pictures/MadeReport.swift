import Harness

@testable import Metrics
@testable import Reports

/// A report made up from a seed, whose figures agree with each other: ledgers, intervals, loss
/// maps, buckets and percentiles are all of the same probes.
struct MadeReport {
    var seed: UInt64 = 1
    var networks = ["clean", "wifi", "dsl"]
    var scenario = "calls"
    var repeats = 3
    var flows = 4
    var probes = 400
    var intervals = 20
    /// The share of lost probes on the network after the first; it doubles with the next.
    var lossShare = 0.02
    /// Whether the report is one of an earlier version, without the lists that pictures need.
    var isEarlier = false
    /// Whether the networks are compared, which takes long for many of them.
    var isCompared = true
    var expression = "rtt.p99 < 50ms"

    static let lengthNs = 2_000_000_000
    static let started = UTCTime(millisecondsSince1970: 1_763_822_220_000)

    var report: Report {
        var random = SeededGenerator(seed: seed)
        let runs = networks.indices.flatMap { network in
            (1...repeats).map { number in run(on: network, number, &random) }
        }
        var judgement = Judgement()
        for run in runs where run.verdict != .pass {
            judgement.add(run.verdict, run.reasons.map { "\(run.title): \($0)" })
        }
        return Report(
            tool: ToolReport(version: "0.1.0"),
            plan: PlanReport(
                name: "made-up", sha256: String(repeating: "0f", count: 32), seed: 42,
                path: "Scenarios/made-up.json"),
            host: HostReport(
                kernel: "6.18.5", architecture: "x86_64", cpus: 2, clockResolutionNs: 1),
            started: Self.started, finished: Self.started, status: .complete,
            judgement: judgement, runs: runs,
            comparison: isCompared ? NetworkComparison.of(runs) : [])
    }

    private func run(
        on network: Int, _ number: Int, _ random: inout SeededGenerator
    ) -> RunReport {
        let stream = stream(network, &random)
        let value = stream.rttNs?.p99.map(Double.init)
        let isBroken = (value ?? 0) > 50_000_000
        var run = RunReport(
            scenario: scenario, network: networks[network], repeat: number, seed: number,
            judgement: isBroken
                ? Judgement(causes: [Cause(.fail, "calls: rtt.p99 < 50ms does not hold")])
                : Judgement(), started: Self.started, durationNs: Self.lengthNs,
            streams: [stream])
        run.thresholds = [
            ThresholdReport(
                sender: "calls", expression: expression, figure: "rtt_ns.p99", value: value,
                passed: value.map { _ in !isBroken })
        ]
        run.timeline = [
            TimelineReport(atNs: 500_000_000, event: "kill", subject: "echo"),
            TimelineReport(atNs: 900_000_000, event: "start", subject: "echo"),
        ]
        return run
    }

    private struct Fate {
        let flow: Int
        let number: Int
        let sentNs: Int
        let delayNs: Int?
        let account: LossAccount
    }

    private func fates(_ network: Int, _ random: inout SeededGenerator) -> [Fate] {
        let accounts: [LossAccount] = [.forwardLost, .backwardInjected, .outage, .late]
        return (0..<probes).map { index in
            let isLost = random.chance(lossShare * Double(network))
            let base = [50_000, 4_000_000, 30_000_000][network % 3]
            let delay = base + Int.random(in: 0..<base, using: &random)
            let account = accounts[Int.random(in: 0..<accounts.count, using: &random)]
            return Fate(
                flow: index % flows, number: index / flows,
                sentNs: index * Self.lengthNs / probes, delayNs: isLost ? nil : delay,
                account: account)
        }
    }

    private func stream(_ network: Int, _ random: inout SeededGenerator) -> StreamReport {
        let fates = fates(network, &random)
        let lost = fates.filter { $0.delayNs == nil }
        let received = probes - lost.count { $0.account != .late }
        func count(_ account: LossAccount) -> Int { lost.count { $0.account == account } }
        var ledger = Ledger()
        ledger.scheduled = probes + network
        ledger.skipped = network
        ledger.sent = probes
        (ledger.forwardInjected, ledger.forwardCorrupt, ledger.responderOverflow) = (0, 0, 0)
        ledger.outage = count(.outage)
        ledger.forwardLost = count(.forwardLost)
        ledger.responderReceived = probes - count(.outage) - count(.forwardLost)
        (ledger.echoFailed, ledger.rejected) = (0, 0)
        ledger.echoed = ledger.responderReceived
        ledger.backwardInjected = count(.backwardInjected)
        (ledger.backwardCorrupt, ledger.senderOverflow, ledger.beyondWindow) = (0, 0, 0)
        ledger.backwardLost = 0
        ledger.received = received
        ledger.late = count(.late)
        ledger.inTime = received - ledger.late
        var figures = StreamFigures()
        figures.loss.count = lost.count
        figures.loss.late = ledger.late
        figures.loss.ratio = Double(lost.count) / Double(probes)
        figures.rttNs = delays(fates.compactMap(\.delayNs))
        figures.rtpJitterNs = Double(network) * 1_000
        figures.intervalNs = Int64(Self.lengthNs / intervals)
        let length = Self.lengthNs / intervals
        let byInterval = Dictionary(grouping: fates) { $0.sentNs / length }
        figures.intervals = (0..<intervals).map { interval($0, byInterval[$0] ?? []) }
        var resets = ResetsReport()
        resets.seen = network
        resets.timesNs = (0..<network).map { Int64(500_000_000 + $0 * 10_000_000) }
        resets.outages = [
            OutageReport(
                startNs: 505_000_000, endNs: 905_000_000, detectedNs: 506_000_000,
                recoveredNs: 910_000_000, flows: flows, probes: 9, causeNs: 500_000_000,
                returnedNs: 900_000_000)
        ]
        return StreamReport(
            sender: "calls", flows: flows, payloadBytes: 160, timeoutNs: 1_000_000_000,
            features: FeaturesReport(
                sendmmsg: .on, gso: .off, recvmmsg: .on, gro: .off, timestamps: .kernel),
            ledger: ledger, figures: figures,
            pacing: PacingReport(
                intendedPps: 200, achievedPps: 200, skipped: network, errorNs: nil,
                largestBurst: 1),
            throughput: ThroughputReport(
                sent: probes, received: received, payloadBytes: 160,
                measuredNs: Int64(Self.lengthNs)), rejected: RejectedReport(), resets: resets,
            socket: SocketReport(
                receiveBufferGrantedBytes: nil, sendBufferGrantedBytes: nil, drops: 0),
            addresses: AddressesReport(local: [], remote: "127.0.0.1:7788"),
            lossMap: isEarlier ? nil : map(lost))
    }

    private func delays(_ values: [Int]) -> DelaySummary {
        let sorted = values.sorted()
        func percentile(_ share: Double) -> Int? {
            sorted.isEmpty
                ? nil : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
        var delays = DelaySummary()
        delays.count = sorted.count
        (delays.min, delays.max) = (sorted.first, sorted.last)
        (delays.p50, delays.p90, delays.p99) = (percentile(0.5), percentile(0.9), percentile(0.99))
        guard !isEarlier else { return delays }
        (delays.p75, delays.p95) = (percentile(0.75), percentile(0.95))
        let size = max(1, (sorted.last ?? 0) / 200)
        var counts: [Int: Int] = [:]
        for value in sorted { counts[value / size, default: 0] += 1 }
        delays.buckets = counts.sorted { $0.key < $1.key }.map {
            DelayBucket(upperNs: ($0.key + 1) * size - 1, count: $0.value)
        }
        return delays
    }

    private func interval(_ index: Int, _ own: [Fate]) -> IntervalFigures {
        let length = Self.lengthNs / intervals
        let delays = own.compactMap(\.delayNs).sorted()
        let lost = own.filter { $0.delayNs == nil }
        var interval = IntervalFigures(
            startNs: index * length, sent: own.count, received: delays.count, lost: lost.count,
            duplicates: 0, reordered: 0, rttP50Ns: delays.isEmpty ? nil : delays[delays.count / 2],
            rttP99Ns: delays.last, availability: nil)
        guard !isEarlier else {
            (interval.lengthNs, interval.skipped, interval.lostBy) = (nil, nil, nil)
            return interval
        }
        interval.lengthNs = length
        interval.skipped = index == 3 ? 2 : 0
        interval.lostBy = Dictionary(grouping: lost, by: \.account.rawValue).mapValues(\.count)
        let bins = delays.map(DelayColumn.bin)
        if let first = bins.first, let last = bins.last {
            interval.heat = DelayColumn(
                first: first, counts: (first...last).map { bin in bins.count { $0 == bin } })
        }
        return interval
    }

    private func map(_ lost: [Fate]) -> LossMapReport {
        let runs = lost.map { fate in
            LossRunReport(
                flow: fate.flow, first: fate.number, last: fate.number, atNs: fate.sentNs,
                untilNs: fate.sentNs, account: fate.account)
        }
        let shown = runs.prefix(LossMapReport.runsMax)
        return LossMapReport(
            runs: Array(shown), runsLeftOut: runs.count - shown.count,
            probesLeftOut: runs.count - shown.count)
    }
}
