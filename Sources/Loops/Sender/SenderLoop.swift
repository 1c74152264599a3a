import Datagrams
import Glibc
import Load
import Metrics

/// Sends the probes of one stream and receives their echoes: one thread, all its flows.
///
/// The loop is generic over its kernel and its clock, so that the simulation runs the same code,
/// and over the content of its datagrams. Nothing is allocated between `init` and the end of
/// `run`.
package struct SenderLoop<
    Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock, Content: SenderContent
>: ~Copyable {
    /// The maximum number of sends between two receives while there is always something to send.
    static var sendsBetweenReceives: Int { 16 }
    /// The maximum number of receive calls on one flow before another flow.
    static var receivesInTurn: Int { 4 }
    /// The longest wait, which bounds the time until a stop is noticed.
    static var longestWaitNs: Int64 { 50_000_000 }
    static var firstBackOffNs: Int64 { 50_000 }
    static var longestBackOffNs: Int64 { 5_000_000 }
    static var singlesPerCall: Int { 64 }
    /// The maximum number of rounds over all flows of a last receive: more than socket buffers
    /// hold.
    static var lastLooksLimit: Int { 4_096 }
    static var liveEveryNs: Int64 { 250_000_000 }

    let phase: SenderPhase
    let content: Content
    /// The content of the answers, which may have a size of their own.
    let answers: Content
    let clock: Clock
    let control: LoopControl
    let log: DatagramLog?
    let windows: CheckedMemory<ProbeWindow>
    private let windowMemory: WindowMemory
    /// The address of each part's peer in the kernel's layout; none on connected sockets.
    let peers: RawAddresses
    var turns: FlowTurns
    /// The part whose destination the send batches have, if parts have different destinations.
    var partOfBatches = 0
    /// The next sequence number of each flow.
    let sequences: CheckedMemory<UInt64>
    var statistics: StreamStatistics
    var endTimes: EndTimes
    /// The deliveries, without members unless the flows are members of a room.
    var deliveries: DeliveryMatrix
    /// The numbers and times of STAMP answers, without flows unless the probes are STAMP packets.
    var stamps: StampTracker
    var accounts = SendAccounts()
    /// The marks of the answers, as far as they are read.
    package internal(set) var marks = MarkCounts()
    var resets = ResetFigures()
    /// The users of a closed loop with think time; none otherwise.
    var users: ThinkingUsers
    /// The requests of each flow that could not be sent, which a limit of the count includes.
    let unsent: CheckedMemory<UInt64>
    /// The state of each flow under its retry policy.
    let flowResets: CheckedMemory<FlowResets>
    /// The number of flows with a reset and no answer since, and of flows that send nothing because
    /// of it: while both are 0, datagrams need no check.
    var flowsInRow = 0 {
        didSet { watchers += flowsInRow - oldValue }
    }
    /// The reasons to look at each answer: flows with a reset, and users who think after it.
    var watchers = 0
    var haltedFlows = 0
    var otherErrors = ErrnoCounts()
    var receiveErrors = ReceiveErrors()
    /// Messages of `segments` contiguous probes each.
    let outgoing: SendBatch
    /// Messages of one probe each, for use after a super-packet is refused.
    let singles: SendBatch
    let incoming: ReceiveBatch
    /// The number of probes per message: 1 from the start, or since a super-packet was refused.
    var segments: Int
    /// The converter of the kernel's receive times, which detects a step of the wall clock.
    package internal(set) var arrivalClock: ArrivalClock
    /// The delays from the kernel's receive time to this loop's.
    var stackDelays = DelayHistogram()
    let template: UnsafeMutableRawPointer
    /// The content that all answers have in common: the template of the probes, unless the answers
    /// have a size of their own.
    let answerTemplate: UnsafeMutableRawPointer
    var lastStampNs: Int64 = .min
    var firstSentNs: Int64 = 0
    var lastSentNs: Int64 = 0
    var answered = 0
    /// The number of sends since the last receive. A wait shorter than a receive reads nothing, so
    /// time alone is no measure.
    var sendsSinceLook = 0
    var backOffNs: Int64 = 0
    package internal(set) var stalls: StallWatch
    var nextLiveNs: Int64
    var stoppedNs: Int64 = .max
    var fault: LoopFault?

    package init(
        phase: SenderPhase, content: Content, clock: Clock, control: LoopControl,
        log: DatagramLog?
    ) {
        self.phase = phase
        self.content = content
        answers = content.answers(ofBytes: phase.replyBytes)
        self.clock = clock
        self.control = control
        self.log = log
        arrivalClock = ArrivalClock(clock)
        statistics = StreamStatistics(configuration: phase.statistics)
        endTimes = EndTimes(most: phase.maxEndTimes)
        deliveries = DeliveryMatrix(
            rows: phase.room == nil ? 0 : phase.flows, speakers: phase.room?.members ?? 0,
            messages: phase.room?.messages ?? 0)
        stamps = StampTracker(
            flows: Content.areNumbered ? phase.flows : 0, window: phase.windowCapacity,
            hasCounters: content.asksCounters)
        windows = .allocate(capacity: phase.flows)
        sequences = .filled(phase.firstSequence, count: phase.flows)
        flowResets = .filled(FlowResets(phase.sender.onReset), count: phase.flows)
        let think = phase.think
        users = ThinkingUsers(
            flows: think == nil ? 0 : phase.flows, perFlow: phase.usersPerFlow,
            think: think ?? ThinkTime(meanNs: 0, .constant), seed: phase.sender.schedule.seed,
            firstFlow: phase.firstFlow, startNs: phase.startNs)
        unsent = .filled(0, count: think == nil ? 0 : phase.flows)
        watchers = think == nil ? 0 : 1
        peers = RawAddresses(phase.destinations)
        turns = FlowTurns(capacity: phase.sharedWindow == nil ? 0 : Self.turnsMost)
        let isPaced = if case .paced = phase.rate { true } else { false }
        // Towards a sink the windows stay empty.
        let capacity = phase.isOneWay ? 1 : phase.windowCapacity
        windowMemory = .allocate(
            windows: phase.flows, capacity: capacity,
            words: ProbeWindow.words(hasIntendedTimes: isPaced))
        for flow in 0..<phase.flows {
            (windows + flow).initialize(
                to: ProbeWindow(
                    capacity: capacity, firstSequence: phase.firstSequence,
                    timeoutNs: phase.timeoutNs, hasIntendedTimes: isPaced,
                    flow: phase.firstFlow + flow, part: phase.part(of: flow), in: windowMemory,
                    at: flow))
        }
        segments = phase.segments
        outgoing = SendBatch(
            slots: phase.batch, slotBytes: phase.payloadBytes * phase.segments,
            destination: phase.destinations.first)
        singles = SendBatch(
            slots: phase.segments > 1 && phase.batch > 1 ? Self.singlesPerCall : 1,
            slotBytes: phase.payloadBytes, destination: phase.destinations.first)
        // Coalesced messages have up to 64 KiB.
        incoming = ReceiveBatch(
            slots: phase.receiveBatch,
            slotBytes: phase.coalesces
                ? 1 << 16 : content.receiveBytes(payloadBytes: phase.answerBytes),
            withAddresses: !phase.destinations.isEmpty,
            withControl: phase.coalesces || phase.usesKernelTimestamps || phase.readsMarks)
        template = .allocate(byteCount: phase.payloadBytes, alignment: 8)
        content.prepare(template, bytes: phase.payloadBytes)
        answerTemplate =
            phase.replyBytes.map { .allocate(byteCount: $0, alignment: 8) } ?? template
        if let bytes = phase.replyBytes { answers.prepare(answerTemplate, bytes: bytes) }
        // One probe is made and the others are copies: made one by one, large ones would take until
        // after the first slot is due.
        for index in 0..<phase.batch * phase.segments {
            UnsafeMutableRawPointer(outgoing.octets + index * phase.payloadBytes)
                .copyMemory(from: template, byteCount: phase.payloadBytes)
        }
        for index in 0..<singles.slots {
            singles.slot(index).copyMemory(from: template, byteCount: phase.payloadBytes)
        }
        nextLiveNs = phase.startNs
        stalls = StallWatch(measured: phase.measured)
    }

    deinit {
        windows.deinitialize(count: phase.flows)
        windows.deallocate()
        windowMemory.deallocate()
        sequences.deallocate()
        flowResets.deallocate()
        unsent.deallocate()
        if answerTemplate != template { answerTemplate.deallocate() }
        template.deallocate()
    }

    /// Runs the phase to its end: sends, drains, settles every probe.
    package mutating func run(_ kernel: inout Kernel) {
        waitForStart(&kernel)
        switch phase.rate {
        case .paced(let streamPps): sendPaced(&kernel, streamPps: streamPps)
        case .max(let window):
            if phase.think != nil {
                sendThinking(&kernel)
            } else if let window = phase.sharedWindow {
                sendInTurns(&kernel, window: window)
            } else {
                sendAtMost(&kernel, window: window)
            }
        }
        let endNs = clock.nowNs()
        stalls.look(atNs: endNs)
        stalls.measured = phase.measured(sendingEndNs: endNs, wasStopped: control.isStopping)
        drain(&kernel)
        Content.finish(&self, &kernel)
        arrivalClock.look(clock)
        for flow in 0..<phase.flows { windows[flow].close(into: &statistics) }
    }

    private mutating func waitForStart(_ kernel: inout Kernel) {
        while !control.isStopping, fault == nil {
            let now = clock.nowNs()
            guard now < phase.startNs else { return }
            serve(&kernel, nowNs: now, untilNs: phase.startNs)
        }
    }
}

/// A fault that ends a loop.
package enum LoopFault: Error, Sendable, Equatable {
    /// A call failed with an error that only a fault of udplab itself causes.
    case ownFault(SystemErrno)
    case host(HostFault)
}

/// The result of checking a datagram's content.
enum ContentVerdict {
    case ours, short, truncated, otherRun, warmUp, corrupt
}
