import Datagrams
import Glibc
import Load
import Metrics

@testable import Loops

/// A sender's kernel that looks away: from its n-th send call on it receives nothing, until a
/// while after the last.
struct InattentiveKernel: DatagramKernel, ~Copyable {
    var inner: LinuxKernel
    /// Send calls before it looks away; `nil` when it never does.
    let looksAwayAfter: Int?
    /// Whether it may look again.
    let mayLook: () -> Bool
    private var sends = 0
    private var looksAgain = false

    init(_ inner: consuming LinuxKernel, looksAwayAfter: Int?, mayLook: @escaping () -> Bool) {
        self.inner = inner
        self.looksAwayAfter = looksAwayAfter
        self.mayLook = mayLook
    }

    private var isAway: Bool {
        guard let looksAwayAfter, sends > looksAwayAfter else { return false }
        return !looksAgain
    }

    mutating func send(flow: Int, _ batch: borrowing SendBatch, from: Int, count: Int) -> Int {
        sends += 1
        return inner.send(flow: flow, batch, from: from, count: count)
    }

    mutating func receive(flow: Int, _ batch: borrowing ReceiveBatch) -> Int {
        isAway ? -Int(EAGAIN) : inner.receive(flow: flow, batch)
    }

    mutating func wait(timeoutNs: Int64) -> Int {
        if isAway {
            if timeoutNs > 0 { usleep(1_000) }
            looksAgain = mayLook()
            return 0
        }
        return inner.wait(timeoutNs: timeoutNs)
    }

    mutating func readyFlow(_ index: Int) -> Int { inner.readyFlow(index) }
    mutating func readyHasError(_ index: Int) -> Bool { inner.readyHasError(index) }

    mutating func waitWritable(flow: Int, timeoutNs: Int64) {
        inner.waitWritable(flow: flow, timeoutNs: timeoutNs)
    }

    mutating func nextError(flow: Int) -> KernelError? { inner.nextError(flow: flow) }
    mutating func drops(flow: Int) -> Int? { inner.drops(flow: flow) }
}

/// What a sender loop counted over real sockets.
struct SenderOutcome: Sendable {
    var accounts = SendAccounts()
    var resets = ResetFigures()
    var outages = OutageList()
    var figures = StreamFigures()
    var otherErrors: [String: Int] = [:]
    var fault: LoopFault?
    var sentByFlow: [Int] = []
    var drops = 0

    var builderInput: LedgerBuilder.Sender {
        LedgerBuilder.Sender(accounts.ledger, figures, socketDrops: drops)
    }
}

/// The shipped sender loop on a thread of its own, over real sockets.
final class SenderThread: @unchecked Sendable {
    // Each property is touched by the test before the start and after the join, and by the
    // thread between the two; `thread` is set by the thread alone.
    static let runID: UInt64 = 0x0123_4567_89ab_cdef
    static let anchorNs = WallTime.anchorNs()

    let control = LoopControl()
    private let phase: SenderPhase
    private let log: DatagramLog?
    private var kernel: InattentiveKernel
    private var outcome = SenderOutcome()
    private var running: DataThread?
    private(set) var receiveBufferGranted = 0
    let target = SignalTarget()

    init(
        _ phase: SenderPhase, to address: SocketAddress, receiveBufferBytes: Int? = nil,
        looksAwayAfter: Int? = nil, mayLook: @escaping () -> Bool = { true },
        log: DatagramLog? = nil, kind: SocketKind = .connected
    ) throws {
        var phase = phase
        if kind != .connected { phase.destinations = [address] }
        let features = try Self.features(phase).probed(family: address.family)
        let inner = try LinuxKernel(
            flows: phase.flows, target: address, options: features, kind: kind)
        if let bytes = receiveBufferBytes {
            receiveBufferGranted = inner.askReceiveBuffers(bytes: bytes) ?? 0
        }
        kernel = InattentiveKernel(inner, looksAwayAfter: looksAwayAfter, mayLook: mayLook)
        self.phase = phase
        self.log = log
    }

    /// The socket options that the phase stands on.
    static func features(_ phase: SenderPhase) -> SocketFeatures {
        SocketFeatures(
            segmentBytes: phase.segments > 1 ? phase.payloadBytes : nil,
            coalesces: phase.coalesces, timestamps: phase.usesKernelTimestamps)
    }

    func localAddresses() throws -> [SocketAddress] { try kernel.inner.localAddresses() }

    func start() throws {
        running = try DataThread.start(name: "sender", cpu: nil) { self.run() }
    }

    /// Waits for its end; once.
    func join() -> SenderOutcome {
        running?.join()
        running = nil
        return outcome
    }

    private func run() {
        target.begin()
        defer { target.end() }
        var phase = phase
        // The loop is made first: large payloads and windows take their time.
        phase.startNs = LinuxClock().nowNs() + 200_000_000
        let layout = ProbeLayout(
            payloadBytes: phase.payloadBytes, runID: Self.runID, anchorNs: Self.anchorNs)
        var loop = SenderLoop<InattentiveKernel, LinuxClock, ProbeLayout>(
            phase: phase, content: layout, clock: LinuxClock(), control: control, log: log)
        loop.run(&kernel)
        outcome = SenderOutcome(
            accounts: loop.accounts, resets: loop.resetFigures,
            outages: loop.statistics.outages, figures: loop.statistics.summary(),
            otherErrors: loop.otherErrors.byName, fault: loop.fault, sentByFlow: loop.sentByFlow,
            drops: (0..<phase.flows).reduce(0) { $0 + (kernel.drops(flow: $1) ?? -1) })
    }
}
