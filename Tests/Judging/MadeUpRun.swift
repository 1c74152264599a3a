import Datagrams
import Load
import Reports

@testable import Lab
@testable import Loops
@testable import Metrics
@testable import Plans

/// Run that never was: a plan, what became of each probe, and what the workers say of it.
///
/// The words of the workers follow from the truth; ``say(_:)`` alters the truth, and, for
/// contradictions, single words of single workers.
struct MadeUpRun: Sendable {
    let kind: PlanKind
    let plan: Plan
    let layout: RunLayout
    /// By part.
    var fates: [Fates]
    /// What workers say beside what follows from the fates, by the condition's name.
    var amounts: [Condition.Name: Int] = [:]
    var stopSignal: String?
    var failure: RunFailure?
    var startNs: Int64 = 1_000_000_000_000

    static let measuredNs: Int64 = 1_000_000_000
    static let target = SocketAddress(numeric: "127.0.0.1:7788")
    private static let relay = SocketAddress(numeric: "127.0.0.1:9999")

    /// The times that both ends kept of the probes of the sender that is judged.
    var nearTimes = EndTimes(most: 0)
    var farTimes = EndTimes(most: 0)
    /// The clocks of the other hosts.
    var clocks: [String: RunClock] = [:]

    /// - Parameter hosts: The number of hosts that send a fleet's stream.
    init(
        _ kind: PlanKind, thresholds: String = PlanKind.commonThresholds, hosts: Int = 3
    ) throws {
        self.kind = kind
        plan = try kind.plan(thresholds: thresholds, hosts: hosts)
        let scenario = plan.scenarios[0]
        layout = RunLayout(
            identity: RunIdentity(
                scenario: scenario, network: scenario.networks[0], repetition: 1
            ).spread(),
            options: RunOptions(), logsSeveralStreams: false,
            pathTarget: kind == .path ? Self.target : nil, kernelHasNetem: false,
            report: ReportBudget.of(plan))
        let senders = layout.scenario.senders
        fates = layout.parts.map { part in
            let perFlow = part.isMeasured ? senders[part.sender].datagramsPerFlow ?? 0 : 5
            return Fates(scheduled: part.flows.count * perFlow)
        }
    }

    var scenario: ScenarioDefinition { layout.scenario }

    /// The parts of the sender that is judged.
    var measured: [Int] { layout.measuredParts(0) }

    func amount(_ name: Condition.Name) -> Int { amounts[name] ?? 0 }

    func has(_ name: Condition.Name) -> Bool { amounts[name] != nil }

    // MARK: - The run and its report

    func judgedRun() -> Judged<RunReport> {
        if let failure, has(.neverBegan) {
            return failure.report(started: Self.started, stopSignal: stopSignal)
        }
        let planned = RunIdentity(
            scenario: plan.scenarios[0], network: layout.identity.network, repetition: 1)
        return RunAssembly.judged(outcome, layout, as: planned.whole()).report
    }

    /// All that a person, a script and a file get of it.
    func sealed() -> Sealed<Report> {
        Sealed(
            Runner.report(
                on: [judgedRun()], of: plan, isWhole: failure == nil, planned: 1,
                stopSignal: stopSignal, started: Self.started, finished: Self.started,
                host: HostReport(
                    kernel: "6.1", architecture: "x86_64", cpus: 2, clockResolutionNs: 1),
                version: "0"))
    }

    private static let started = UTCTime(millisecondsSince1970: 1_763_822_220_000)

    private var outcome: RunOutcome {
        var targets = [Self.target].compactMap(\.self)
        if kind.hasRelay { targets = [Self.relay].compactMap(\.self) }
        let responders = kind == .path ? [] : (0..<layout.instances).map(responder)
        return RunOutcome(
            identity: layout.identity, startedAt: Self.started, startNs: startNs,
            endNs: startNs + Self.measuredNs, targets: targets,
            responders: responders, events: responders.flatMap(\.record.events),
            senders: scenario.senders.indices.map(sender),
            orders: scenario.senders.indices.map {
                layout.senderAssignment($0, targets: targets, responderBufferBytes: nil)
            }, network: network, relay: relayMember,
            stopSignal: stopSignal, failure: failure, quotaNote: nil, clocks: clocks)
    }

    private func member(_ name: String, _ ready: Ready, _ result: WorkerResult?)
        -> RunOutcome.Member
    {
        RunOutcome.Member(
            name: name, ready: ready, result: result, pid: 4711,
            exit: result == nil ? nil : WorkerExit(code: 0, signal: nil))
    }

    func ready(addresses: [String]) -> Ready {
        var ready = Ready()
        ready.addresses = addresses
        ready.features.sendmmsg = true
        ready.features.recvmmsg = true
        ready.features.kernelTimestamps = true
        ready.features.errorQueue = !has(.noErrorQueue)
        return ready
    }

    // MARK: - Senders

    private func sender(_ index: Int) -> RunOutcome.Member {
        let definition = scenario.senders[index]
        let addresses = (0..<definition.flows).map { "127.0.0.1:\(40_000 + 100 * index + $0)" }
        var result: WorkerResult?
        if !(has(.senderGaveNothing) && index == 0) {
            result = WorkerResult()
            result?.sender = senderResult(index)
        }
        return member("sender \(definition.name)", ready(addresses: addresses), result)
    }

    func senderResult(_ index: Int) -> SenderResult {
        let definition = scenario.senders[index]
        let parts = layout.measuredParts(index)
        let fates = parts.map { self.fates[$0] }
        let isJudged = index == 0
        var accounts = LedgerAccounts()
        accounts.scheduled = fates.sum(\.scheduled)
        accounts.sent = fates.sum(\.sent)
        accounts.skipped = fates.sum(.skipped)
        accounts.refused = fates.sum(.refused)
        accounts.localQueue = fates.sum(.localQueue)
        accounts.localFirewall = fates.sum(.localFirewall)
        accounts.tooBig = fates.sum(.tooBig)
        accounts.otherError = fates.sum(.otherError)
        var rejected = RejectedCounts()
        rejected.corrupt = fates.sum(.backwardCorrupt) + amount(.otherAnswers)
        rejected.beyondWindow = fates.sum(.beyondWindow)
        var resets = ResetFigures()
        resets.seen = isJudged ? amount(.resets) : 0
        for _ in 0..<(isJudged ? max(0, min(PlanKind.flows, amount(.endedFlows))) : 0) {
            resets.note(endAtNs: startNs + 500)
        }
        var stalls = StallCounts()
        stalls.measuredNs = isJudged ? Int64(amount(.stall)) * Self.measuredNs / 100 : 0
        stalls.totalNs = stalls.measuredNs
        if isJudged { accounts.scheduled += amount(.scheduledOff) }
        if isJudged { stalls.longestNs = -Int64(amount(.negativeStall)) }
        let pps: Double? =
            if case .perFlow(let pps) = definition.rate { pps * Double(definition.flows) } else {
                nil
            }
        var result = SenderResult(
            accounts: accounts, rejected: rejected,
            otherErrors: accounts.otherError > 0 ? ["ENODEV": accounts.otherError] : [:],
            receiveErrors: isJudged && has(.receiveErrors)
                ? ["EIO": amount(.receiveErrors)] : [:],
            retried: 0, resets: resets, outages: isJudged ? outages : [], outagesLeftOut: 0,
            largestBurst: 1, stalls: stalls,
            figures: layout.isOneWay(definition)
                ? StreamFigures() : figures(fates, isRoundTrip: true, isJudged: isJudged),
            stackNs: nil, abandonedSegments: false, wallClockStepped: false,
            drops: isJudged && has(.noDrops) ? nil : fates.sum(.senderOverflow),
            intendedPps: pps, firstSentNs: startNs + 1_000,
            lastSentNs: startNs + Self.measuredNs - 1_000, measuredNs: Self.measuredNs,
            startNs: startNs, endNs: startNs + Self.measuredNs,
            warmUpSentByFlow: layout.phases > 1
                ? Array(repeating: 5, count: definition.flows) : [],
            sentByFlow: byFlow(parts, \.sent))
        result.receivedByFlow = layout.isOneWay(definition) ? [] : byFlow(parts, \.received)
        if kind == .room { result.room = deliveries }
        if isJudged { result.endTimes = nearTimes }
        if kind.isFleet {
            result.image = image(definition, fates, isAtSender: true, isJudged: isJudged)
        }
        return result
    }

    /// So many of each part, shared out among its flows.
    private func byFlow(_ parts: [Int], _ path: KeyPath<Fates, Int>) -> [Int] {
        parts.flatMap { part -> [Int] in
            let (flows, count) = (layout.parts[part].flows.count, fates[part][keyPath: path])
            return (0..<flows).map { count / flows + ($0 < count % flows ? 1 : 0) }
        }
    }

    /// What both ends can say of what came: at the sender the round trip, at a sink one way.
    private func figures(
        _ fates: [Fates], isRoundTrip: Bool, isJudged: Bool
    ) -> StreamFigures {
        let copies = isJudged ? amount(.duplicates) : 0
        var figures = StreamFigures(
            sent: fates.sum(\.sent),
            inTime: fates.sum(\.inTime) + (isJudged ? amount(.extraAnswers) : 0),
            late: fates.sum(.late), duplicates: copies)
        var delays = DelaySummary()
        delays.count = figures.received
        if isRoundTrip { figures.rttNs = delays } else { figures.oneWayNs = delays }
        figures.discarded.beyondWindow = fates.sum(.beyondWindow)
        var interval = IntervalFigures(
            startNs: 0, sent: figures.sent, received: figures.received, lost: figures.loss.count,
            duplicates: copies, reordered: 0)
        interval.refused = fates.sum(.refused)
        interval.skipped = isRoundTrip ? fates.sum(.skipped) : nil
        figures.intervals = [interval]
        figures.intervalNs = Self.measuredNs
        guard isJudged else { return figures }
        figures.loss.count += amount(.lossOff)
        figures.intervals[0].received -= amount(.intervalOff)
        if has(.infiniteLoss) { figures.loss.ratio = .infinity }
        return figures
    }

    /// The same as statistics, which are merged with those of other hosts.
    private func image(
        _ sender: SenderDefinition, _ fates: [Fates], isAtSender: Bool, isJudged: Bool
    ) -> StatisticsImage {
        let spacing = layout.spacing(sender)
        var statistics = StreamStatistics(
            configuration: StreamConfiguration(
                timeoutNs: 1_000_000_000, payloadBytes: sender.payloadBytes, startNs: 0,
                intervalNs: spacing.lengthNs, maxIntervals: spacing.capacity,
                recordsIntervals: true, hasIntendedTimes: true,
                direction: kind.isOneWay ? .oneWay : .roundTrip))
        let (sent, skipped) = (fates.sum(\.sent), fates.sum(.skipped))
        if sent > 0 { statistics.recordSent(count: sent, sentNs: 0, intendedNs: 0) }
        guard isAtSender != kind.isOneWay else { return statistics.image() }
        let told = figures(fates, isRoundTrip: isAtSender, isJudged: isJudged)
        statistics.inTimeCount = told.inTime
        statistics.lateCount = told.late
        statistics.neverCount = told.never
        statistics.duplicateCount = told.duplication.count
        statistics.losses.count = told.late + told.never
        statistics.discarded = told.discarded
        for _ in 0..<told.received { statistics.delays.record(1_000_000) }
        statistics.intervals.recordReceived(
            told.received, delayNs: 1_000_000, reordered: 0, atNs: 0)
        statistics.intervals.recordLost(max(0, told.late + told.never), sentNs: 0)
        statistics.recordRefused(fates.sum(.refused), atNs: 0)
        if skipped > 0 { statistics.recordSkipped(skipped, dueNs: 0) }
        return statistics.image()
    }

    /// One that lasted to the end.
    private var outages: [Outage] {
        let silent = max(amount(.silentToTheEnd), amount(.closedToTheEnd))
        guard silent > 0 else { return [] }
        var outage = Outage(
            flow: 0, startNs: startNs + 500_000_000,
            detectedNs: has(.closedToTheEnd) ? startNs + 510_000_000 : nil, probes: silent)
        outage.flows = PlanKind.flows
        return [outage]
    }

    // MARK: - Responders

    private func responder(_ instance: Int) -> RunOutcome.Responder {
        var record = ResponderRecord()
        let conducted = has(.eventLeftOut) ? scenario.timeline.dropLast() : scenario.timeline[...]
        record.events = conducted.map { event in
            ConductedEvent(
                event: event, instance: instance, atNs: startNs + Int64(event.atNs),
                detail: "")
        }
        let own = layout.parts.indices.filter { layout.parts[$0].instance == instance }
        if kind == .paused { record.outageDrops = own.map { fates[$0] }.sum(.outage) }
        let last = kind.isForeign ? nil : responderResult(own)
        if [.killed, .killedCommand, .farKilled].contains(kind) {
            let former = member("responder far", ready(addresses: ["127.0.0.1:7788"]), nil)
            let nothing = [ResponderCounts](
                repeating: ResponderCounts(), count: layout.parts.count)
            record.formers = [
                FormerResponder(
                    member: former, counts: kind.isForeign ? nil : KilledCounts(streams: nothing),
                    drops: 0)
            ]
        }
        let isGone = has(.responderGaveNothing) && instance == 0
        var result = WorkerResult()
        result.responder = last
        if kind.isForeign {
            result.command = CommandResult(exitCode: 0, signal: nil, output: ["serving"])
        }
        return RunOutcome.Responder(
            member: member(
                layout.name(ofInstance: instance), ready(addresses: ["127.0.0.1:7788"]),
                isGone ? nil : result),
            totals: isGone
                ? nil
                : record.totals(last: last, isAlive: true, streams: layout.parts.count),
            formers: record.formers.map(\.member), record: record)
    }

    func responderResult(_ own: [Int]) -> ResponderResult {
        var result = ResponderResult.empty(streams: layout.parts.count)
        result.isAlive = !has(.responderEnded)
        for part in own {
            let fates = fates[part]
            let isJudged = part == measured[0]
            var counts = ResponderCounts()
            counts.received = fates.arrived
            counts.late = kind.isOneWay ? fates[.late] : 0
            counts.rejected = fates[.rejected]
            counts.echoFailed = fates[.echoFailed]
            counts.echoed = kind.isOneWay ? 0 : fates.echoed
            if isJudged {
                counts.received += amount(.extraProbes)
                counts.echoed += kind.isOneWay ? 0 : amount(.extraProbes)
                counts.unsent = amount(.unsentNumbers)
            }
            result.streams[part].counts = counts
            if isJudged { result.streams[part].endTimes = farTimes }
            if kind == .fleetSink {
                let sender = scenario.senders[layout.parts[part].sender]
                result.streams[part].image = image(
                    sender, [fates], isAtSender: false, isJudged: isJudged)
            }
            if layout.isOneWay(scenario.senders[layout.parts[part].sender]) {
                result.streams[part].figures = figures(
                    [fates], isRoundTrip: false, isJudged: isJudged)
            }
            if kind == .room { result.streams[part].room = rounds(fates) }
            result.datagrams += counts.received
        }
        let mine = own.map { fates[$0] }
        result.drops =
            has(.noResponderDrops)
            ? nil
            : mine.sum(.responderOverflow) + (kind == .paused ? mine.sum(.outage) : 0)
        result.rejected.corrupt = mine.sum(.forwardCorrupt)
        result.rejected.short = amount(.rejectedElsewhere)
        result.stalls.measuredNs = Int64(amount(.responderStall)) * Self.measuredNs / 100
        if has(.responderReceiveErrors) {
            result.receiveErrors = ["EIO": amount(.responderReceiveErrors)]
        }
        if has(.responderEnded) { result.resets.note(endAtNs: startNs + 500_000_000) }
        return result
    }

    /// A room of two that every message reaches.
    private func rounds(_ fates: Fates) -> RoomRounds {
        var rounds = RoomRounds()
        rounds.messages = fates.arrived
        rounds.expected = 2 * fates.arrived
        rounds.failed = amount(.roomFailed)
        rounds.sent = rounds.expected - rounds.failed
        (rounds.membersLeast, rounds.membersMost) = (2, 2)
        return rounds
    }

    var deliveries: RoomDeliveries {
        let round = rounds(fates[measured[0]])
        let delivered = round.sent - amount(.roomMissing) + amount(.roomExtra)
        return RoomDeliveries(
            delivered: delivered, late: 0, duplicates: 0,
            deliveredByMember: [delivered - delivered / 2, delivered / 2])
    }

    // MARK: - What is between

    private var network: RunOutcome.Member? {
        guard kind == .namespace else { return nil }
        var result = WorkerResult()
        result.network = networkResult
        return member("network net", networkReady, has(.networkGaveNothing) ? nil : result)
    }

    var networkReady: Ready {
        var ready = Ready()
        ready.network = NetworkReady(
            nearDescriptor: 3, farDescriptor: 4, farIPv4: "10.0.0.2", farIPv6: nil,
            isInUserNamespace: true, icmpRatelimitMs: 1_000, icmpMsgsPerSec: 1_000)
        return ready
    }

    var networkResult: NetworkResult {
        NetworkResult(
            forward: way(\.sent, .forwardInjected), backward: way(\.echoed, .backwardInjected),
            fault: nil)
    }

    private func way(_ entered: KeyPath<Fates, Int>, _ injected: Fate) -> NetworkWayResult {
        var way = NetworkWayResult()
        way.entered = fates.map { $0[keyPath: entered] }
        way.arrived = way.entered
        way.lost = fates.map { $0[injected] }
        return way
    }

    private var relayMember: RunOutcome.Member? {
        guard kind.hasRelay else { return nil }
        var result = WorkerResult()
        result.relay = relayResult
        return member(
            "relay net", ready(addresses: ["127.0.0.1:9999"]),
            has(.relayGaveNothing) ? nil : result)
    }

    var relayResult: RelayResult {
        RelayResult(
            forward: direction(\.sent, .forwardInjected, .forwardCorrupt, .relayDropsForward),
            backward: direction(
                \.echoed, .backwardInjected, .backwardCorrupt, .relayDropsBackward),
            ownDelayNs: nil, flows: 2, flowsEvicted: 0, flowsIdled: 0, targetResets: 0,
            clientResets: 0, sendErrors: [:],
            receiveErrors: has(.relayReceiveErrors) ? ["EIO": amount(.relayReceiveErrors)] : [:],
            heldBytesMax: 0, reopenFailures: 0, logRowsLost: 0, startNs: startNs,
            endNs: startNs + Self.measuredNs)
    }

    private func direction(
        _ came: KeyPath<Fates, Int>, _ injected: Fate, _ altered: Fate, _ notCarried: Condition.Name
    ) -> RelayDirectionResult {
        var accounts = RelayAccounts()
        accounts.received = fates.sum(came)
        accounts.lost = fates.sum(injected) - amount(.relayCountsLess)
        accounts.altered = fates.sum(altered)
        accounts.sendFailed = amount(notCarried)
        accounts.forwarded = accounts.received - accounts.lost - accounts.sendFailed
        let streams = fates.map { fates in
            var stream = RelayStreamResult()
            stream.received = fates[keyPath: came]
            stream.altered = fates[altered]
            stream.delivered = stream.received - fates[injected] - stream.altered
            return stream
        }
        return RelayDirectionResult(
            accounts: accounts, delayNs: nil, drops: 0, decisions: "0123456789abcdef",
            streams: streams)
    }
}
