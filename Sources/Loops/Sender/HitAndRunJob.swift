import Datagrams
import Metrics

/// The worker of an ephemeral-port sender from its assignment to its result: one thread, whatever
/// the number of flows.
package final class HitAndRunJob: SendingJob, @unchecked Sendable {
    // Used by the control thread before the data thread starts and after it was joined, and by the
    // data thread between the two.
    private var kernel: LinuxHitAndRunKernel
    private var loopResult: SenderResult?

    private let assignment: SenderAssignment
    private let targets: [SocketAddress]
    private let control: LoopControl

    package init(_ assignment: SenderAssignment, control: LoopControl) throws(WorkerFailure) {
        targets = try assignment.targetAddresses()
        do {
            try MessageCalls.current.checkSending()
            kernel = try LinuxHitAndRunKernel(
                target: targets[0], how: assignment.sender.options)
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
        self.assignment = assignment
        self.control = control
    }

    package func ready() throws -> Ready {
        // The sender has no permanent address.
        let socket = try kernel.opened()
        var ready = Ready()
        ready.features = FeaturesGranted(SocketFeatures())
        ready.receiveBufferGrantedBytes = socket.get(.receiveBuffer)
        ready.sendBufferGrantedBytes = socket.get(.sendBuffer)
        return ready
    }

    package func start(
        startNs: Int64, whenDone: @escaping @Sendable () -> Void
    ) throws(WorkerFailure) -> [DataThread] {
        do {
            let thread = try DataThread.launch(name: "sender", cpu: assignment.cpus?.first) {
                [self] in
                run(startNs: startNs)
                whenDone()
            }
            return [thread]
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
    }

    package func result() throws -> SenderResult {
        guard let result = loopResult else {
            throw WorkerFailure(.own, "the data thread gave no result")
        }
        return result
    }

    private func run(startNs: Int64) {
        // The warm-up of others has no resets: this phase begins with the measurement.
        var phase = SenderPhase(
            assignment.sender, flows: assignment.flows, timeoutNs: assignment.timeoutNs,
            startNs: startNs + assignment.warmUpNs
                + Int64(assignment.sender.options.startAfterNs),
            firstSession: UInt16(assignment.firstMeasuredSession),
            windowCapacity: assignment.windowSlots)
        phase.destinations = targets
        phase.partOfFlow = assignment.partOfFlow(0..<assignment.flows)
        phase.intervalNs = assignment.intervalNs
        phase.maxIntervals = assignment.maxIntervals
        phase.recordsIntervals = true
        var loop = HitAndRunLoop<LinuxHitAndRunKernel, LinuxClock>(
            phase: phase, burst: assignment.sender.burst,
            single: SingleCalls(sends: assignment.sendBatch == 1),
            layout: ProbeLayout(
                payloadBytes: phase.payloadBytes,
                runID: UInt64(bitPattern: Int64(assignment.runId)), anchorNs: assignment.anchorNs),
            clock: LinuxClock(), control: control)
        loop.run(&kernel)
        loopResult = loop.result(endNs: LinuxClock().nowNs(), hasWarmUp: assignment.warmUpNs > 0)
    }
}

extension HitAndRunLoop where Kernel: ~Copyable {
    func result(endNs: Int64, hasWarmUp: Bool) -> SenderResult {
        let intended: Double? = if case .paced(let pps) = phase.rate { pps } else { nil }
        return SenderResult(
            accounts: accounts.ledger, rejected: RejectedCounts(),
            otherErrors: otherErrors.byName, receiveErrors: [:], retried: 0,
            resets: ResetFigures(), outages: [],
            outagesLeftOut: 0, largestBurst: accounts.largestBurst, stalls: stalls.counts,
            figures: statistics.summary(), stackNs: nil, abandonedSegments: false,
            wallClockStepped: false, drops: 0, intendedPps: intended, firstSentNs: firstSentNs,
            lastSentNs: lastSentNs,
            measuredNs: Int64(stalls.measured.count),
            startNs: phase.startNs, endNs: endNs,
            warmUpSentByFlow: hasWarmUp ? Array(repeating: 0, count: phase.flows) : [],
            sentByFlow: sequences.map { Int($0 - phase.firstSequence) })
    }
}

/// A job of a worker that sends.
package protocol SendingJob {
    func ready() throws -> Ready
    /// Starts the job's threads; `whenDone` is called on the last of them.
    func start(
        startNs: Int64, whenDone: @escaping @Sendable () -> Void
    ) throws(WorkerFailure) -> [DataThread]
    /// Returns the result, after the data threads were joined.
    func result() throws -> SenderResult
    /// Returns the datagrams that arrived since the drain: after `result`.
    func tail() -> TailReply
}

extension HitAndRunJob {
    /// Returns zeros: the sender's ports are closed, and it awaits nothing.
    package func tail() -> TailReply { TailReply(answers: 0, drops: 0) }
}
