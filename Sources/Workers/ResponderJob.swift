import Datagrams
import Metrics

/// A responder worker (echo or sink) from its assignment to its result.
final class ResponderJob: @unchecked Sendable {
    // Touched by the control thread before the data thread starts and after it was joined, and
    // by the data thread between the two.
    private let assignment: ResponderAssignment
    private let control: LoopControl
    private var kernel: LinuxResponderKernel
    private var outcome: ResponderResult?

    init(_ assignment: ResponderAssignment, control: LoopControl) throws(WorkerFailure) {
        self.assignment = assignment
        self.control = control
        guard let address = SocketAddress(numeric: assignment.address) else {
            throw WorkerFailure(.own, "\(assignment.address) is no numeric address")
        }
        do {
            kernel = try LinuxResponderKernel.open(
                at: address, receiveBufferAsked: assignment.receiveBufferBytes)
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
    }

    func ready() -> Ready {
        var ready = Ready()
        ready.addresses = [kernel.address.description]
        ready.receiveBufferAskedBytes = kernel.receiveBufferAsked
        ready.receiveBufferGrantedBytes = kernel.receiveBufferGranted
        return ready
    }

    /// Runs on the data thread.
    func run(startNs: Int64) {
        var loop = ResponderLoop<LinuxResponderKernel, LinuxClock>(
            streams: assignment.streams.map { expected($0, startNs: startNs) },
            echoes: assignment.echoes,
            runID: UInt64(bitPattern: Int64(assignment.runId)), anchorNs: assignment.anchorNs,
            clock: LinuxClock(), control: control)
        loop.run(&kernel)
        var streams: [ResponderStreamResult] = []
        let sent = control.sentByStream
        for index in assignment.streams.indices {
            loop.close(stream: index, sent: index < sent.count ? sent[index] : [])
            streams.append(loop.result(stream: index))
        }
        outcome = ResponderResult(
            streams: streams, drops: kernel.drops(), datagrams: loop.datagrams,
            rejected: loop.rejected)
    }

    /// After the data thread was joined.
    func result() throws(WorkerFailure) -> ResponderResult {
        guard let outcome else { throw WorkerFailure(.own, "the data thread gave no result") }
        return outcome
    }

    private func expected(_ order: ExpectedStreamOrder, startNs: Int64) -> ExpectedStream {
        ExpectedStream(
            firstSession: UInt16(order.firstSession), flows: order.flows,
            payloadBytes: order.payloadBytes, firstSequence: UInt64(order.firstSequence),
            statistics: StreamConfiguration(
                timeoutNs: order.timeoutNs, payloadBytes: order.payloadBytes, startNs: startNs,
                intervalNs: order.intervalNs, maxIntervals: order.maxIntervals,
                recordsIntervals: !assignment.echoes, direction: .oneWay),
            windowCapacity: order.windowCapacity)
    }
}

extension ResponderLoop where Kernel: ~Copyable {
    func result(stream index: Int) -> ResponderStreamResult {
        let counts = counts(stream: index)
        return ResponderStreamResult(
            received: counts.received, duplicates: counts.duplicates, echoed: counts.echoed,
            echoFailed: counts.echoFailed, rejected: counts.rejected,
            firstReceivedNs: counts.firstReceivedNs, lastReceivedNs: counts.lastReceivedNs,
            figures: figures(stream: index))
    }
}
