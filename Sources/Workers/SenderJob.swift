import Datagrams
import Metrics

/// A sender worker from its assignment to its result.
final class SenderJob: @unchecked Sendable {
    // Touched by the control thread before the data thread starts and after it was joined, and
    // by the data thread between the two.
    private let assignment: SenderAssignment
    private let control: LoopControl
    private var kernel: LinuxKernel
    private let log: DatagramLog?
    private let layout: ProbeLayout
    private var outcome: Result<SenderResult, WorkerFailure>?

    init(_ assignment: SenderAssignment, control: LoopControl) throws(WorkerFailure) {
        self.assignment = assignment
        self.control = control
        layout = ProbeLayout(
            payloadBytes: assignment.payloadBytes,
            runID: UInt64(bitPattern: Int64(assignment.runId)), anchorNs: assignment.anchorNs)
        guard let target = SocketAddress(numeric: assignment.target) else {
            throw WorkerFailure(.own, "the target \(assignment.target) is no numeric address")
        }
        do {
            kernel = try LinuxKernel(flows: assignment.flows, target: target)
            log = try assignment.logPath.map { path throws(SystemFailure) in
                try DatagramLog(path: path, flowPrefix: assignment.logPrefix)
            }
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
    }

    func ready() throws(SystemFailure) -> Ready {
        var ready = Ready()
        ready.addresses = try kernel.localAddresses().map(\.description)
        ready.receiveBufferAskedBytes = LinuxKernel.bufferBytesAsked
        ready.receiveBufferGrantedBytes = kernel.receiveBufferGranted
        ready.sendBufferGrantedBytes = kernel.sendBufferGranted
        return ready
    }

    /// Runs on the data thread.
    func run(startNs: Int64) {
        let clock = LinuxClock()
        var startNs = startNs
        var warmUpSent = [Int](repeating: 0, count: assignment.flows)
        if assignment.warmUpNs > 0 {
            let warmUp = phase(startNs: startNs, isWarmUp: true)
            var loop = SenderLoop<LinuxKernel, LinuxClock>(
                phase: warmUp, layout: layout, clock: clock, control: control, log: nil)
            loop.run(&kernel)
            if let fault = loop.fault { return fail(fault) }
            warmUpSent = loop.sentByFlow
            startNs = clock.nowNs() + 1_000_000
        }
        let dropsBefore = drops()
        let phase = phase(startNs: startNs, isWarmUp: false)
        var loop = SenderLoop<LinuxKernel, LinuxClock>(
            phase: phase, layout: layout, clock: clock, control: control, log: log)
        loop.run(&kernel)
        if let fault = loop.fault { return fail(fault) }
        var result = loop.result(phase: phase, endNs: clock.nowNs())
        result.drops = drops() - dropsBefore
        result.warmUpSentByFlow = warmUpSent
        outcome = .success(result)
    }

    /// After the data thread was joined.
    func result() throws -> SenderResult {
        try log?.finish()
        guard let outcome else { throw WorkerFailure(.own, "the data thread gave no result") }
        return try outcome.get()
    }

    private func drops() -> Int {
        (0..<assignment.flows).reduce(0) { $0 + kernel.drops(flow: $1) }
    }

    private func fail(_ fault: LoopFault) {
        switch fault {
        case .payloadTooLong(let bytes):
            outcome = .failure(
                WorkerFailure(
                    .payload,
                    "a payload of \(bytes) B does not fit the path to \(assignment.target) "
                        + "(EMSGSIZE): the limit is the path MTU less 28 octets for IPv4 and 48 "
                        + "for IPv6, or \(ProbeLayout.maximumBytes) B where nothing else limits "
                        + "it; give the sender a smaller \"payload\""))
        case .ownFault(let errno):
            outcome = .failure(WorkerFailure(.own, "a send failed with \(errno)"))
        }
    }

    private func phase(startNs: Int64, isWarmUp: Bool) -> SenderPhase {
        let flows = assignment.flows
        let rate: SenderPhase.Rate =
            if let pps = assignment.ratePps { .paced(streamPps: pps * Double(flows)) } else {
                .max(window: assignment.window)
            }
        var phase = SenderPhase(
            flows: flows, payloadBytes: assignment.payloadBytes, rate: rate,
            countLimit: isWarmUp ? nil : assignment.count.map { $0 * flows },
            durationNs: isWarmUp ? assignment.warmUpNs : assignment.durationNs,
            timeoutNs: assignment.timeoutNs, startNs: startNs,
            firstSession: UInt16(assignment.firstSession + (isWarmUp ? 0 : warmUpSessions)),
            firstSequence: isWarmUp ? 0 : UInt64(assignment.firstSequence),
            windowCapacity: assignment.windowSlots)
        phase.maxBurst = assignment.maxBurst
        phase.batch = assignment.batch
        phase.spinNs = assignment.spinNs
        phase.isOneWay = assignment.isOneWay
        phase.endsWithLastAnswer = assignment.endsWithLastAnswer || isWarmUp
        phase.intervalNs = assignment.intervalNs
        phase.maxIntervals = assignment.maxIntervals
        phase.recordsIntervals = !isWarmUp
        return phase
    }

    /// Without a warm-up its sessions do not exist.
    private var warmUpSessions: Int { assignment.warmUpNs > 0 ? assignment.flows : 0 }
}

extension SenderLoop where Kernel: ~Copyable {
    var sentByFlow: [Int] {
        (0..<phase.flows).map { Int(sequences[$0] - phase.firstSequence) }
    }

    func result(phase: SenderPhase, endNs: Int64) -> SenderResult {
        let intended: Double? = if case .paced(let pps) = phase.rate { pps } else { nil }
        return SenderResult(
            accounts: LedgerAccounts(
                scheduled: accounts.scheduled, sent: accounts.sent, skipped: accounts.skipped,
                refused: accounts.refused, localQueue: accounts.localQueue,
                localFirewall: accounts.localFirewall, tooBig: accounts.tooBig,
                otherError: accounts.otherError),
            rejected: accounts.rejected, otherErrors: otherErrors.byName,
            retried: accounts.retried, resetsSeen: accounts.resetsSeen,
            resetsUnattributed: accounts.resetsUnattributed,
            largestBurst: accounts.largestBurst, figures: statistics.summary(), drops: 0,
            intendedPps: intended, firstSentNs: firstSentNs, lastSentNs: lastSentNs,
            firstReceivedNs: firstReceivedNs, lastReceivedNs: lastReceivedNs,
            startNs: phase.startNs, endNs: endNs, warmUpSentByFlow: [], sentByFlow: sentByFlow)
    }
}
