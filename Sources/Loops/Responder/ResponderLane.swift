import Datagrams
import Impairment
import Metrics
import STAMP

/// A thread of a responder with a socket of its own.
final class ResponderLane: @unchecked Sendable {
    typealias Loop = ResponderLoop<LinuxResponderKernel, LinuxClock>

    /// The state that remains after the thread: a box, because an optional noncopyable value cannot
    /// be used in place.
    private final class Finished {
        var loop: Loop
        init(_ loop: consuming Loop) { self.loop = loop }
    }

    // Used by the control thread before the data thread starts and after it was joined, and by the
    // data thread between the two.
    var kernel: LinuxResponderKernel
    private let assignment: ResponderAssignment
    private let features: SocketFeatures
    private let control: LoopControl
    private var finished: Finished?
    private let key: AuthenticationKey?
    /// The source address of each flow, by expected stream; empty if unknown.
    var sources: [[SocketAddress]] = []
    /// The memory for the loop's counts, if another process must be able to read them.
    var sharedMemory: LaneMemory?
    /// The drops; `nil` if the kernel does not report them.
    private(set) var drops: Int? = 0
    private(set) var fault: HostFault?

    init(
        _ assignment: ResponderAssignment, kernel: consuming LinuxResponderKernel,
        features: SocketFeatures, control: LoopControl, key: AuthenticationKey? = nil
    ) {
        self.key = key
        self.assignment = assignment
        self.kernel = kernel
        self.features = features
        self.control = control
    }

    /// Runs the loop on the data thread.
    func run(startNs: Int64) {
        var loop = Loop(
            streams: assignment.streams.indices.map { expected($0, startNs: startNs) },
            echoes: assignment.responder.behaviour != .sink,
            runID: UInt64(bitPattern: Int64(assignment.runId)), anchorNs: assignment.anchorNs,
            clock: LinuxClock(), control: control, coalesces: features.coalesces,
            usesKernelTimestamps: features.timestamps, onReset: assignment.responder.onReset,
            members: assignment.members ?? 0, single: assignment.singleCalls,
            bound: kernel.address, expectsAltered: assignment.expectsAltered,
            shared: sharedMemory,
            reflection: assignment.responder.stamp.map {
                Reflection(key: key, format: $0.format, errorNs: WallTime.errorNs())
            }, feedbackStream: assignment.feedbackStream,
            replyBytes: assignment.responder.replyBytes,
            replyDelay: assignment.replyDelay.map {
                DelayProcess($0, seed: assignment.replyDelaySeed)
            })
        loop.stalls = StallWatch(measured: startNs + assignment.warmUpNs..<Int64.max)
        loop.run(&kernel)
        fault = loop.fault
        // Datagrams at this thread's socket are no longer answered: the other threads end as well,
        // and report it.
        if fault != nil { control.stop(drainNs: 0, sent: control.sentByStream) }
        drops = kernel.drops()
        finished = Finished(loop)
    }

    private func expected(_ index: Int, startNs: Int64) -> ExpectedStream {
        let order = assignment.streams[index]
        var bound = order.bound
        bound?.beginsNs += startNs
        let beginsNs = startNs + order.beginsNs
        var statistics = StreamConfiguration(
            timeoutNs: order.timeoutNs, payloadBytes: order.payloadBytes, startNs: beginsNs,
            intervalNs: order.intervalNs, maxIntervals: order.maxIntervals,
            recordsIntervals: assignment.responder.behaviour == .sink, direction: .oneWay)
        statistics.endNs = order.lengthNs.map { beginsNs + $0 }
        statistics.maxLossRuns = order.maxLossRuns
        statistics.stageLengthsNs = order.stageLengthsNs
        var expected = ExpectedStream(
            firstSession: UInt16(order.firstSession), flows: order.flows,
            payloadBytes: order.payloadBytes, firstSequence: UInt64(order.firstSequence),
            statistics: statistics, windowCapacity: order.windowCapacity,
            peersChange: order.peersChange,
            verifies: order.verifies, bound: bound,
            sources: index < sources.count ? sources[index] : [])
        expected.areRequests = order.areRequests
        expected.clockErrorNs = order.clockErrorNs
        expected.sizes = order.sizes
        if features.reportsMarks { expected.trafficClass = order.trafficClass }
        if assignment.responder.behaviour == .echo { expected.maxEndTimes = order.maxEndTimes }
        return expected
    }

    // MARK: - After the thread was joined

    var datagrams: Int { finished?.loop.datagrams ?? 0 }
    var rejected: RejectedCounts { finished?.loop.rejected ?? RejectedCounts() }
    var stalls: StallCounts { finished?.loop.stalls.counts ?? StallCounts() }
    var receiveErrors: [String: Int] { finished?.loop.receiveErrors.byName ?? [:] }
    var resets: ResetFigures { finished?.loop.resetFigures ?? ResetFigures() }

    func served(_ stream: Int, _ flow: Int) -> Bool {
        finished?.loop.served(stream, flow) ?? false
    }

    func close(_ stream: Int, _ flow: Int, sent: Int?, countsTail: Bool) {
        finished?.loop.close(stream: stream, flow: flow, sent: sent, countsTail: countsTail)
    }

    func counts(_ stream: Int) -> ResponderCounts {
        finished?.loop.counts(stream: stream) ?? ResponderCounts()
    }

    func received(_ stream: Int, _ flow: Int) -> Int {
        finished?.loop.received(stream: stream, flow: flow) ?? 0
    }

    func endTimes(_ stream: Int) -> EndTimes {
        finished?.loop.endTimes[stream] ?? EndTimes(most: 0)
    }

    /// Returns the marks of a stream's probes; nil if they are not counted.
    func marks(_ stream: Int) -> MarkCounts? {
        guard features.reportsMarks, assignment.streams[stream].trafficClass != nil else {
            return nil
        }
        return finished?.loop.marks[stream]
    }

    func rounds(_ stream: Int) -> RoomRounds? { finished?.loop.rounds(stream: stream) }

    func figures(_ stream: Int) -> StreamFigures {
        finished?.loop.figures(stream: stream) ?? StreamFigures()
    }

    /// Returns the statistics of a stream; nil if they are not asked for.
    func image(_ stream: Int) -> StatisticsImage? {
        guard assignment.streams[stream].keepsImage else { return nil }
        return finished?.loop.statistics[stream].image()
    }

    func merge(_ stream: Int, _ other: ResponderLane) {
        guard let mine = finished, let theirs = other.finished else { return }
        mine.loop.merge(stream: stream, theirs.loop)
    }

    func mergeStackDelays(_ other: ResponderLane) {
        guard let mine = finished, let theirs = other.finished else { return }
        mine.loop.mergeStackDelays(theirs.loop)
    }

    func mergeHeld(_ other: ResponderLane) {
        guard let mine = finished, let theirs = other.finished else { return }
        mine.loop.held.merge(theirs.loop.held)
    }

    func held() -> HeldFigures? { finished?.loop.heldFigures() }

    func stackNs() -> DelaySummary? { finished?.loop.stackNs() }
}
