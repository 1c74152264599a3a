import Metrics
import Synchronization

/// What passes between a worker's control thread and its data thread.
package final class LoopControl: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let drainLimit = Atomic<Int64>(.max)
    private let live = Mutex<LiveFigures>(LiveFigures())

    private let sent = Mutex<[[Int]]>([])

    private let portOrders = Atomic<Int>(0)
    private let portSwitches = Mutex<(count: Int, atNs: Int64, fault: String?)>((0, 0, nil))

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

    /// How often a responder was told to switch its port: an odd number says that it is closed.
    @inline(__always)
    package var portOrderCount: Int { portOrders.load(ordering: .relaxed) }

    package func orderPort() {
        portSwitches.withLock { $0 = (0, 0, nil) }
        portOrders.add(1, ordering: .releasing)
    }

    /// Called by a data thread when it has done so, or could not.
    func portIsSwitched(atNs: Int64, fault: String?) {
        portSwitches.withLock { $0 = ($0.count + 1, atNs, $0.fault ?? fault) }
    }

    var portsSwitched: Int { portSwitches.withLock { $0.count } }

    var lastPortSwitch: (atNs: Int64, fault: String?) {
        portSwitches.withLock { ($0.atNs, $0.fault) }
    }

    package var sentByStream: [[Int]] { sent.withLock { $0 } }

    package var drainLimitNs: Int64 { drainLimit.load(ordering: .acquiring) }

    /// Called by the data thread about once a second; the lock is never held for longer than a
    /// copy of the figures takes.
    package func publish(_ figures: LiveFigures) { live.withLock { $0 = figures } }

    package func latest() -> LiveFigures { live.withLock { $0 } }
}
