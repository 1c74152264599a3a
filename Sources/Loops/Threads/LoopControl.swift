import Metrics
import Synchronization

/// The state shared between a worker's control thread and its data threads.
package final class LoopControl: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let drainLimit = Atomic<Int64>(.max)
    /// The live figures of each data thread.
    private let live = Mutex([LiveFigures](repeating: LiveFigures(), count: lanesMax))

    /// The maximum number of data threads of a worker.
    private static let lanesMax = 64

    private let sent = Mutex<[[Int]]>([])

    private let portOrders = Atomic<Int>(0)
    private let portSwitches = Mutex<(count: Int, atNs: Int64, fault: String?)>((0, 0, nil))

    package init() {}

    /// Tells the loop to stop sending and to drain datagrams in flight for at most `drainNs` more.
    /// - Parameter sent: For a responder: the number of datagrams that each flow of each expected
    ///   stream sent.
    package func stop(drainNs: Int64, sent: [[Int]] = []) {
        self.sent.withLock { $0 = sent }
        drainLimit.store(drainNs, ordering: .relaxed)
        stopping.store(true, ordering: .releasing)
    }

    @inline(__always)
    package var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// The number of orders to switch the port: an odd number means closed.
    @inline(__always)
    package var portOrderCount: Int { portOrders.load(ordering: .relaxed) }

    package func orderPort() {
        portSwitches.withLock { $0 = (0, 0, nil) }
        portOrders.add(1, ordering: .releasing)
    }

    /// Called by a data thread when it has switched its port, or failed to.
    func portIsSwitched(atNs: Int64, fault: String?) {
        portSwitches.withLock { $0 = ($0.count + 1, atNs, $0.fault ?? fault) }
    }

    var portsSwitched: Int { portSwitches.withLock { $0.count } }

    var lastPortSwitch: (atNs: Int64, fault: String?) {
        portSwitches.withLock { ($0.atNs, $0.fault) }
    }

    package var sentByStream: [[Int]] { sent.withLock { $0 } }

    package var drainLimitNs: Int64 { drainLimit.load(ordering: .acquiring) }

    /// Publishes the live figures of a data thread, which calls this four times a second; the lock
    /// is held only while the figures are copied.
    package func publish(_ figures: LiveFigures, lane: Int = 0) {
        live.withLock { $0[lane] = figures }
    }

    /// Returns the live figures of all data threads.
    package func latest() -> LiveFigures { live.withLock { .sum($0) } }
}
