import Datagrams
import Metrics

/// A responder worker (echo or sink) from its assignment to its result.
final class ResponderJob: @unchecked Sendable {
    // Touched by the control thread before the data thread starts and after it was joined, and
    // by the data thread between the two.
    private let assignment: ResponderAssignment
    private let control: LoopControl
    private var kernel: LinuxResponderKernel
    private var loop: ResponderLoop<LinuxResponderKernel, LinuxClock>?

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

    /// Before the data thread starts: everything is allocated here.
    func prepare(startNs: Int64) {
        loop = ResponderLoop(
            streams: assignment.streams.map { order in
                ExpectedStream(
                    firstSession: UInt16(order.firstSession), flows: order.flows,
                    payloadBytes: order.payloadBytes,
                    firstSequence: UInt64(order.firstSequence),
                    statistics: StreamConfiguration(
                        timeoutNs: order.timeoutNs, payloadBytes: order.payloadBytes,
                        startNs: startNs, intervalNs: order.intervalNs,
                        maxIntervals: order.maxIntervals, recordsIntervals: !assignment.echoes,
                        direction: .oneWay),
                    windowCapacity: order.windowCapacity)
            }, echoes: assignment.echoes,
            runID: UInt64(bitPattern: Int64(assignment.runId)), anchorNs: assignment.anchorNs,
            clock: LinuxClock(), control: control)
    }

    /// Runs on the data thread.
    func run() { loop?.run(&kernel) }

    /// After the data thread was joined.
    func result(sent: [[Int]]) -> ResponderResult {
        var streams: [ResponderStreamResult] = []
        for index in assignment.streams.indices {
            loop?.close(stream: index, sent: index < sent.count ? sent[index] : [])
            let counts = loop?.counts(stream: index) ?? ResponderFlow()
            streams.append(
                ResponderStreamResult(
                    received: counts.received, duplicates: counts.duplicates,
                    echoed: counts.echoed, echoFailed: counts.echoFailed,
                    rejected: counts.rejected, firstReceivedNs: counts.firstReceivedNs,
                    lastReceivedNs: counts.lastReceivedNs,
                    figures: loop?.figures(stream: index) ?? StreamFigures()))
        }
        return ResponderResult(
            streams: streams, drops: kernel.drops(), datagrams: loop?.datagrams ?? 0,
            rejected: loop?.rejected ?? RejectedCounts())
    }
}
