import Glibc
import Impairment
import Metrics
import Synchronization

/// The state shared between a relay's control thread and its data thread.
package final class RelayControl: Sendable {
    /// The stop order, and the figures for the runner.
    package let loop = LoopControl()
    private let replacements = Atomic<Int>(0)
    private let replacement = Mutex<(forward: Impairment, backward: Impairment)?>(nil)
    private let live = Mutex(RelayLive())
    private let settling = Atomic<Int>(0)
    private let settledCount = Atomic<Int>(0)
    /// Whether a stopped relay ends as soon as it holds no datagram.
    let endsWhenEmpty: Bool

    package init(endsWhenEmpty: Bool = false) { self.endsWhenEmpty = endsWhenEmpty }

    /// Requests a notification when no datagram for the responder is held.
    package func settle() { settling.add(1, ordering: .releasing) }

    @inline(__always)
    package var isSettling: Bool {
        settling.load(ordering: .acquiring) > settledCount.load(ordering: .relaxed)
    }

    /// Called by the data thread when it holds no such datagram.
    func settled() {
        settledCount.store(settling.load(ordering: .relaxed), ordering: .releasing)
    }

    /// Waits for that notification, on the control thread, for at most `limitNs`.
    package func waitUntilSettled(limitNs: Int64, nowNs: () -> Int64) {
        let untilNs = nowNs() + limitNs
        while isSettling, nowNs() < untilNs { usleep(Self.settleLookUs) }
    }

    private static let settleLookUs: UInt32 = 500

    /// Replaces the impairments; datagrams already held keep their fates.
    package func replace(forward: Impairment, backward: Impairment) {
        replacement.withLock { $0 = (forward, backward) }
        replacements.add(1, ordering: .releasing)
    }

    /// The number of calls of `replace`.
    @inline(__always)
    var replacementCount: Int { replacements.load(ordering: .acquiring) }

    func latestReplacement() -> (forward: Impairment, backward: Impairment)? {
        replacement.withLock { $0 }
    }

    /// Publishes the live figures. Called by the data thread a few times a second.
    func publish(_ figures: RelayLive) {
        live.withLock { $0 = figures }
        var summary = LiveFigures()
        summary.sent = figures.forward.received + figures.backward.received
        summary.received = figures.forward.forwarded + figures.backward.forwarded
        summary.lost = figures.forward.dropped + figures.backward.dropped
        loop.publish(summary)
    }

    package func latest() -> RelayLive { live.withLock { $0 } }
}

/// The reason why the loop drops a datagram.
enum RelayDrop {
    case refused, tailDropped, noMemory, flowGone, sendFailed, heldAtStop
}

extension RelayAccounts {
    mutating func count(_ drop: RelayDrop) {
        switch drop {
        case .refused: refused += 1
        case .tailDropped: tailDropped += 1
        case .noMemory: noMemory += 1
        case .flowGone: flowGone += 1
        case .sendFailed: sendFailed += 1
        case .heldAtStop: heldAtStop += 1
        }
    }

    /// The datagrams received that will not be sent.
    package var dropped: Int { accounted - forwarded }
}
