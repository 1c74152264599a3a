import Metrics

/// The counts of a responder thread that belong to no single flow. Plain memory, so that it can be
/// shared.
package struct LaneCounts: BitwiseCopyable, Codable, Sendable {
    /// The datagrams received, copies and rejected ones included.
    package var datagrams = 0
    package var rejected = RejectedCounts()
    package var resets = ResetFigures()

    package init() {}

    /// Adds the counts of another thread.
    mutating func add(_ other: LaneCounts) {
        datagrams += other.datagrams
        rejected.add(other.rejected)
        resets.add(other.resets)
    }
}

/// The memory for the counts of a responder thread: its own, or memory that other processes can
/// read.
package struct LaneMemory {
    let lane: UnsafeMutablePointer<LaneCounts>
    /// The failed receive calls by errno.
    let receiveErrors: CheckedMemory<Int>
    /// The counts of each flow.
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
