import Datagrams
import Metrics

/// A thread of a sender and the flows that it serves.
package final class SenderLane<Content: SenderContent>: @unchecked Sendable {
    // Used by the control thread before the data thread starts and after it was joined, and by the
    // data thread between the two.
    var kernel: LinuxKernel
    private(set) var result: SenderResult?
    private(set) var fault: LoopFault?
    /// The loop of the measurement, after it has run: its sockets stay open.
    fileprivate var loop: SenderLoop<LinuxKernel, LinuxClock, Content>?
    private var dropsAtEnd: Int? = 0

    private let assignment: SenderAssignment
    private let number: Int
    private let flows: Range<Int>
    private let features: SocketFeatures
    private let control: LoopControl
    private let log: DatagramLog?
    let content: Content
    private let rendezvous: Rendezvous
    private let leadNs: Int64
    private let destinations: [SocketAddress]
    private let isUnix: Bool
    private var statistics: StreamStatistics
    private var stackDelays = DelayHistogram()
    private var deliveryDelays = DelayHistogram()
    private(set) var endTimes = EndTimes(most: 0)

    init(
        _ assignment: SenderAssignment, number: Int, flows: Range<Int>, content: Content,
        targets: [SocketAddress],
        features: SocketFeatures, control: LoopControl, rendezvous: Rendezvous, leadNs: Int64
    ) throws(SystemFailure) {
        self.assignment = assignment
        self.number = number
        self.flows = flows
        self.content = content
        self.features = features
        self.control = control
        self.rendezvous = rendezvous
        self.leadNs = leadNs
        statistics = StreamStatistics(
            configuration: StreamConfiguration(
                timeoutNs: assignment.timeoutNs, payloadBytes: assignment.sender.payloadBytes,
                startNs: 0))
        // One log per thread: a log has one producer. All append to the same file.
        log = try assignment.logPath.map { path throws(SystemFailure) in
            try DatagramLog(path: path, flowPrefix: assignment.logPrefix)
        }
        isUnix = targets[0].family == .unix
        destinations = assignment.sender.socket == .connected ? [] : targets
        let parts = assignment.partOfFlow(flows)
        kernel = try LinuxKernel(
            targets: flows.map { flow in
                targets.count == 1 ? targets[0] : targets[parts[flow - flows.lowerBound]]
            }, options: features, kind: assignment.sender.socket,
            from: assignment.source.flatMap(SocketAddress.init(numeric:)),
            how: assignment.sender.options, firstFlow: flows.lowerBound)
    }

    deinit { content.deallocate() }

    /// Runs the loops on the data thread.
    func run(startNs: Int64) {
        var startNs = startNs
        var warmUpSent = [Int](repeating: 0, count: flows.count)
        var warmUpReceived: [Int] = []
        var abandonedSegments = false
        if assignment.warmUpNs > 0 {
            var loop = SenderLoop<LinuxKernel, LinuxClock, Content>(
                phase: phase(startNs: startNs, isWarmUp: true), content: content,
                clock: LinuxClock(), control: control, log: nil)
            Content.run(&loop, &kernel)
            fault = loop.fault
            if fault != nil { control.stop(drainNs: 0) }
            warmUpSent = loop.sentByFlow
            warmUpReceived = loop.receivedByFlow
            content.begin(afterWarmUp: warmUpSent)
            abandonedSegments = loop.isSingle
            // The times of the plan's events are relative to this slot, even if the last slot of
            // the warm-up is earlier.
            startNs = rendezvous.meet(
                leadNs: leadNs, notBeforeNs: startNs + assignment.warmUpNs)
            if fault != nil { return }
        }
        startNs += Int64(assignment.sender.options.startAfterNs)
        let dropsBefore = drops()
        var phase = phase(startNs: startNs, isWarmUp: false)
        phase.warmUpReceived = warmUpReceived
        if abandonedSegments {
            phase.segments = 1
            if phase.batch > 1 {
                phase.batch = SenderLoop<LinuxKernel, LinuxClock, Content>.singlesPerCall
            }
        }
        var loop = SenderLoop<LinuxKernel, LinuxClock, Content>(
            phase: phase, content: content, clock: LinuxClock(), control: control, log: log)
        Content.run(&loop, &kernel)
        fault = loop.fault
        // Without this thread's flows the others' figures are not those of the stream.
        if fault != nil { control.stop(drainNs: 0) }
        var result = loop.result(endNs: LinuxClock().nowNs())
        dropsAtEnd = drops()
        result.drops = dropsAtEnd.flatMap { after in dropsBefore.map { after - $0 } }
        if abandonedSegments { result.abandonedSegments = true }
        result.warmUpSentByFlow = warmUpSent
        result.marks = features.reportsMarks ? loop.marks : nil
        result.answers = content.answers(loop.accounts)
        self.result = result
        loop.take(&statistics, &stackDelays, &deliveryDelays)
        endTimes = loop.endTimes
        self.loop = consume loop
    }

    /// Returns the datagrams that arrived since the drain, after the data thread was joined.
    func tail() -> TailReply {
        let answers = loop?.takeTail(&kernel) ?? 0
        let drops = drops()
        defer { dropsAtEnd = drops }
        let dropped = drops.flatMap { after in dropsAtEnd.map { after - $0 } }
        return TailReply(answers: answers, drops: dropped ?? 0)
    }

    /// Waits until every row of the log is written, or lost.
    func finishLog() -> LostRows { log?.finish() ?? LostRows() }

    /// Adds the figures of another lane, after both threads were joined.
    func merge(_ other: SenderLane) {
        statistics.merge(other.statistics)
        stackDelays.merge(other.stackDelays)
        deliveryDelays.merge(other.deliveryDelays)
        endTimes.merge(other.endTimes)
    }

    func figures() -> StreamFigures { statistics.summary() }

    func image() -> StatisticsImage { statistics.image() }

    func partLosses() -> PartLosses? { statistics.partLosses }

    func outages() -> OutageList { statistics.outages }

    func stackNs() -> DelaySummary? {
        features.timestamps
            ? stackDelays.summary(buckets: StreamConfiguration.bucketsMost) : nil
    }

    /// Returns the delivery delays; `nil` if the flows are members of no room.
    func deliveryNs() -> DelaySummary? {
        assignment.room == nil ? nil : deliveryDelays.summary()
    }

    private func drops() -> Int? {
        .sum((0..<flows.count).map { kernel.drops(flow: $0) })
    }

    private func phase(startNs: Int64, isWarmUp: Bool) -> SenderPhase {
        var sender = assignment.sender
        if isWarmUp {
            sender.length = .durationNs(Int(assignment.warmUpNs))
            sender.startSequence = 0
            sender.schedule = .constant
            // A warm-up continues after any reset.
            sender.onReset = .always
        }
        let sessions =
            isWarmUp ? assignment.firstSession : assignment.firstMeasuredSession
        let shared = assignment.sharedWindow.map { max(1, $0 * flows.count / assignment.flows) }
        var phase = SenderPhase(
            sender, flows: flows.count, window: shared ?? assignment.window,
            timeoutNs: assignment.timeoutNs, startNs: startNs,
            firstSession: UInt16(sessions + flows.lowerBound),
            windowCapacity: assignment.windowSlots)
        if !isWarmUp, assignment.warmUpNs > 0 {
            phase.warmUpSession = UInt16(assignment.firstSession + flows.lowerBound)
        }
        phase.lane = number
        phase.firstFlow = flows.lowerBound
        phase.sharedWindow = flows.count > 1 ? shared : nil
        phase.destinations = destinations
        phase.partOfFlow = assignment.partOfFlow(flows)
        phase.parts = isWarmUp ? nil : assignment.partGrid
        phase.batch = assignment.sendBatch
        phase.segments = features.segmentBytes == nil ? 1 : assignment.segments
        phase.receiveBatch = assignment.receiveBatch
        phase.coalesces = features.coalesces
        phase.usesKernelTimestamps = features.timestamps
        phase.readsMarks = features.reportsMarks
        if isUnix { phase.queuePatienceNs = assignment.timeoutNs }
        if let pps = assignment.firstPps {
            phase.rate = .paced(streamPps: pps * Double(flows.count))
            phase.isAdjusted = !isWarmUp
            phase.reportsFeedback = !isWarmUp && !assignment.isOneWay
        }
        phase.spinNs = assignment.spinNs
        phase.isOneWay = assignment.isOneWay
        phase.expectsAltered = assignment.expectsAltered
        phase.endsWithLastAnswer = assignment.endsWithLastAnswer || isWarmUp
        phase.latePatienceNs = isWarmUp ? 0 : assignment.latePatienceNs
        phase.intervalNs = assignment.intervalNs
        phase.replyBytes = assignment.replyBytes
        phase.stallNs += assignment.longestHoldNs
        phase.maxIntervals = assignment.maxIntervals
        phase.maxOutages = assignment.maxOutages
        phase.recordsIntervals = !isWarmUp
        phase.maxEndTimes = isWarmUp || assignment.isOneWay ? 0 : assignment.maxEndTimes
        phase.maxLossRuns = isWarmUp || assignment.isOneWay ? 0 : assignment.maxLossRuns
        phase.isWarmUp = isWarmUp
        if let room = assignment.room, !isWarmUp {
            phase.room = RoomPhase(
                members: room.members, firstSession: assignment.firstMeasuredSession,
                messages: room.messages)
        }
        return phase
    }
}

extension SenderLoop where Kernel: ~Copyable {
    var sentByFlow: [Int] {
        (0..<phase.flows).map { Int(sequences[$0] - phase.firstSequence) }
    }

    var receivedByFlow: [Int] { (0..<phase.flows).map { windows[$0].received } }

    /// Swaps the statistics out, for use after the loop.
    mutating func take(
        _ other: inout StreamStatistics, _ delays: inout DelayHistogram,
        _ deliveryDelays: inout DelayHistogram
    ) {
        swap(&statistics, &other)
        swap(&stackDelays, &delays)
        swap(&deliveries.delays, &deliveryDelays)
    }

    /// Returns everything but the figures, which are merged over the threads first.
    func result(endNs: Int64) -> SenderResult {
        var intended: Double? = if case .paced(let pps) = phase.rate { pps } else { nil }
        if phase.isAdjusted, !stalls.measured.isEmpty {
            intended = Double(accounts.ledger.scheduled) * 1e9 / Double(stalls.measured.count)
        }
        return SenderResult(
            accounts: accounts.ledger, rejected: accounts.rejected,
            otherErrors: otherErrors.byName, receiveErrors: receiveErrors.byName,
            retried: accounts.retried, resets: resetFigures, outages: [], outagesLeftOut: 0,
            largestBurst: accounts.largestBurst, stalls: stalls.counts, figures: StreamFigures(),
            stackNs: nil,
            abandonedSegments: isSingle, wallClockStepped: arrivalClock.isStepped,
            drops: 0, intendedPps: intended, firstSentNs: firstSentNs, lastSentNs: lastSentNs,
            measuredNs: Int64(stalls.measured.count), startNs: phase.startNs, endNs: endNs,
            warmUpSentByFlow: [], sentByFlow: sentByFlow,
            receivedByFlow: receivedByFlow,
            room: roomResult)
    }
}

extension SenderLane where Content == StampContent {
    /// The answers' numbers and times, after the data thread was joined.
    struct Stamps {
        let losses: StampLosses
        let exchanges: [TimeExchange]
        let absurd: Int
        let farErrorNs: Int64
        let isFarUnsynchronized: Bool
        let facts: ReflectedFacts
    }

    func stamps() -> Stamps? {
        guard let losses = loop?.stampLosses, let exchanges = loop?.stamps.samples.all,
            let absurd = loop?.stamps.samples.absurd, let error = loop?.stamps.farErrorNs,
            let isUnsynchronized = loop?.stamps.isFarUnsynchronized,
            let facts = loop?.stamps.facts
        else { return nil }
        return Stamps(
            losses: losses, exchanges: exchanges, absurd: absurd, farErrorNs: error,
            isFarUnsynchronized: isUnsynchronized, facts: facts)
    }
}
