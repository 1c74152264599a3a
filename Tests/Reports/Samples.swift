import JSON
import STAMP

@testable import Metrics
@testable import Reports

/// Reports made up for tests; the figures are consistent where a test looks at them.
enum Samples {
    static let started = UTCTime(millisecondsSince1970: 1_763_822_220_000)

    static func report(
        _ verdict: Verdict = .pass, reasons: [String] = [], runs: [RunReport]
    ) -> Report {
        Report(
            tool: ToolReport(version: "0.1.0"),
            plan: PlanReport(
                name: "loss-across-networks", sha256: String(repeating: "0f", count: 32), seed: 42,
                path: "Scenarios/loss.json",
                titles: [
                    PlanTitleReport(
                        kind: .sender, scenario: "other", name: "calls", title: "Anrufe")
                ], effectiveSha256: String(repeating: "1e", count: 32),
                variation: PlanVariationReport(
                    options: ["--repeat 2"],
                    variables: [PlanVariableReport(name: "HOST", value: "wifi", origin: .typed)],
                    bases: [
                        PlanBaseReport(
                            path: "Scenarios/base.json", sha256: String(repeating: "2d", count: 32))
                    ]),
                effective: .object([JSONMember(key: "plan", value: .integer(1))]),
                extras: .object([
                    JSONMember(key: "x-Ticket", value: .integer(7)),
                    JSONMember(key: "networks.wifi.x-source", value: .string("a paper")),
                ])),
            host: HostReport(
                kernel: "6.18.5", architecture: "x86_64", cpus: 2, cpuModel: "A processor",
                memoryBytes: 8 << 30, rmemMax: 212_992, wmemMax: 212_992, icmpRatelimit: 1_000,
                icmpMsgsPerSec: 1_000, clockSource: "tsc", clockResolutionNs: 1),
            started: started,
            finished: UTCTime(millisecondsSince1970: started.millisecondsSince1970 + 3_500),
            status: verdict == .aborted ? .partial : .complete,
            judgement: judgement(verdict, reasons), runs: runs)
    }

    /// A judgement of that verdict.
    static func judgement(_ verdict: Verdict, _ reasons: [String] = []) -> Judgement {
        guard verdict != .pass else { return Judgement() }
        let sentences = reasons.isEmpty ? ["a cause made up for a test"] : reasons
        return Judgement(causes: sentences.map { Cause(verdict, $0) })
    }

    /// Every optional has a value, every list and map an element.
    static var full: Report {
        var run = run(streams: [fullStream])
        run.responder = ResponderReport(
            name: "echo", behaviour: "echo", command: ["./echo", "7788"],
            address: "127.0.0.1:7788", received: 9_990, unique: 9_988, echoed: 9_990,
            echoFailed: 0, rejected: ["source_port": 1], drops: 5,
            receiveErrors: ["ENOMEM": 1], receiveBufferAskedBytes: 1 << 20,
            receiveBufferGrantedBytes: 425_984,
            features: features, resets: responderResets,
            stalls: StallsReport(count: 0, longestNs: 0, totalNs: 0, ofNs: 1),
            outputTail: ["ready"])
        run.responder?.service = ServiceReport(
            replyPayloadBytes: 1_200, heldNs: delays(count: 9_990), heldOverflow: 2, heldMost: 7)
        run.relay = relay
        run.battery = scoreCard.battery
        run.soFar = [soFar]
        run.networkDetail = network
        run.timeline = [
            TimelineReport(
                atNs: 1_000_000_000, plannedNs: 999_000_000, event: "kill", subject: "echo",
                detail: "SIGKILL to process 7")
        ]
        run.thresholds = [
            ThresholdReport(
                sender: "calls", expression: "rtt.p99 < 50ms", figure: "rtt_ns.p99",
                value: 45_100, passed: true)
        ]
        run.workers = [
            WorkerReport(
                role: .sender, name: "calls", host: "b", pid: 4_711, exit: .init(code: 0),
                cpuSeconds: 0.5,
                maxRssBytes: 6_500_000),
            WorkerReport(
                role: .command, name: "theirs", host: "b", pid: 4_712, exit: .init(signal: 9)),
        ]
        run.warnings = ["The receive buffer is smaller than was asked for."]
        run.reasons = ["calls: nothing was answered"]
        run.verdict = .inconclusive
        run.notices = ["calls: no threshold is judged: nothing was sent"]
        var full = report(.inconclusive, reasons: run.reasons, runs: [run])
        full.hosts = [
            OtherHostReport(
                name: "b", launch: ["ssh", "-T", "b"], hostname: "host-b", version: "0.1.0",
                build: "95124acf934ea959", kernel: "6.1.0", cpus: 2, rmemMax: 4_194_304,
                addresses: ["192.0.2.11"], wallClockErrorNs: 12_000_000,
                clock: OtherHostReport.Clock(
                    exchanges: 266, roundTripMinNs: 120_113, offsetNs: -499_999_999_984_466,
                    errorNs: 60_056, driftPpm: -12.5, isConsistent: true,
                    statedErrorNs: 24_000_000, statedBy: "ntp", statedRefusal: "-"),
                lost: "host \"b\" has said nothing for 5 seconds")
        ]
        full.notices = run.notices
        full.skipped = [
            SkippedRunReport(
                scenario: "voice", network: "kernel", repeat: 1, reason: "There is no tbf here.")
        ]
        full.comparison = [fullComparison]
        return full
    }

    static var scoreCard: ScoreCard {
        var datagrams = TrialDatagrams()
        datagrams.sent = 100
        datagrams.answered = 98
        datagrams.lostInServerBuffer = 2
        datagrams.lostInOwnBuffer = 0
        let trial = TrialReport(
            id: "burst", title: "A burst", verdict: .degraded, failsProfile: false,
            did: "sent 100 at once", expected: "all are answered", saw: "98 were answered",
            change: "ask for a larger receive buffer", restarted: false, durationNs: 20_000_000,
            datagrams: datagrams)
        let host = report(runs: []).host
        return ScoreCard(
            tool: ToolReport(version: "0.1.0"),
            server: ServerReport(
                host: "b", command: ["python3", "server.py"], address: "127.0.0.1:7788",
                answersAt: "127.0.0.1:5005", starts: 3, request: "dns"),
            profile: "basic", seed: 1, host: host, started: started, finished: started,
            status: .complete,
            judgement: Judgement(causes: [Cause(.fail, "burst: 98 were answered")], notices: ["-"]),
            trials: [trial])
    }

    static var network: NetworkReport {
        var way = NetworkReport.Way()
        way.rateBitsPerSecond = 20_000_000
        way.queueBytes = 65_536
        way.rateBy = "tbf"
        way.lossRatio = 0.01
        way.lossBy = "nftables"
        way.delayNs = 20_000_000
        way.jitterNs = 2_000_000
        way.duplicateRatio = 0.001
        way.delayBy = "netem"
        way.entered = 10_000
        way.lost = 97
        way.queueDrops = 3
        var network = NetworkReport(
            kind: "namespace", madeAs: "root", mtuBytes: 1_500, forward: way, backward: way)
        network.icmpRatelimit = 1_000
        network.icmpMsgsPerSec = 1_000
        return network
    }

    static var relay: RelayReport {
        var relay = RelayReport(
            address: "127.0.0.1:40001", target: "127.0.0.1:7788", seed: 42,
            ownDelayNs: delays(count: 9_990), flows: 20, heldMaxBytes: 16_384)
        relay.forward.received = 10_000
        relay.forward.forwarded = 9_990
        relay.forward.lost = 10
        relay.forward.delayNs = delays(count: 9_990)
        relay.forward.decisions = "0123456789abcdef"
        relay.backward = relay.forward
        relay.receiveErrors = ["EPERM": 1]
        return relay
    }

    static var fullComparison: ComparisonReport {
        let a = SideReport(name: "clean", runs: 3, leftOut: 0, values: [0.01, 0.02, 0.03])
        let b = SideReport(name: "wifi", runs: 3, leftOut: 1, values: [0.03, 0.04])
        var comparison = ComparisonReport(
            scenario: "voice", sender: "calls", metric: "loss.ratio", figure: "loss.ratio",
            unit: "ratio", better: .lower, a: a, b: b, p: 0.2, pAdjusted: 0.4,
            says: "no conclusion: too few runs", reasons: ["too few runs: 3 and 2"])
        comparison.effect = Shift.difference(a.values, b.values).map { difference in
            EffectReport(
                difference: difference, relative: Shift.relative(a.values, b.values),
                cliffsDelta: 0.9)
        }
        return comparison
    }

    static func run(
        on network: String = "clean", repeat number: Int = 1, _ verdict: Verdict = .pass,
        streams: [StreamReport]
    ) -> RunReport {
        RunReport(
            scenario: "voice", network: network, repeat: number,
            judgement: judgement(verdict), started: started, durationNs: 3_200_000_000,
            streams: streams)
    }

    static let features = FeaturesReport(
        sendmmsg: .on, gso: .off, recvmmsg: .on, gro: .unsupported, timestamps: .kernel)

    /// As many probes as asked for, of which `received` came back within the timeout.
    static func stream(
        _ sender: String = "calls", scheduled: Int, sent: Int? = nil, received: Int,
        _ change: (inout StreamReport) -> Void = { _ in }
    ) -> StreamReport {
        let sent = sent ?? scheduled
        var ledger = Ledger()
        ledger.scheduled = scheduled
        ledger.sent = sent
        ledger.skipped = scheduled - sent
        ledger.received = received
        ledger.inTime = received
        ledger.forwardLost = sent - received
        var figures = StreamFigures()
        figures.loss.count = sent - received
        figures.loss.never = sent - received
        figures.loss.ratio = sent == 0 ? nil : Double(sent - received) / Double(sent)
        figures.rttNs = received == 0 ? DelaySummary() : delays(count: received)
        var stream = StreamReport(
            sender: sender, flows: 20, payloadBytes: 160, timeoutNs: 1_000_000_000,
            features: features, ledger: ledger, figures: figures,
            pacing: PacingReport(
                intendedPps: 1_000, achievedPps: 1_000, skipped: ledger.skipped, errorNs: nil,
                largestBurst: 1),
            throughput: ThroughputReport(
                sent: sent, received: received, payloadBytes: 160, measuredNs: 10_000_000_000),
            rejected: RejectedReport(), resets: ResetsReport(),
            socket: SocketReport(
                receiveBufferGrantedBytes: 425_984, sendBufferGrantedBytes: 425_984, drops: 0,
                pathMtuBytes: 65_536),
            addresses: AddressesReport(local: ["127.0.0.1:40000"], remote: "127.0.0.1:7788"))
        change(&stream)
        return stream
    }

    static func delays(count: Int) -> DelaySummary {
        var delays = DelaySummary()
        delays.count = count
        delays.min = 9_800
        delays.mean = 13_000.5
        delays.p50 = 12_345
        delays.p75 = 15_000
        delays.p90 = 20_000
        delays.p95 = 30_000
        delays.p99 = 45_100
        delays.p999 = 300_000
        delays.p9999 = 900_000
        delays.max = 1_204_000
        delays.stddev = 2_500.25
        delays.buckets = [
            DelayBucket(upperNs: 12_415, count: count / 2),
            DelayBucket(upperNs: 1_204_000, count: count - count / 2),
        ]
        return delays
    }

    private static func fullStamp() -> StampReport {
        var stamp = StampReport(
            stateful: true, untoldFlows: 1, absurd: 2, ownErrorNs: 4_000, farErrorNs: 6_000,
            oneWay: OneWayDelays([], absurd: 0, clocks: .init()))
        stamp.absence = nil
        stamp.lossSplitBy = .both
        stamp.contradictoryFlows = 0
        var counts = ExtensionCounts()
        counts.told = 9_980
        counts.unauthentic = 8
        stamp.extensions = StampReport.Facts(
            counts, ReflectorTimestamping(sourceIn: 1, methodIn: 2, sourceOut: 5, methodOut: 3))
        return stamp
    }

    static var fullStream: StreamReport {
        stream(scheduled: 10_000, received: 9_988) { stream in
            let delays = delays(count: 9_988)
            stream.rttIntendedNs = delays
            stream.oneWayNs = delays
            stream.oneWayClock = OneWayClockReport(
                errorNs: 41_000, errorSource: .exchange, atMostNs: 1_245_000)
            var way = WayReport()
            way.loss = WayReport.Loss(count: 12, of: 10_000)
            way.oneWayNs = delays
            way.atMostNs = 1_245_000
            var marks = MarkCounts()
            marks.add(9_900, trafficClass: 46 << 2 | 1, sent: 46 << 2 | 1, hopLimit: 63)
            marks.add(80, trafficClass: 46 << 2 | 3, sent: 46 << 2 | 1, hopLimit: 63)
            marks.add(8, trafficClass: 0, sent: 46 << 2 | 1, hopLimit: 62)
            way.marks = MarksReport(marks, sent: 46 << 2 | 1)
            (stream.forward, stream.backward) = (way, way)
            stream.stamp = fullStamp()
            stream.stackNs = delays
            stream.ipdvNs = delays
            stream.ipdvNs.min = -800
            stream.pdvNs = delays
            stream.rtpJitterNs = 1_000
            stream.pacing.errorNs = delays
            stream.pacing.stalls.share = 0
            stream.closedLoop = ClosedLoopReport(
                window: 3, sharedWindow: 12, think: .exponential, thinkMeanNs: 5_000_000)
            stream.throughput.peakReceivedPps = 1_020
            stream.otherErrors = ["EHOSTUNREACH": 1]
            stream.receiveErrors = ["EIO": 2]
            stream.socket.receiveBufferAskedBytes = 1 << 20
            stream.socket.sendBufferAskedBytes = 1 << 20
            stream.loss = fullLoss
            stream.resets = fullResets
            stream.duplication?.fraction = 0
            stream.duplication?.replicatedRate = 0
            stream.reordering = fullReordering(delays)
            stream.request = RequestReport(
                name: "dns", answer: .rule, firstWrongAnswer: "\\u{1B}\\xFF")
            stream.rejected.unmatched = 1
            stream.chat = ChatReport(
                ledger: FanOutLedger(
                    messages: 9_988, expected: 199_760, fannedOut: 199_760, failed: 0,
                    delivered: 199_760, late: 0, duplicates: 0, drops: 0),
                members: 20, membersLeast: 20, membersMost: 20,
                deliveredByMember: Array(repeating: 9_988, count: 20), deliveryNs: delays)
            stream.intervalNs = 1_000_000_000
            stream.intervals = [
                IntervalFigures(
                    startNs: 0, lengthNs: 1_000_000_000, sent: 10_000, received: 9_988, lost: 12,
                    lostBy: ["forward_lost": 12], duplicates: 0,
                    reordered: 0, rttP50Ns: 12_300, rttP99Ns: 45_000,
                    availability: 0.9988, heat: DelayColumn(first: 46, counts: [4_994, 4_994]))
            ]
            stream.lossMap = LossMapReport(runs: [
                LossRunReport(
                    flow: 3, first: 17, last: 28, atNs: 500_000_000, untilNs: 511_000_000,
                    account: .forwardLost)
            ])
            stream.ledger.forwardInjected = 0
            stream.ledger.forwardCorrupt = 0
            stream.ledger.responderOverflow = 0
            stream.ledger.outage = 0
            stream.ledger.responderReceived = 9_988
            stream.ledger.echoed = 9_988
            stream.ledger.echoFailed = 0
            stream.ledger.rejected = 0
            stream.ledger.backwardInjected = 0
            stream.ledger.backwardCorrupt = 0
            stream.ledger.senderOverflow = 0
            stream.ledger.beyondWindow = 0
            stream.ledger.backwardLost = 0
            stream.ledger.lostUnsplit = 0
            stream.ledger.untold = 0
            stream.ledger.waiting = 0
            stream.ledger.wrongAnswer = 0
            var host = FleetHostReport(host: "n1", flows: 10)
            (host.startNs, host.ledger, host.lossRatio) = (1_200, stream.ledger, 0.001)
            (host.delayP50Ns, host.delayP99Ns, host.stallShare) = (12_345, 45_100, 0)
            (host.sentPps, host.receivedPps) = (500, 499)
            var fleet = FleetReport(hosts: [host])
            (fleet.startSpreadNs, fleet.fairness) = (800, 1)
            stream.fleet = fleet
            let figures = StageFigures(
                startNs: 0, sent: 100, skipped: 1, refused: 0, lost: 2, wrong: 0,
                delayP50Ns: 1_000, delayP99Ns: 2_000)
            let stage = StageReport(
                figures, lengthNs: 1_000_000_000, offeredPps: 100, lost: 2)
            var next = stage
            (next.startNs, next.offeredPps, next.skipped) = (1_000_000_000, 200, 0)
            (next.lost, next.delayP99Ns) = (1, 30_000)
            stream.stages = [next, stage]
            stream.voice = VoiceReport(
                oneWayP99Ns: 130_000_000, lossRatio: 0.01, meanBurst: 1.5)
            var low = stage
            (low.lost, low.offeredPps) = (0, 50)
            stream.knee = KneeReport([low, next], tolerance: 0.05)
            stream.search = search(stream.ledger)
            stream.fairness = FairnessReport(received: [5_000, 4_990])
            stream.latencyCourseNs = .latency(stepping)
            stream.lossCourseRatio = .loss(stepping)
        }
    }

    private static var soFar: SoFarReport {
        var figures = LiveFigures()
        (figures.sent, figures.p50Ns, figures.p99Ns) = (5, 1_000, 2_000)
        var report = SoFarReport(sender: "calls", isOneWay: false)
        report.read(figures, atNs: 7)
        return report
    }

    /// Intervals whose latency and loss step.
    private static var stepping: [IntervalFigures] {
        (0..<61).map { index in
            IntervalFigures(
                startNs: index * 1_000_000_000, lengthNs: 1_000_000_000, sent: 100,
                received: 90, lost: index < 30 ? 0 : 10, duplicates: 0, reordered: 0,
                rttP50Ns: index < 30 ? 1_000 : 2_000)
        }
    }

    private static func search(_ ledger: Ledger) -> SearchReport {
        var search = SearchReport(
            kind: .zeroLoss, limit: .path, durationNs: 4_000_000_000,
            trials: [
                SearchTrialReport(
                    outcome: .failed, reason: "lost 12 of 10,000", confirms: false,
                    durationNs: 2_000_000_000, offeredPps: 5_000, sentPps: 4_999,
                    deliveredPps: 4_990, lossRatio: 0.0012, delayP50Ns: 12_345,
                    delayP99Ns: 45_100, delayGrowth: 0.002, ledger: ledger)
            ])
        (search.ratePps, search.payloadBitsPerSecond) = (4_980, 6_374_400)
        (search.ipBitsPerSecond, search.frameBitsPerSecond) = (7_489_920, 8_047_680)
        (search.width, search.deliveredPps, search.lossRatio) = (0.004, 4_990, 0)
        search.adjustment = adjustment
        return search
    }

    private static var responderResets: ResponderResetsReport {
        var resets = ResponderResetsReport(policy: "once", socket: "unconnected_recverr")
        resets.seen = 2
        resets.eatenByStaleError = 1
        resets.retries = RetriesReport(attempted: 1, givenUp: 1)
        resets.responderAlive = false
        resets.ended = 1
        resets.endedNs = [1_000_000_000]
        resets.timesNs = [999_000_000, 1_000_000_000]
        return resets
    }

    private static var fullResets: ResetsReport {
        var resets = ResetsReport()
        resets.policy = "backoff"
        resets.socket = "connected"
        resets.availability = 0.9988
        resets.timeToDetectNs = Elapsed(from: 0, to: 1_000_000)
        resets.timeToRecoverNs = Elapsed(from: 0, to: 60_000_000)
        resets.resolutionNs = 20_000_000
        var collateral = CollateralReport()
        collateral.flows = 2
        collateral.sent = 300
        collateral.lost = 3
        collateral.baselineRatio = 0.005
        resets.collateral = collateral
        resets.collateralLoss = collateral.loss
        resets.outages = [
            OutageReport(
                startNs: 1_000_000_000, endNs: 1_050_000_000, detectedNs: 1_001_000_000,
                recoveredNs: 1_060_000_000, flows: 4, probes: 12, causeNs: 999_000_000,
                returnedNs: 1_049_000_000, instance: 2)
        ]
        return resets
    }

    private static var fullLoss: LossFigures {
        var loss = LossFigures()
        loss.count = 12
        loss.never = 12
        loss.ratio = 0.0012
        loss.periods = 2
        loss.longestBurst = 6
        loss.meanBurst = 6
        loss.lengthCounts = [0, 0, 0, 0, 0, 2]
        loss.gapMean = 100
        loss.gapMin = 100
        loss.gapMax = 100
        loss.noticeableRate = 0.8
        loss.conditionalProbability = 0.8
        return loss
    }

    private static func fullReordering(_ delays: DelaySummary) -> ReorderingFigures {
        var reordering = ReorderingFigures()
        reordering.ratio = 0
        reordering.extent.max = 4
        reordering.extent.mean = 4
        reordering.nReordering.n1 = 0.1
        reordering.nReordering.n2 = 0.1
        reordering.nReordering.n3 = 0.1
        reordering.lateTimeNs = delays
        reordering.byteOffset.max = 400
        reordering.byteOffset.mean = 400
        reordering.discontinuities.sizeMean = 1
        reordering.discontinuities.sizeMax = 1
        reordering.gaps.mean = 7
        reordering.gaps.min = 7
        reordering.gaps.max = 7
        reordering.freeRuns.mean = 5
        reordering.freeRuns.variation = 1
        return reordering
    }
}

extension WrittenDocument {
    /// Sealed with the verdict that it states.
    fileprivate func sealed(_ reasons: [String], _ notices: [String]) -> Sealed<Self> {
        var judgement = Samples.judgement(verdict, reasons)
        for notice in notices { judgement.note(notice) }
        return Sealed(Judged(self, judgement))
    }
}

extension Report {
    var sealed: Sealed<Report> { sealed(reasons, notices) }
}

extension ScoreCard {
    var sealed: Sealed<ScoreCard> { sealed(reasons, notices) }
}
