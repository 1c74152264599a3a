import Datagrams
import Glibc
import Metrics

/// The probes of one flow in one phase, as a responder expects them.
package struct ExpectedStream: Sendable {
    /// The sessions `firstSession ..< firstSession + flows`.
    package var firstSession: UInt16
    package var flows: Int
    package var payloadBytes: Int
    package var firstSequence: UInt64
    package var statistics: StreamConfiguration
    package var windowCapacity: Int
    /// Its datagrams come from ports that change: a hit-and-run sender's.
    package var peersChange: Bool
    /// What its sender can have sent by a time; `nil`: anything.
    package var bound: SendingBound?
    /// The source address of each flow; empty where it is not known beforehand.
    package var sources: [SocketAddress]
    /// The fill of each payload is looked at as well, and not the header alone.
    package var verifies: Bool

    package init(
        firstSession: UInt16, flows: Int, payloadBytes: Int, firstSequence: UInt64,
        statistics: StreamConfiguration, windowCapacity: Int, peersChange: Bool = false,
        verifies: Bool = false, bound: SendingBound? = nil, sources: [SocketAddress] = []
    ) {
        self.firstSession = firstSession
        self.flows = flows
        self.payloadBytes = payloadBytes
        self.firstSequence = firstSequence
        self.statistics = statistics
        self.windowCapacity = windowCapacity
        self.peersChange = peersChange
        self.verifies = verifies
        self.bound = bound
        self.sources = sources
    }
}

/// What is known of a flow's source address.
enum PeerState: UInt8 {
    case unknown, seenOnce, known
    /// Any will do.
    case changing
}

/// Answers (echo, RFC 862) or counts (sink) the probes of the streams that it was told of: one
/// socket, one thread. What is no probe of theirs is counted and never answered.
package struct ResponderLoop<
    Kernel: ResponderKernel & ~Copyable, Clock: MonotonicClock
>: ~Copyable {
    static var batch: Int { 64 }
    /// Coalesced messages have up to 64 KiB each: as many as keep the batch within the caches.
    static var coalescedBatch: Int { 8 }
    /// How long a full send buffer may hold up an answer before it counts as failed.
    static var answerPatienceNs: Int64 { 20_000_000 }
    /// How often a stopped loop looks after its drain where something always arrives: more often
    /// than what a full socket buffer holds takes, and no time, which a busy machine would take
    /// away.
    static var lastLooksLimit: Int { 1 << 16 }
    static var liveEveryNs: Int64 { 250_000_000 }
    /// Longest wait for a datagram in one go.
    static var receivePatienceNs: Int64 { LinuxResponderKernel.receiveTimeoutNs }

    let clock: Clock
    let control: LoopControl
    let echoes: Bool
    let anchorNs: Int64
    let streams: [ExpectedStream]
    /// Session → index into `flows`, −1 where no stream has it. 65,536 entries.
    let flowOfSession: CheckedMemory<Int32>
    let streamOfFlow: CheckedMemory<Int32>
    let flowCount: Int
    /// By stream: its layout, and a probe as it is to be but for the header.
    let layouts: CheckedMemory<ProbeLayout>
    let templates: CheckedMemory<UnsafeMutableRawPointer>
    /// The network of the plan alters datagrams: what is no probe counts as an altered one.
    let expectsAltered: Bool
    let windows: CheckedMemory<ArrivalWindow>
    let statistics: CheckedMemory<StreamStatistics>
    let flows: CheckedMemory<ResponderCounts>
    /// What is counted of no one flow.
    let lane: UnsafeMutablePointer<LaneCounts>
    private let memory: LaneMemory
    private let ownsMemory: Bool
    /// By flow, one above the highest sequence number that is known to be possible by now.
    let horizons: CheckedMemory<UInt64>
    /// When the batch that is being read was received.
    var nowNs: Int64 = .min
    /// The source address of each flow, as the kernel writes it; all zero before its first.
    let peers: CheckedMemory<UInt8>
    let peerStates: CheckedMemory<PeerState>
    /// Per message of a batch: the flow to answer, or −1 for none; how many first copies of its
    /// probes it holds; and whether all that it holds is to be answered.
    let answerFlow: CheckedMemory<Int32>
    let firstCopies: CheckedMemory<Int32>
    let isWhole: CheckedMemory<Bool>
    let leaps: CheckedMemory<SequenceLeap?>
    var batches = 0
    package internal(set) var stalls: StallWatch
    /// Orders about the port that were carried out: an odd number says that it is closed.
    var portOrders = 0
    let incoming: ReceiveBatch
    let usesKernelTimestamps: Bool
    /// The kernel's receive times.
    var arrivalClock: ArrivalClock
    var stackDelays = DelayHistogram()
    var retry: RetryState
    /// Whether a reset has come into this step, which is a receive and the answers to what it
    /// brought. Several in one step are one failure of it.
    var stepHasFailed = false
    /// Whether a stop came into a pause.
    var isTooLate = false
    /// Until when the policy has the loop pause.
    var resumesNs: Int64 = .min
    /// Which sources a flow cannot have; `nil` where the own address is not known.
    let sources: AnswerRule?
    /// Of nobody unless the responder is a room.
    var room: ChatRoom
    var fanOut = FanOut()
    var rounds: [RoomRounds]
    var receiveErrors: ReceiveErrors
    /// Why the loop ended before it was told to.
    package internal(set) var fault: HostFault?

    /// - Parameters:
    ///   - members: The most that the responder is a room for; 0: it is none.
    ///   - single: Whether each message is a call of its own.
    ///   - bound: Where the responder is bound: nothing from there is answered.
    ///   - shared: Where to count; by default in memory of its own.
    package init(
        streams: [ExpectedStream], echoes: Bool, runID: UInt64, anchorNs: Int64, clock: Clock,
        control: LoopControl, coalesces: Bool = false, usesKernelTimestamps: Bool = false,
        onReset policy: RetryPolicy = .always, members: Int = 0,
        single: SingleCalls = SingleCalls(), bound: SocketAddress? = nil,
        expectsAltered: Bool = false, shared: LaneMemory? = nil
    ) {
        // First of all: Swift 6.3.1 takes a later initialisation of a noncopyable property in a
        // generic type for an assignment, and destroys what is not there yet.
        let largest = streams.map(\.payloadBytes).max() ?? ProbeLayout.maximumBytes
        ownsMemory = shared == nil
        memory = shared ?? .allocate(flows: streams.reduce(0) { $0 + $1.flows })
        receiveErrors = ReceiveErrors(in: memory.receiveErrors)
        incoming = ReceiveBatch(
            slots: coalesces ? Self.coalescedBatch : Self.batch,
            slotBytes: coalesces ? 1 << 16 : largest + 1, withAddresses: true,
            withControl: coalesces || usesKernelTimestamps, single: single)
        sources = bound.map { AnswerRule(bound: $0, allowed: AddressRange.everything) }
        room = ChatRoom(capacity: members)
        rounds = Array(repeating: RoomRounds(), count: streams.count)
        retry = RetryState(policy)
        self.usesKernelTimestamps = usesKernelTimestamps
        arrivalClock = ArrivalClock(clock)
        self.streams = streams
        self.echoes = echoes
        self.expectsAltered = expectsAltered
        self.anchorNs = anchorNs
        self.clock = clock
        self.control = control
        stalls = StallWatch(measured: (streams.first?.statistics.startNs ?? 0)..<Int64.max)
        flowCount = streams.reduce(0) { $0 + $1.flows }
        precondition(flowCount <= 1 << 16, "a session number has 16 bits")
        flowOfSession = .allocate(capacity: 1 << 16)
        flowOfSession.initialize(repeating: -1, count: 1 << 16)
        streamOfFlow = .allocate(capacity: flowCount)
        layouts = .allocate(capacity: streams.count)
        templates = .allocate(capacity: streams.count)
        windows = .allocate(capacity: flowCount)
        statistics = .allocate(capacity: streams.count)
        memory.initialize(flows: flowCount)
        flows = memory.flows
        lane = memory.lane
        peers = .allocate(capacity: flowCount * ReceiveBatch.addressBytes)
        peers.initialize(repeating: 0, count: flowCount * ReceiveBatch.addressBytes)
        peerStates = .allocate(capacity: flowCount)
        horizons = .allocate(capacity: flowCount)
        answerFlow = .allocate(capacity: Self.batch)
        answerFlow.initialize(repeating: -1, count: Self.batch)
        firstCopies = .allocate(capacity: Self.batch)
        firstCopies.initialize(repeating: 0, count: Self.batch)
        isWhole = .allocate(capacity: Self.batch)
        isWhole.initialize(repeating: false, count: Self.batch)
        leaps = .allocate(capacity: flowCount)
        leaps.initialize(repeating: nil, count: flowCount)
        var flow = 0
        for (index, stream) in streams.enumerated() {
            (statistics + index).initialize(
                to: StreamStatistics(configuration: stream.statistics))
            let layout = ProbeLayout(
                payloadBytes: stream.payloadBytes, runID: runID, anchorNs: anchorNs)
            (layouts + index).initialize(to: layout)
            (templates + index).initialize(
                to: .allocate(byteCount: stream.payloadBytes, alignment: 8))
            layout.prepare(templates[index])
            for number in 0..<stream.flows {
                flowOfSession[Int(stream.firstSession) + number] = Int32(flow)
                (streamOfFlow + flow).initialize(to: Int32(index))
                (peerStates + flow).initialize(to: stream.peersChange ? .changing : .unknown)
                (horizons + flow).initialize(to: stream.bound == nil ? .max : stream.firstSequence)
                if number < stream.sources.count {
                    stream.sources[number].withRaw { raw, size in
                        UnsafeMutableRawPointer(peers + flow * ReceiveBatch.addressBytes)
                            .copyMemory(from: raw, byteCount: Int(size))
                    }
                    peerStates[flow] = .known
                }
                (windows + flow).initialize(
                    to: ArrivalWindow(
                        capacity: stream.windowCapacity, firstSequence: stream.firstSequence,
                        timeoutNs: stream.statistics.timeoutNs, hasStamps: !echoes))
                flow += 1
            }
        }
    }

    deinit {
        flowOfSession.deallocate()
        streamOfFlow.deallocate()
        for stream in streams.indices { templates[stream].deallocate() }
        templates.deallocate()
        layouts.deallocate()
        windows.deinitialize(count: flowCount)
        windows.deallocate()
        statistics.deinitialize(count: streams.count)
        statistics.deallocate()
        if ownsMemory { memory.deallocate() }
        peers.deallocate()
        peerStates.deallocate()
        horizons.deallocate()
        answerFlow.deallocate()
        firstCopies.deallocate()
        isWhole.deallocate()
        leaps.deallocate()
    }

    /// Runs until it is told to stop and nothing has arrived for the drain time after that; where
    /// something always arrives, for `lastLooksLimit` looks after the drain. When the retry policy
    /// has had enough the port is closed at once, and the rest of the time is waited for.
    package mutating func run(_ kernel: inout Kernel) {
        var quietSinceNs = clock.nowNs()
        // Before it was there it has not stalled: it may have been started in mid-run.
        stalls.wait(untilNs: quietSinceNs)
        var nextLiveNs = quietSinceNs
        var stoppedNs = Int64.max
        var looksLeft = Self.lastLooksLimit
        while true {
            // Looked at before the queue: what came before a stop is in the queue, and only an
            // empty one says that nothing is left of it.
            let isStopping = control.isStopping
            if control.portOrderCount != portOrders {
                if !followPort(&kernel) { return }
                stalls.wait(untilNs: clock.nowNs())
            }
            stalls.look(atNs: clock.nowNs())
            stalls.waits(Self.receivePatienceNs)
            let count = kernel.receive(incoming)
            let now = clock.nowNs()
            stalls.look(atNs: now)
            if now >= nextLiveNs, !streams.isEmpty {
                nextLiveNs = now + Self.liveEveryNs
                control.publish(statistics[0].intervalSnapshot())
            }
            if count > 0 {
                quietSinceNs = now
                batches += 1
                nowNs = now
                if usesKernelTimestamps { arrivalClock.look(clock, sinceNs: now) }
                for index in 0..<count { took(message: index, nowNs: now) }
                if room.capacity > 0 {
                    goRound(&kernel, count: count)
                    // Thousands of deliveries take their time.
                    stalls.wait(untilNs: clock.nowNs())
                } else if echoes {
                    answer(&kernel, count: count)
                }
            } else if count < 0, count != -Int(EAGAIN) {
                // The error was about an answer that left; what came in is behind it.
                quietSinceNs = now
                receiveFailed(count, &kernel)
                if fault != nil { return }
            }
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
            let drainNs = control.drainLimitNs
            // An error is about an answer, and says nothing of what waits behind it.
            let isEmpty = count == 0 || count == -Int(EAGAIN)
            if isEmpty, now - quietSinceNs >= drainNs { return }
            guard now - stoppedNs >= drainNs else { continue }
            looksLeft -= 1
            if looksLeft <= 0 { return }
        }
    }

    package var rejected: RejectedCounts { lane.pointee.rejected }
    /// Whatever came, copies and what was rejected included.
    package var datagrams: Int { lane.pointee.datagrams }

    func flowIndex(_ stream: Int, _ flow: Int) -> Int {
        streams[..<stream].reduce(0) { $0 + $1.flows } + flow
    }

    /// Whether anything of a flow came to this loop, a leap that nothing has confirmed included.
    package func served(_ stream: Int, _ flow: Int) -> Bool {
        let index = flowIndex(stream, flow)
        return windows[index].uniqueCount > 0 || leaps[index] != nil
    }

    /// Settles one flow. Call it once for each that this loop answers for, after `run`.
    /// - Parameters:
    ///   - sent: What the sender says that it sent. `nil`: as far as has been seen here.
    ///   - countsTail: Whether what was sent after the last that was seen here is lost: of the
    ///     threads that served a flow, one counts it.
    package mutating func close(stream: Int, flow: Int, sent: Int?, countsTail: Bool = true) {
        let index = flowIndex(stream, flow)
        if let sent { decideLeap(of: index, stream: stream, sent: sent) }
        let seen = Int(windows[index].nextSequence - streams[stream].firstSequence)
        var end = sent ?? seen
        if !countsTail { end = min(end, seen) }
        let unsent = windows[index].close(sent: UInt64(end), into: &statistics[stream])
        let count = unsent.inTime + unsent.late
        guard count > 0 else { return }
        flows[index].unsent += count
        flows[index].received -= count
        flows[index].late -= unsent.late
        // Each of them was answered as it came, or could not be.
        flows[index].echoed -= min(count, flows[index].echoed)
        lane.pointee.rejected.fromFuture += count
    }

    /// Settles all flows of a stream that one loop alone has served.
    package mutating func close(stream: Int, sent: [Int]) {
        for flow in 0..<streams[stream].flows {
            close(stream: stream, flow: flow, sent: flow < sent.count ? sent[flow] : nil)
        }
    }

    /// Adds what another thread counted of a stream.
    package mutating func merge(stream: Int, _ other: borrowing Self) {
        statistics[stream].merge(other.statistics[stream])
    }

    package mutating func mergeStackDelays(_ other: borrowing Self) {
        stackDelays.merge(other.stackDelays)
    }

    package func stackNs() -> DelaySummary { stackDelays.summary() }

    package func figures(stream index: Int) -> StreamFigures { statistics[index].summary() }

    /// What was counted of stream `index`, all its flows together.
    package func counts(stream index: Int) -> ResponderCounts {
        var sum = ResponderCounts()
        for flow in 0..<flowCount where Int(streamOfFlow[flow]) == index { sum.add(flows[flow]) }
        return sum
    }
}
