import Datagrams
import Glibc
import Impairment
import Metrics

/// Forwards datagrams between clients and one target, and applies the impairments of both
/// directions, on one thread.
///
///     client ──► clients' socket ──► fate ──┬───────────────► outbox ──► path's socket ──► target
///                (one, listens)             └─► pool, queue ──┘           (one per client)
///     client ◄── clients' socket ◄── outbox ◄── … the same … ◄────────── path's socket ◄── target
///
/// A datagram without delay is sent from the receive buffer; a delayed one is copied once into the
/// pool. A datagram that is chosen to be overtaken waits, once it is due, until the number of later
/// ones of its flow that its fate requires have come due, at most for `overtakePatienceNs`, so that
/// it is not lost if the flow pauses. At most `waitingLimit` datagrams of a flow wait; with one
/// more, the first is sent.
package struct RelayLoop<Kernel: RelayKernel & ~Copyable, Clock: MonotonicClock>: ~Copyable {
    static var batch: Int { 64 }
    /// The largest payload, and two cache lines more: slots a power of two apart would share the
    /// few lines of one set.
    static var slotBytes: Int { 65_664 }
    /// The maximum number of batches taken from one socket before the others.
    static var batchesPerTurn: Int { 2 }
    /// The maximum number of held datagrams sent before the sockets are read.
    static var releasesPerTurn: Int { 256 }
    static var waitingLimit: Int { 2_048 }
    /// The maximum delay of a datagram by a full send buffer before it counts as failed.
    static var sendPatienceNs: Int64 { 20_000_000 }
    /// The longest sleep, which bounds the time until a stop is noticed.
    static var sleepLimitNs: Int64 { 20_000_000 }
    static var liveEveryNs: Int64 { 250_000_000 }
    /// The interval of checks while the runner waits for the relay to be empty.
    static var emptyLookNs: Int64 { 1_000_000 }
    static var reopenEveryNs: Int64 { 10_000_000 }
    /// The maximum time for which the port is read before it is closed.
    static var emptyingLimitNs: Int64 { 10_000_000 }
    /// The time limit for the last reading of the sockets, where datagrams never stop arriving.
    static var sweepLimitNs: Int64 { 1_000_000_000 }

    /// A datagram that is about to be sent.
    struct Staged {
        var datagram: RelayDatagram
        var octets: UnsafeRawPointer
        /// The slot in the pool; −1 if the bytes are in a receive batch.
        var slot: Int32
        var isDone: Bool
    }

    let incoming: ReceiveBatch
    let replies: ReceiveBatch
    let outbox: Outbox
    var paths: PathTable
    var pool: DatagramPool
    var timed: TimedQueue
    var probes: RelayProbes
    var ownDelays = DelayHistogram()
    var sendErrors = ErrnoCounts()
    /// The receive errors of the listening socket, and of those towards the targets.
    var clientErrors = ReceiveErrors()
    var targetErrors = ReceiveErrors()
    /// The fault that ended the loop before it was stopped.
    package internal(set) var fault: HostFault?
    /// The directions by `Direction.rawValue`.
    let sides: CheckedMemory<RelaySide>
    /// The flows: flow f in direction d is at 2 f + d. In the lab a flow is a session, and the last
    /// one is for all datagrams that are not probes; otherwise a flow is a path.
    let flows: CheckedMemory<RelayFlow>
    let flowsCapacity: Int
    var flowsMade = 0
    /// By flow, 1 if its way there is the way back of the network, else 0: what a direction does to
    /// a datagram of flow f that goes in direction d is in side d ^ reversals[f], and the accounts
    /// are in side d.
    let reversals: CheckedMemory<UInt8>
    let isLab: Bool
    /// The flow of each session, −1 if unexpected. 65,536 entries, in the lab only.
    let flowOfSession: CheckedMemory<Int32>
    /// The flows of the latest probes of each path: a warm-up has a session of its own. −1 for
    /// none, as for an unknown source.
    let pathFlows: CheckedMemory<(Int32, Int32)>
    /// The path of each flow of the run that keeps its port: pinned, because nothing but the flow
    /// itself can restore it, however rarely it sends. −1 before its first datagram.
    let pathOfFlow: CheckedMemory<Int32>
    let staged: CheckedMemory<Staged>
    let members: CheckedMemory<Int32>
    var stagedCount = 0
    /// The datagrams that wait to be overtaken, of all flows, the first to wait first.
    var firstWaiting: Int32 = -1
    var lastWaiting: Int32 = -1
    var lastPath = 0
    /// In the lab: the number of paths without any datagram of the run.
    var strangers = 0

    let assignment: RelayAssignment
    let startNs: Int64
    let clock: Clock
    let control: RelayControl
    let log: RelayLog?
    let usesKernelTimestamps: Bool
    /// Whether the client of each flow was named before the first datagram.
    let knowsClients: Bool
    /// Whether some of the expected streams are of requests.
    let hasRequests: Bool
    var arrivalClock: ArrivalClock
    var replacementsSeen = 0
    var nextEdgeNs = Int64.min
    var nextLiveNs = Int64.min
    var isPortOpen = true
    var pathsBegun = 0
    var evicted = 0
    var idled = 0
    var targetResets = 0
    var clientResets = 0
    var reopenFailures = 0
    var logRowsLost = 0
    /// The delay of the run of equal values that is about to be recorded.
    var ownDelayNs: Int64 = 0
    var ownDelayCount = 0

    package init(
        _ assignment: RelayAssignment, startNs: Int64, clock: Clock, control: RelayControl,
        log: RelayLog? = nil, usesKernelTimestamps: Bool = false, clients: [SocketAddress] = []
    ) {
        // Initialised first: see ResponderLoop.init.
        let limit = assignment.pathsLimit
        let slabs = Self.slabs(memoryBytes: assignment.memoryBytes)
        incoming = ReceiveBatch(
            slots: Self.batch, slotBytes: Self.slotBytes, withAddresses: true, withControl: true,
            single: assignment.singleCalls)
        replies = ReceiveBatch(
            slots: Self.batch, slotBytes: Self.slotBytes, withAddresses: false, withControl: true,
            single: assignment.singleCalls)
        outbox = Outbox(slots: Self.batch, single: assignment.singleCalls)
        paths = PathTable(limit: limit)
        pool = DatagramPool(slabs: slabs)
        timed = TimedQueue(capacity: slabs * DatagramPool.slotsPerSlab)
        probes = RelayProbes(
            assignment.streams, runID: UInt64(bitPattern: Int64(assignment.runId)))
        let expected = assignment.streams.reduce(0) { $0 + $1.flows }
        isLab = assignment.isLab
        flowsCapacity = isLab ? expected + 1 : limit
        sides = .allocate(capacity: 2)
        flows = .allocate(capacity: 2 * flowsCapacity)
        reversals = .filled(0, count: flowsCapacity)
        flowOfSession = .allocate(capacity: 1 << 16)
        pathFlows = .filled((-1, -1), count: limit)
        pathOfFlow = .filled(-1, count: max(1, expected))
        staged = .allocate(capacity: Self.batch)
        members = .filled(0, count: Self.batch)
        self.assignment = assignment
        self.startNs = startNs
        self.clock = clock
        self.control = control
        self.log = log
        knowsClients = !clients.isEmpty
        hasRequests = assignment.hasRequests
        self.usesKernelTimestamps = usesKernelTimestamps
        arrivalClock = ArrivalClock(clock)
        for direction in Direction.allCases {
            (sides + Int(direction.rawValue)).initialize(
                to: RelaySide(assignment.impairment(direction)))
        }
        flowOfSession.initialize(repeating: -1, count: 1 << 16)
        if isLab { makeExpectedFlows() }
        adopt(clients)
    }

    deinit {
        sides.deinitialize(count: 2)
        sides.deallocate()
        flows.deinitialize(count: 2 * flowsMade)
        flows.deallocate()
        reversals.deallocate()
        flowOfSession.deallocate()
        pathFlows.deallocate()
        pathOfFlow.deallocate()
        staged.deallocate()
        members.deallocate()
    }

    /// Returns the number of slabs that fit into `memoryBytes` with their bookkeeping and the
    /// queue's.
    static func slabs(memoryBytes: Int) -> Int {
        let one =
            DatagramPool.memoryBytes(slabs: 1)
            + TimedQueue.memoryBytes(capacity: DatagramPool.slotsPerSlab)
        return max(0, memoryBytes / one)
    }

    /// Runs until it is stopped, and then for the drain time of the stop, or, if the control
    /// requires it, only until no datagram is held and none waits in the sockets.
    package mutating func run(_ kernel: inout Kernel) {
        var stoppedNs = Int64.max
        while true {
            let isStopping = control.loop.isStopping
            let now = clock.nowNs()
            lookAround(now)
            keepWindows(&kernel, nowNs: now)
            release(&kernel, nowNs: now)
            endIdle(&kernel, nowNs: now)
            if isStopping {
                stoppedNs = min(stoppedNs, now)
                if now - stoppedNs >= control.loop.drainLimitNs { break }
            }
            let mustEmpty = isStopping && control.endsWhenEmpty || control.isSettling
            let ready = kernel.wait(timeoutNs: mustEmpty ? emptyingNs(now) : sleepNs(clock.nowNs()))
            guard ready >= 0 else {
                fault = .cannotWait(SystemErrno(rawValue: Int32(-ready)))
                return
            }
            if mustEmpty, ready == 0 {
                // Datagrams in flight to a socket have arrived by now, and would have made it
                // ready.
                if heldCount(.forward) == 0 {
                    control.settled()
                    if isStopping, control.endsWhenEmpty, heldCount(.backward) == 0 { break }
                }
            }
            for index in 0..<ready {
                serve(
                    &kernel, endpoint: kernel.readyEndpoint(index),
                    hasError: kernel.readyHasError(index))
            }
            if fault != nil { return }
        }
        sweep(&kernel)
    }

    /// Returns the sleep while the runner waits for the relay to be empty.
    private func emptyingNs(_ nowNs: Int64) -> Int64 {
        min(sleepNs(nowNs), Self.emptyLookNs)
    }

    /// Returns the first copies of a direction that are in memory: all others have ended in an
    /// account.
    private func heldCount(_ direction: Direction) -> Int {
        let accounts = sides[Int(direction.rawValue)].accounts
        return pool.heldCount == 0 ? 0 : max(0, accounts.received - accounts.accounted)
    }

    /// Returns the time for which the loop can sleep unless a datagram arrives.
    private func sleepNs(_ nowNs: Int64) -> Int64 {
        var untilNs = min(nowNs + Self.sleepLimitNs, nextEdgeNs)
        if timed.count > 0 { untilNs = min(untilNs, timed.nextNs - assignment.spinNs) }
        if firstWaiting >= 0 {
            let sinceNs = pool.header(firstWaiting).pointee.waitsSinceNs
            untilNs = min(untilNs, sinceNs + RelayAssignment.overtakePatienceNs)
        }
        return max(0, untilNs - nowNs)
    }

    /// Takes up new impairments and publishes figures, from time to time.
    private mutating func lookAround(_ nowNs: Int64) {
        if control.replacementCount != replacementsSeen {
            replacementsSeen = control.replacementCount
            if let latest = control.latestReplacement() {
                replace(forward: latest.forward, backward: latest.backward, nowNs: nowNs)
            }
        }
        guard nowNs >= nextLiveNs else { return }
        nextLiveNs = nowNs + Self.liveEveryNs
        publish()
    }

    func publish() {
        var live = RelayLive()
        live.forward = sides[0].accounts
        live.backward = sides[1].accounts
        live.flows = paths.count
        live.heldBytes = pool.heldBytes
        control.publish(live)
    }

    private mutating func replace(
        forward: Impairment, backward: Impairment, nowNs: Int64
    ) {
        sides[0].replace(forward, nowNs: nowNs)
        sides[1].replace(backward, nowNs: nowNs)
        for flow in 0..<flowsMade {
            let isReversed = reversals[flow] != 0
            flows[2 * flow].fates.replace(isReversed ? backward : forward)
            flows[2 * flow + 1].fates.replace(isReversed ? forward : backward)
        }
        nextEdgeNs = .min
    }
}

// MARK: - The result

extension RelayLoop where Kernel: ~Copyable {
    /// Returns the counts, after `run`.
    package mutating func result(_ kernel: inout Kernel) -> RelayResult {
        let drops = kernel.drops()
        return RelayResult(
            forward: sides[0].result(drops: drops.clients, streams: streams(.forward)),
            backward: sides[1].result(drops: drops.target, streams: streams(.backward)),
            ownDelayNs: ownDelays.count > 0 ? ownDelays.summary() : nil, flows: pathsBegun,
            flowsEvicted: evicted, flowsIdled: idled, targetResets: targetResets,
            clientResets: clientResets, sendErrors: sendErrors.byName,
            receiveErrors: clientErrors.byName.merging(
                targetErrors.byName, uniquingKeysWith: +),
            heldBytesMax: pool.heldBytesMax, reopenFailures: reopenFailures,
            logRowsLost: logRowsLost, losses: probes.settled(), startNs: startNs,
            endNs: clock.nowNs())
    }

    /// The side with the impairments of a flow's datagrams that go in a direction.
    @inline(__always)
    func way(ofFlow flow: Int, _ direction: Direction) -> UnsafeMutablePointer<RelaySide> {
        sides + Int(direction.rawValue ^ reversals[flow])
    }

    private func streams(_ direction: Direction) -> [RelayStreamResult] {
        var flow = 0
        return assignment.streams.map { stream in
            var sum = RelayStreamResult()
            for _ in 0..<stream.flows {
                sum.add(probes.counts(flow: flow, direction))
                sum.reordered += flows[2 * flow + Int(direction.rawValue)].reordered
                flow += 1
            }
            return sum
        }
    }
}
