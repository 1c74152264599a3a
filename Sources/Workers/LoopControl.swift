import Metrics
import Synchronization

/// What passes between a worker's control thread and its data thread.
package final class LoopControl: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let drainLimit = Atomic<Int64>(.max)
    private let live = Mutex<LiveFigures>(LiveFigures())

    private let sent = Mutex<[[Int]]>([])

    package init() {}

    /// Asks the loop to stop sending now and to wait for what is on its way for at most
    /// `drainNs` more.
    /// - Parameter sent: For a responder: what each flow of each expected stream sent.
    package func stop(drainNs: Int64, sent: [[Int]] = []) {
        self.sent.withLock { $0 = sent }
        drainLimit.store(drainNs, ordering: .relaxed)
        stopping.store(true, ordering: .releasing)
    }

    @inline(__always)
    package var isStopping: Bool { stopping.load(ordering: .relaxed) }

    package var sentByStream: [[Int]] { sent.withLock { $0 } }

    package var drainLimitNs: Int64 { drainLimit.load(ordering: .acquiring) }

    /// Called by the data thread about once a second; the lock is never held for longer than a
    /// copy of the figures takes.
    package func publish(_ figures: LiveFigures) { live.withLock { $0 = figures } }

    package func latest() -> LiveFigures { live.withLock { $0 } }
}
