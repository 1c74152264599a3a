import Datagrams
import Glibc
import Load
import Metrics
import Synchronization
import Testing

@testable import Loops

/// A responder's kernel that looks away until it is told to look.
struct InattentiveResponderKernel: ResponderKernel, ~Copyable {
    var inner: LinuxResponderKernel
    let mayLook: () -> Bool

    mutating func receive(_ batch: borrowing ReceiveBatch) -> Int {
        guard mayLook() else {
            usleep(1_000)
            return -Int(EAGAIN)
        }
        return inner.receive(batch)
    }

    mutating func sendBack(_ batch: borrowing ReceiveBatch, from: Int, count: Int) -> Int {
        inner.sendBack(batch, from: from, count: count)
    }

    mutating func sendPiece(
        _ batch: borrowing ReceiveBatch, of index: Int, offset: Int, bytes: Int
    ) -> Int { inner.sendPiece(batch, of: index, offset: offset, bytes: bytes) }

    mutating func waitWritable(timeoutNs: Int64) { inner.waitWritable(timeoutNs: timeoutNs) }
    mutating func drops() -> Int? { inner.drops() }
    mutating func nextError() -> KernelError? { inner.nextError() }
    mutating func errorQueueIsFull() -> Bool { inner.errorQueueIsFull() }
    mutating func sleep(ns: Int64) { inner.sleep(ns: ns) }
    mutating func closePort() { inner.closePort() }
}

/// What a responder loop counted over a real socket.
struct ResponderOutcome: Sendable {
    var counts = ResponderCounts()
    var figures = StreamFigures()
    var rejected = RejectedCounts()
    var datagrams = 0
    var drops = 0
    var resets = ResetFigures()
}

/// The shipped responder loop on a thread of its own, over a real socket.
final class ResponderThread: @unchecked Sendable {
    // As in SenderThread.
    let address: SocketAddress
    let receiveBufferGranted: Int
    let target = SignalTarget()
    let isLooking: Flag
    private let control = LoopControl()
    private let echoes: Bool
    private let expectsAltered: Bool
    private let policy: RetryPolicy
    /// A stream beside the one that is looked at.
    private let storm: ExpectedStream?
    private let features: SocketFeatures
    private let stream: ExpectedStream
    private var kernel: InattentiveResponderKernel
    private var outcome = ResponderOutcome()
    private var running: DataThread?

    final class Flag: Sendable {
        private let value: Atomic<Bool>
        init(_ value: Bool) { self.value = Atomic(value) }
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    init(
        _ phase: SenderPhase, echoes: Bool, family: SocketAddress.Family = .ipv4,
        receiveBufferBytes: Int = LinuxKernel.bufferBytesAsked, isLooking: Bool = true,
        kind: SocketKind = .unconnected, onReset policy: RetryPolicy = .always,
        storm: ExpectedStream? = nil
    ) throws {
        let any = try #require(
            SocketAddress(numeric: family == .ipv4 ? "127.0.0.1:0" : "[::1]:0"))
        let inner = try LinuxResponderKernel.open(
            at: any, receiveBufferAsked: receiveBufferBytes,
            features: SenderThread.features(phase).probed(family: family), kind: kind)
        self.policy = policy
        self.storm = storm
        features = SenderThread.features(phase)
        address = inner.address
        receiveBufferGranted = inner.receiveBufferGranted ?? 0
        let flag = Flag(isLooking)
        self.isLooking = flag
        kernel = InattentiveResponderKernel(inner: inner) { flag.isSet }
        self.echoes = echoes
        expectsAltered = phase.expectsAltered
        stream = ExpectedStream(
            firstSession: phase.firstSession, flows: phase.flows,
            payloadBytes: phase.payloadBytes, firstSequence: phase.firstSequence,
            statistics: StreamConfiguration(
                timeoutNs: phase.timeoutNs, payloadBytes: phase.payloadBytes,
                startNs: LinuxClock().nowNs(), direction: .oneWay),
            windowCapacity: phase.windowCapacity, verifies: phase.expectsAltered)
    }

    func start() throws {
        running = try DataThread.start(name: "responder", cpu: nil) { self.run() }
    }

    /// Tells it that nothing more comes, and waits for its end.
    func stop(sent: [Int]) -> ResponderOutcome {
        control.stop(drainNs: 0, sent: [sent])
        running?.join()
        return outcome
    }

    private func run() {
        target.begin()
        defer { target.end() }
        var loop = ResponderLoop<InattentiveResponderKernel, LinuxClock>(
            streams: [stream] + [storm].compactMap { $0 }, echoes: echoes,
            runID: SenderThread.runID,
            anchorNs: SenderThread.anchorNs, clock: LinuxClock(), control: control,
            coalesces: features.coalesces, usesKernelTimestamps: features.timestamps,
            onReset: policy, expectsAltered: expectsAltered)
        loop.run(&kernel)
        loop.close(stream: 0, sent: control.sentByStream[0])
        outcome = ResponderOutcome(
            counts: loop.counts(stream: 0), figures: loop.figures(stream: 0),
            rejected: loop.rejected, datagrams: loop.datagrams, drops: kernel.drops() ?? -1,
            resets: loop.resetFigures)
    }
}
