import Metrics
import Synchronization

/// What passes between a worker's control thread and its data thread.
package final class LoopControl: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let drainLimit = Atomic<Int64>(.max)
    private let live = Mutex<LiveFigures>(LiveFigures())

    package init() {}

    /// Asks the loop to stop sending now and to wait for answers for at most `drainNs` more.
    package func stop(drainNs: Int64) {
        drainLimit.store(drainNs, ordering: .relaxed)
        stopping.store(true, ordering: .releasing)
    }

    @inline(__always)
    package var isStopping: Bool { stopping.load(ordering: .relaxed) }

    package var drainLimitNs: Int64 { drainLimit.load(ordering: .acquiring) }

    /// Called by the data thread about once a second; the lock is never held for longer than a
    /// copy of the figures takes.
    package func publish(_ figures: LiveFigures) { live.withLock { $0 = figures } }

    package func latest() -> LiveFigures { live.withLock { $0 } }
}
