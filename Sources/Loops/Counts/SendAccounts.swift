import Datagrams
import Metrics

/// The sender's part of the ledger: the outcome of every datagram to be sent, and of every received
/// datagram that was not an echo.
package struct SendAccounts: Sendable {
    /// The accounts. `refused` are those not sent because of a reset: the call failed, and failed
    /// again, or the retry policy had the flow pause or end.
    package var ledger = LedgerAccounts()
    /// The datagrams sent again after a refusal.
    package var retried = 0
    /// The maximum number of datagrams of one flow sent back to back.
    package var largestBurst = 0
    package var rejected = RejectedCounts()
    /// The bytes of all requests sent, and of the first right answers; 0 for probes.
    package var requestBytes = 0
    package var answerBytes = 0

    package init() {}

    /// Counts one datagram that was not sent because of `errno`.
    /// - Returns: Whether the datagram is in `otherError`, which is counted by name as well.
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

/// The received datagrams that were not counted as echoes, by reason. They change no other figure.
package struct RejectedCounts: Codable, Equatable, Sendable, BitwiseCopyable {
    /// Datagrams shorter than the probe, empty ones included.
    package var short = 0
    /// Datagrams longer than the probe (MSG_TRUNC).
    package var truncated = 0
    /// Datagrams of another source than the flow's peer.
    package var peer = 0
    /// Datagrams of another run or session.
    package var runId = 0
    /// Answers to probes of the warm-up.
    package var warmUp = 0
    /// Datagrams with a sequence number that was not sent yet.
    package var fromFuture = 0
    /// Datagrams received before their send time.
    package var impossible = 0
    /// Probes of this run whose content was altered.
    package var corrupt = 0
    /// Datagrams older than the sequence window.
    package var beyondWindow = 0
    /// Datagrams that answer no request by the plan's rule.
    package var unmatched = 0

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
        unmatched += other.unmatched
    }

    package var total: Int {
        short + truncated + peer + runId + warmUp + fromFuture + impossible + corrupt + beyondWindow
            + unmatched
    }
}

/// Counts of errors by errno, without allocating.
package struct ErrnoCounts: ~Copyable {
    static let capacity = 134  // EHWPOISON, the highest of Linux, is 133
    private let counts: CheckedMemory<Int>
    private let ownsMemory: Bool

    package init() {
        counts = .filled(0, count: ErrnoCounts.capacity)
        ownsMemory = true
    }

    /// Makes counts in memory of another owner, `capacity` numbers.
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
