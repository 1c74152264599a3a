import Datagrams
import Glibc
import Impairment
import Load
import Metrics
import STAMP

/// The knowledge of a flow's source address.
enum PeerState: UInt8 {
    case unknown, seenOnce, known
    /// Any source address is accepted.
    case changing
}

/// Answers (echo, RFC 862; STAMP, RFC 8762) or counts (sink) the probes of the expected streams:
/// one socket, one thread. Other datagrams are counted and never answered.
package struct ResponderLoop<
    Kernel: ResponderKernel & ~Copyable, Clock: MonotonicClock
>: ~Copyable {
    static var batch: Int { 64 }
    /// The batch size for coalesced messages of up to 64 KiB each: as many as fit into the caches.
    static var coalescedBatch: Int { 8 }
    /// The maximum delay of an answer by a full send buffer before it counts as failed.
    static var answerPatienceNs: Int64 { 20_000_000 }
    /// The maximum number of receives of a stopped loop after its drain, if datagrams never stop
    /// arriving: more than a full socket buffer needs. It is a number and not a time, which a busy
    /// machine would shorten.
    static var lastLooksLimit: Int { 1 << 16 }
    static var liveEveryNs: Int64 { 250_000_000 }
    /// The longest wait of one receive.
    static var receivePatienceNs: Int64 { LinuxResponderKernel.receiveTimeoutNs }

    let clock: Clock
    let control: LoopControl
    let echoes: Bool
    /// The layout of the answers, and what all of them have in common; without a size of their own
    /// `replyBytes` is 0, and they are the probes.
    let replyBytes: Int
    let replies: ProbeLayout
    let replyTemplate: UnsafeMutableRawPointer
    /// Whether answers are held before they leave.
    let holds: Bool
    var held = HeldAnswers()
    /// Whether the loop is a STAMP reflector: its probes are STAMP packets.
    let reflects: Bool
    /// The reflector; nil for the other behaviours.
    var reflection: Reflection?
    /// The counts of each session, by flow; none for the other behaviours.
    let reflected: CheckedMemory<Reflection.SessionCounts>
    let anchorNs: Int64
    let streams: [ExpectedStream]
    /// The index into `flows` of each session, −1 if no stream has it. 65,536 entries.
    let flowOfSession: CheckedMemory<Int32>
    let streamOfFlow: CheckedMemory<Int32>
    let flowCount: Int
    /// The layout by stream, and a probe without its header.
    let layouts: CheckedMemory<ProbeLayout>
    let templates: CheckedMemory<UnsafeMutableRawPointer>
    /// Whether the plan's network alters datagrams: a datagram that is not a probe then counts as
    /// an altered one.
    let expectsAltered: Bool
    let windows: CheckedMemory<ArrivalWindow>
    /// The memory of the windows, by stream.
    private let windowMemory: CheckedMemory<WindowMemory>
    let statistics: CheckedMemory<StreamStatistics>
    let flows: CheckedMemory<ResponderCounts>
    /// The counts that belong to no single flow.
    let lane: UnsafeMutablePointer<LaneCounts>
    private let memory: LaneMemory
    private let ownsMemory: Bool
    /// The number above the highest sequence number known to be possible by now, by flow.
    let horizons: CheckedMemory<UInt64>
    /// The receive time of the current batch.
    var nowNs: Int64 = .min
    /// The source address of each flow in the kernel's layout; all zero before its first.
    let peers: CheckedMemory<UInt8>
    let peerStates: CheckedMemory<PeerState>
    /// Per message of a batch: the flow to answer, or −1 for none; the number of first copies in
    /// it; and whether all its probes are to be answered.
    let answerFlow: CheckedMemory<Int32>
    let firstCopies: CheckedMemory<Int32>
    let isWhole: CheckedMemory<Bool>
    /// The receive time of each message of a batch.
    let arrivedNs: CheckedMemory<Int64>
    /// The times of sampled probes, by stream.
    let endTimes: CheckedMemory<EndTimes>
    let leaps: CheckedMemory<SequenceLeap?>
    /// The marks of the first copies, by stream, as far as they are read.
    let marks: CheckedMemory<MarkCounts>
    let readsMarks: Bool
    /// The flows of requests by their source.
    let requestFlows: RequestFlows
    var batches = 0
    /// The stream whose counts are reported, and when next; never without one.
    let feedbackStream: Int?
    var nextFeedbackNs: Int64
    package internal(set) var stalls: StallWatch
    /// The number of port orders carried out: an odd number means closed.
    var portOrders = 0
    let incoming: ReceiveBatch
    let usesKernelTimestamps: Bool
    /// The converter of the kernel's receive times.
    var arrivalClock: ArrivalClock
    var stackDelays = DelayHistogram()
    var retry: RetryState
    /// Whether a reset has occurred in this step, which is a receive and the answers to the
    /// datagrams received. Several resets in one step are one failure of it.
    var stepHasFailed = false
    /// Whether a stop ended a pause.
    var isTooLate = false
    /// The end of the policy's pause.
    var resumesNs: Int64 = .min
    /// The rule for sources that a flow cannot have; `nil` if the own address is unknown.
    let sources: AnswerRule?
    /// The room, without members unless the responder is a room.
    var room: ChatRoom
    var fanOut = FanOut()
    var rounds: [RoomRounds]
    var receiveErrors: ReceiveErrors
    /// The fault that ended the loop before it was stopped.
    package internal(set) var fault: HostFault?

    /// - Parameters:
    ///   - members: The capacity of the room; 0 for a responder that is not a room.
    ///   - single: Whether each message is sent and received by a call of its own.
    ///   - bound: The address to which the responder is bound: datagrams from it are not answered.
    ///   - shared: The memory for the counts; by default memory of its own.
    ///   - replyBytes: The payload of every answer of an echo; nil if each has that of its probe.
    ///   - replyDelay: The times for which an echo holds its answers; nil if they leave at once.
    package init(
        streams: [ExpectedStream], echoes: Bool, runID: UInt64, anchorNs: Int64, clock: Clock,
        control: LoopControl, coalesces: Bool = false, usesKernelTimestamps: Bool = false,
        onReset policy: RetryPolicy = .always, members: Int = 0,
        single: SingleCalls = SingleCalls(), bound: SocketAddress? = nil,
        expectsAltered: Bool = false, shared: LaneMemory? = nil, reflection: Reflection? = nil,
        feedbackStream: Int? = nil, replyBytes: Int? = nil, replyDelay: DelayProcess? = nil
    ) {
        // Initialised first: Swift 6.3.1 takes a later initialisation of a noncopyable property in
        // a generic type for an assignment, and destroys the uninitialised value.
        let largest = streams.map(\.payloadBytes).max() ?? ProbeLayout.maximumBytes
        ownsMemory = shared == nil
        memory = shared ?? .allocate(flows: streams.reduce(0) { $0 + $1.flows })
        receiveErrors = ReceiveErrors(in: memory.receiveErrors)
        let readsMarks = streams.contains { $0.trafficClass != nil }
        incoming = ReceiveBatch(
            slots: coalesces ? Self.coalescedBatch : Self.batch,
            slotBytes: coalesces ? 1 << 16 : max(largest, replyBytes ?? 0) + 1,
            withAddresses: true,
            withControl: coalesces || usesKernelTimestamps || readsMarks || reflection != nil,
            single: single)
        sources = bound.map { AnswerRule(bound: $0, allowed: AddressRange.everything) }
        requestFlows = RequestFlows(streams)
        room = ChatRoom(capacity: members)
        rounds = Array(repeating: RoomRounds(), count: streams.count)
        retry = RetryState(policy)
        self.usesKernelTimestamps = usesKernelTimestamps
        arrivalClock = ArrivalClock(clock)
        (self.streams, self.echoes) = (streams, echoes)
        self.replyBytes = replyBytes ?? 0
        holds = replyDelay != nil
        if let replyDelay { held.begin(replyDelay, single: single) }
        replies = ProbeLayout(
            payloadBytes: replyBytes ?? ProbeLayout.minimumBytes, runID: runID, anchorNs: anchorNs)
        replyTemplate = .allocate(byteCount: replies.payloadBytes, alignment: 8)
        replies.prepare(replyTemplate)
        self.reflection = reflection
        (reflects, self.readsMarks) = (reflection != nil, readsMarks)
        (self.expectsAltered, self.anchorNs) = (expectsAltered, anchorNs)
        nextFeedbackNs = feedbackStream == nil ? .max : .min
        (self.clock, self.control, self.feedbackStream) = (clock, control, feedbackStream)
        stalls = StallWatch(measured: (streams.first?.statistics.startNs ?? 0)..<Int64.max)
        flowCount = streams.reduce(0) { $0 + $1.flows }
        precondition(flowCount <= 1 << 16, "a session number has 16 bits")
        reflected = .filled(Reflection.SessionCounts(), count: reflects ? flowCount : 0)
        flowOfSession = .filled(-1, count: 1 << 16)
        streamOfFlow = .allocate(capacity: flowCount)
        layouts = .allocate(capacity: streams.count)
        templates = .allocate(capacity: streams.count)
        windows = .allocate(capacity: flowCount)
        statistics = .allocate(capacity: streams.count)
        memory.initialize(flows: flowCount)
        flows = memory.flows
        lane = memory.lane
        peers = .filled(0, count: flowCount * ReceiveBatch.addressBytes)
        peerStates = .allocate(capacity: flowCount)
        horizons = .allocate(capacity: flowCount)
        answerFlow = .filled(-1, count: Self.batch)
        firstCopies = .filled(0, count: Self.batch)
        isWhole = .filled(false, count: Self.batch)
        arrivedNs = .filled(0, count: Self.batch)
        endTimes = .allocate(capacity: streams.count)
        leaps = .filled(nil, count: flowCount)
        // No array: initialised here, Swift 6.3.1 would release what was there before.
        windowMemory = .allocate(capacity: streams.count)
        marks = .filled(MarkCounts(), count: streams.count)
        makeFlows(runID: runID)
    }

    /// Initialises the memory of the streams and of their flows.
    private func makeFlows(runID: UInt64) {
        var flow = 0
        for (index, stream) in streams.enumerated() {
            (statistics + index).initialize(
                to: StreamStatistics(configuration: stream.statistics))
            let hasStamps = stream.hasStamps(toEcho: echoes)
            (windowMemory + index).initialize(to: stream.windowMemory(hasStamps: hasStamps))
            let layout = stream.layout(runID: runID, anchorNs: anchorNs)
            (layouts + index).initialize(to: layout)
            (templates + index).initialize(
                to: .allocate(byteCount: stream.payloadBytes, alignment: 8))
            layout.prepare(templates[index])
            (endTimes + index).initialize(to: EndTimes(most: stream.maxEndTimes))
            for number in 0..<stream.flows {
                flowOfSession[Int(stream.firstSession) + number] = Int32(flow)
                (streamOfFlow + flow).initialize(to: Int32(index))
                (peerStates + flow).initialize(to: stream.peersChange ? .changing : .unknown)
                (horizons + flow).initialize(to: stream.bound == nil ? .max : stream.firstSequence)
                if number < stream.sources.count {
                    stream.sources[number].copy(to: peers + flow * ReceiveBatch.addressBytes)
                    peerStates[flow] = .known
                }
                (windows + flow).initialize(
                    to: stream.window(number, hasStamps: hasStamps, in: windowMemory[index]))
                flow += 1
            }
        }
    }

    deinit {
        flowOfSession.deallocate()
        streamOfFlow.deallocate()
        for stream in streams.indices { templates[stream].deallocate() }
        templates.deallocate()
        replyTemplate.deallocate()
        layouts.deallocate()
        windows.deinitialize(count: flowCount)
        windows.deallocate()
        for stream in streams.indices { windowMemory[stream].deallocate() }
        windowMemory.deallocate()
        statistics.deinitialize(count: streams.count)
        statistics.deallocate()
        if ownsMemory { memory.deallocate() }
        peers.deallocate()
        peerStates.deallocate()
        horizons.deallocate()
        answerFlow.deallocate()
        firstCopies.deallocate()
        isWhole.deallocate()
        arrivedNs.deallocate()
        endTimes.deinitialize(count: streams.count)
        endTimes.deallocate()
        leaps.deallocate()
        marks.deallocate()
        reflected.deallocate()
    }

    /// Runs until it is stopped and nothing has arrived for the drain time after that; if datagrams
    /// never stop arriving, for `lastLooksLimit` receives after the drain. If the retry policy ends
    /// the loop the port is closed at once, and the rest of the time is waited for.
    package mutating func run(_ kernel: inout Kernel) {
        defer { if holds { failHeld() } }
        var quietSinceNs = clock.nowNs()
        // The time before the loop existed is no stall: it may have been started during the run.
        stalls.wait(untilNs: quietSinceNs)
        var nextLiveNs = quietSinceNs
        var stoppedNs = Int64.max
        var looksLeft = Self.lastLooksLimit
        while true {
            // Read before the queue: datagrams that arrived before a stop are in the queue, and
            // only an empty queue proves that none is left.
            let isStopping = control.isStopping
            if control.portOrderCount != portOrders {
                if !followPort(&kernel) { return }
                stalls.wait(untilNs: clock.nowNs())
            }
            stalls.look(atNs: clock.nowNs())
            stalls.waits(Self.receivePatienceNs)
            let count = holds ? receiveBesideHeld(&kernel) : kernel.receive(incoming)
            let now = clock.nowNs()
            stalls.look(atNs: now)
            if now >= nextLiveNs, !streams.isEmpty {
                nextLiveNs = now + Self.liveEveryNs
                control.publish(
                    feedbackStream == nil
                        ? statistics[0].intervalSnapshot() : statistics[0].totals)
                if reflects { readClockError() }
            }
            if count > 0 {
                quietSinceNs = now
                batches += 1
                nowNs = now
                if usesKernelTimestamps { arrivalClock.look(clock, sinceNs: now) }
                for index in 0..<count { took(message: index, nowNs: now) }
                if readsMarks { countMarks(count) }
                if room.capacity > 0 {
                    goRound(&kernel, count: count)
                    // Thousands of deliveries take some time.
                    stalls.wait(untilNs: clock.nowNs())
                } else if reflects {
                    reflect(&kernel, count: count)
                } else if holds {
                    hold(count: count)
                } else if echoes {
                    answer(&kernel, count: count)
                }
            } else if count < 0, count != -Int(EAGAIN) {
                // The error concerned an earlier answer; received datagrams follow it in the queue.
                quietSinceNs = now
                receiveFailed(count, &kernel)
                if fault != nil { return }
            }
            if now >= nextFeedbackNs { report(count, nowNs: now) }
            if count >= 0 || count == -Int(EAGAIN) { receiveErrors.worked() }
            if stepHasFailed {
                stepHasFailed = false
                if retry.hasEnded { return end(&kernel) }
                pause(&kernel)
                stalls.wait(untilNs: clock.nowNs())
            } else if count > 0 {
                stepWentWell()
            }
            guard isStopping else { continue }
            stoppedNs = min(stoppedNs, now)
            if holds, held.count > 0, now - stoppedNs < Impairment.delayMaxNs { continue }
            let drainNs = control.drainLimitNs
            // An error concerns an answer, and does not show whether datagrams wait behind it.
            let isEmpty = count == 0 || count == -Int(EAGAIN)
            if isEmpty, now - quietSinceNs >= drainNs { return }
            guard now - stoppedNs >= drainNs else { continue }
            looksLeft -= 1
            if looksLeft <= 0 { return }
        }
    }

    /// Reports the counts of a stream, once all that has arrived was read: the datagrams of a time
    /// for which this thread was descheduled would else count as arrivals of the next one. A loop
    /// that never catches up reports as well, and says so.
    private mutating func report(_ received: Int, nowNs: Int64) {
        guard let stream = feedbackStream else { return }
        let isBehind = received >= incoming.slots
        if isBehind, nowNs &- nextFeedbackNs < Self.catchingUpNs { return }
        nextFeedbackNs = nowNs + LoadFeedback.everyNs
        var expected = 0
        for flow in 0..<flowCount where Int(streamOfFlow[flow]) == stream {
            expected += Int(windows[flow].nextSequence - streams[stream].firstSequence)
        }
        var feedback = statistics[stream].feedback(atNs: nowNs, expected: expected)
        feedback.isBehind = isBehind
        control.report(feedback)
    }

    private static var catchingUpNs: Int64 { 4 * LoadFeedback.everyNs }

    package var rejected: RejectedCounts { lane.pointee.rejected }
    /// The datagrams received, copies and rejected ones included.
    package var datagrams: Int { lane.pointee.datagrams }

    func flowIndex(_ stream: Int, _ flow: Int) -> Int {
        streams[..<stream].reduce(0) { $0 + $1.flows } + flow
    }

    /// Whether any datagram of a flow arrived at this loop, an unconfirmed leap included.
    package func served(_ stream: Int, _ flow: Int) -> Bool {
        let index = flowIndex(stream, flow)
        return windows[index].uniqueCount > 0 || leaps[index] != nil
    }

    /// Settles one flow. To be called once for each flow of this loop, after `run`.
    /// - Parameters:
    ///   - sent: The number of probes that the sender sent; `nil` for the highest seen here.
    ///   - countsTail: Whether probes sent after the last one seen here count as lost: only one of
    ///     the threads that served a flow counts them.
    package mutating func close(stream: Int, flow: Int, sent: Int?, countsTail: Bool = true) {
        let index = flowIndex(stream, flow)
        if let sent { decideLeap(of: index, stream: stream, sent: sent) }
        let seen = Int(windows[index].nextSequence - streams[stream].firstSequence)
        var end = sent ?? seen
        if !countsTail { end = min(end, seen) }
        let unsent = windows[index].close(sent: UInt64(end), into: &statistics[stream])
        let count = unsent.inTime + unsent.late
        guard count > 0 else { return }
        flows[index].received -= count
        guard !streams[stream].areRequests else {
            // Copies cannot be told from requests, but there are no more than were sent.
            flows[index].duplicates += count
            return
        }
        flows[index].unsent += count
        flows[index].late -= unsent.late
        // Each of these probes was answered on arrival, or its answer failed.
        flows[index].echoed -= min(count, flows[index].echoed)
        lane.pointee.rejected.fromFuture += count
    }

    /// Settles all flows of a stream that only one loop has served.
    package mutating func close(stream: Int, sent: [Int]) {
        for flow in 0..<streams[stream].flows {
            close(stream: stream, flow: flow, sent: flow < sent.count ? sent[flow] : nil)
        }
    }

    /// Adds another thread's counts of a stream.
    package mutating func merge(stream: Int, _ other: borrowing Self) {
        statistics[stream].merge(other.statistics[stream])
    }

    package mutating func mergeStackDelays(_ other: borrowing Self) {
        stackDelays.merge(other.stackDelays)
    }

    package func stackNs() -> DelaySummary {
        stackDelays.summary(buckets: StreamConfiguration.bucketsMost)
    }

    package func figures(stream index: Int) -> StreamFigures { statistics[index].summary() }

    /// Returns the first copies received of one flow.
    package func received(stream: Int, flow: Int) -> Int {
        flows[flowIndex(stream, flow)].received
    }

    /// Returns the counts of stream `index`, all its flows together.
    package func counts(stream index: Int) -> ResponderCounts {
        var sum = ResponderCounts()
        for flow in 0..<flowCount where Int(streamOfFlow[flow]) == index { sum.add(flows[flow]) }
        return sum
    }
}
