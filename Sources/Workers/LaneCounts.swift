import Metrics

/// What one thread of a responder counts of no one flow. Plain memory, so that it can be shared.
package struct LaneCounts: BitwiseCopyable, Sendable {
    /// Whatever came, copies and what was rejected included.
    package var datagrams = 0
    package var rejected = RejectedCounts()
    package var resets = ResetFigures()

    package init() {}

    /// Adds what another thread counted.
    mutating func add(_ other: LaneCounts) {
        datagrams += other.datagrams
        rejected.add(other.rejected)
        resets.add(other.resets)
    }
}

/// Where one thread of a responder counts: memory of its own, or some that others can read.
package struct LaneMemory {
    let lane: UnsafeMutablePointer<LaneCounts>
    /// Receive calls that failed, by errno.
    let receiveErrors: CheckedMemory<Int>
    /// One for each flow.
    let flows: CheckedMemory<ResponderCounts>

    static func allocate(flows: Int) -> LaneMemory {
        LaneMemory(
            lane: .allocate(capacity: 1), receiveErrors: .allocate(capacity: ErrnoCounts.capacity),
            flows: .allocate(capacity: flows))
    }

    func initialize(flows count: Int) {
        lane.initialize(to: LaneCounts())
        receiveErrors.initialize(repeating: 0, count: ErrnoCounts.capacity)
        flows.initialize(repeating: ResponderCounts(), count: count)
    }

    func deallocate() {
        lane.deallocate()
        receiveErrors.deallocate()
        flows.deallocate()
    }
}
