import Glibc
import Impairment
import Metrics
import Synchronization

/// What passes between a relay's control thread and its data thread.
package final class RelayControl: Sendable {
    /// The stop, and what a worker tells its runner.
    package let loop = LoopControl()
    private let replacements = Atomic<Int>(0)
    private let replacement = Mutex<(forward: Impairment, backward: Impairment)?>(nil)
    private let live = Mutex(RelayLive())
    private let settling = Atomic<Int>(0)
    private let settledCount = Atomic<Int>(0)
    /// Whether a relay that is told to stop ends as soon as it holds nothing any more.
    let endsWhenEmpty: Bool

    package init(endsWhenEmpty: Bool = false) { self.endsWhenEmpty = endsWhenEmpty }

    /// Asks for a word as soon as nothing is held on the way forward.
    func settle() { settling.add(1, ordering: .releasing) }

    @inline(__always)
    var isSettling: Bool {
        settling.load(ordering: .acquiring) > settledCount.load(ordering: .relaxed)
    }

    /// Called by the data thread when it has nothing of the kind.
    func settled() {
        settledCount.store(settling.load(ordering: .relaxed), ordering: .releasing)
    }

    /// Waits for that, on the control thread, at most for so long.
    func waitUntilSettled(limitNs: Int64, nowNs: () -> Int64) {
        let untilNs = nowNs() + limitNs
        while isSettling, nowNs() < untilNs { usleep(Self.settleLookUs) }
    }

    private static let settleLookUs: UInt32 = 500

    /// From now on this is done to datagrams; what is held already stays as it was decided.
    package func replace(forward: Impairment, backward: Impairment) {
        replacement.withLock { $0 = (forward, backward) }
        replacements.add(1, ordering: .releasing)
    }

    /// How often `replace` was called.
    @inline(__always)
    var replacementCount: Int { replacements.load(ordering: .acquiring) }

    func latestReplacement() -> (forward: Impairment, backward: Impairment)? {
        replacement.withLock { $0 }
    }

    /// Called by the data thread a few times a second.
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

/// Why a datagram will not leave, where the loop finds that out.
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

    /// All that came and will not leave.
    package var dropped: Int { accounted - forwarded }
}
