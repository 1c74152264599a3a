import Datagrams
import Metrics

/// What became of every datagram that a sender was to send, and of every datagram that came in
/// and was no echo: the sender's part of the ledger.
package struct SendAccounts: Sendable {
    /// `refused` are those not sent because of a reset: the call failed, and failed again, or the
    /// retry policy had the flow pause or end.
    package var ledger = LedgerAccounts()
    /// Datagrams that were sent once more after a refusal.
    package var retried = 0
    /// The most datagrams of one flow that left back to back.
    package var largestBurst = 0
    package var rejected = RejectedCounts()

    package init() {}

    /// Counts one datagram that did not leave because of `errno`.
    /// - Returns: Whether it is among `otherError`, which are counted by name as well.
    mutating func add(_ errno: SystemErrno) -> Bool {
        switch errno {
        case .connectionRefused: ledger.refused += 1
        case .noBuffers: ledger.localQueue += 1
        case .notPermitted: ledger.localFirewall += 1
        case .messageTooLong: ledger.tooBig += 1
        default:
            ledger.otherError += 1
            return true
        }
        return false
    }
}

/// Datagrams that came in and were not counted as echoes, by reason. None of them changes any
/// other figure.
package struct RejectedCounts: Codable, Equatable, Sendable, BitwiseCopyable {
    /// Shorter than the probe, empty ones among them.
    package var short = 0
    /// Longer than the probe (MSG_TRUNC).
    package var truncated = 0
    /// Of another source than the flow's peer.
    package var peer = 0
    /// Of another run or session.
    package var runId = 0
    /// Answers to probes of the warm-up.
    package var warmUp = 0
    /// A sequence number that was not sent yet.
    package var fromFuture = 0
    /// Received before it was sent.
    package var impossible = 0
    /// A probe of this run whose content was altered.
    package var corrupt = 0
    /// So old that the sequence window has forgotten it.
    package var beyondWindow = 0

    package init() {}

    package mutating func add(_ other: RejectedCounts) {
        short += other.short
        truncated += other.truncated
        peer += other.peer
        runId += other.runId
        warmUp += other.warmUp
        fromFuture += other.fromFuture
        impossible += other.impossible
        corrupt += other.corrupt
        beyondWindow += other.beyondWindow
    }

    package var total: Int {
        short + truncated + peer + runId + warmUp + fromFuture + impossible + corrupt + beyondWindow
    }
}

/// Counts of errors by errno, without allocating.
package struct ErrnoCounts: ~Copyable {
    static let capacity = 134  // EHWPOISON, the highest of Linux, is 133
    private let counts: CheckedMemory<Int>
    private let ownsMemory: Bool

    package init() {
        counts = .allocate(capacity: ErrnoCounts.capacity)
        counts.initialize(repeating: 0, count: ErrnoCounts.capacity)
        ownsMemory = true
    }

    /// Counts in somebody else's memory, `capacity` numbers.
    init(in memory: CheckedMemory<Int>) {
        counts = memory
        ownsMemory = false
    }

    deinit { if ownsMemory { counts.deallocate() } }

    package mutating func add(_ errno: SystemErrno) {
        counts[min(max(0, Int(errno.rawValue)), ErrnoCounts.capacity - 1)] += 1
    }

    /// The counts that are not zero, by symbolic name.
    package var byName: [String: Int] {
        var names: [String: Int] = [:]
        for number in 0..<ErrnoCounts.capacity where counts[number] > 0 {
            names[SystemErrno(rawValue: Int32(number)).name] = counts[number]
        }
        return names
    }
}
