import Metrics
import Synchronization

/// The state shared between a worker's control thread and its data threads.
package final class LoopControl: Sendable {
    /// The number of rate orders in all bits but the lowest, which is set by a stop: the paced loop
    /// sees both by one look.
    private let orderWord = Atomic<Int>(0)
    private let rateBits = Atomic<UInt64>(0)
    private let feedback = Mutex<LoadFeedback?>(nil)
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
        orderWord.bitwiseOr(1, ordering: .releasing)
    }

    @inline(__always)
    package var isStopping: Bool { orders & 1 != 0 }

    /// A number that each order to stop or to change the rate changes; 0 before the first.
    @inline(__always)
    package var orders: Int { orderWord.load(ordering: .relaxed) }

    /// Has a paced loop that was given a first rate send at another one from now on.
    /// - Parameter pps: The datagrams per second of each flow.
    package func change(toPps pps: Double) {
        rateBits.store(pps.bitPattern, ordering: .relaxed)
        orderWord.add(2, ordering: .releasing)
    }

    /// The rate of the last order.
    var orderedPps: Double {
        // A thread that has seen the order sees its rate.
        atomicMemoryFence(ordering: .acquiring)
        return Double(bitPattern: rateBits.load(ordering: .relaxed))
    }

    /// Reports the counts of the receiving data thread.
    package func report(_ counts: LoadFeedback) {
        feedback.withLock { feedback in
            var counts = counts
            if let earlier = feedback { counts.addDelays(of: earlier) }
            feedback = counts
        }
    }

    /// Takes the counts reported since the last call; nil if there are none.
    package func takeFeedback() -> LoadFeedback? {
        feedback.withLock { feedback in
            defer { feedback = nil }
            return feedback
        }
    }

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
