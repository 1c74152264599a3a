/// The stalls of a loop: periods in which the loop did not run when it had to, because the process
/// or the machine was stopped (SIGSTOP, a paused virtual machine) or because the loop was
/// descheduled.
///
///     look      wait until ── asked for ──▶│            back
///      │──────────────────────────────────▶│◀── stall ──▶│
///
/// Counting starts with the start of the phase, so that a loop that starts late has stalled, and a
/// stall that lasts beyond the end of the measured time counts there up to that end.
package struct StallWatch: Sendable {
    package private(set) var counts = StallCounts()
    /// The measured time; without a planned end it ends when the last datagram has been sent.
    var measured: Range<Int64>
    /// The time of the loop's last look at the clock, or at which it has to be back from a wait.
    private var backNs: Int64

    package init(measured: Range<Int64>) {
        self.measured = measured
        backNs = measured.lowerBound
    }

    /// Records that the loop reads the clock. Each call costs a comparison: the loops call it once
    /// per system call and not once per datagram.
    @inline(__always)
    package mutating func look(atNs nowNs: Int64) {
        if nowNs &- backNs >= StallCounts.leastNs {
            counts.add(fromNs: backNs, untilNs: nowNs, measured: measured)
        }
        backNs = nowNs
    }

    /// Records that the loop waits, for an answer, a slot or buffer space, at most until `untilNs`.
    @inline(__always)
    package mutating func wait(untilNs: Int64) { backNs = untilNs }

    /// Records that the loop waits for at most `ns` from its last look.
    @inline(__always)
    package mutating func waits(_ ns: Int64) { backNs &+= ns }
}

/// The stalls of a loop, or of all loops of a stream.
package struct StallCounts: Codable, Equatable, Sendable {
    /// The minimum length of a stall: shorter absences are a few time slices of a busy scheduler.
    package static let leastNs: Int64 = 10_000_000

    package var count = 0
    package var longestNs: Int64 = 0
    package var totalNs: Int64 = 0
    /// The part of `totalNs` within the measured time.
    package var measuredNs: Int64 = 0

    package init() {}

    fileprivate mutating func add(fromNs: Int64, untilNs: Int64, measured: Range<Int64>) {
        let ns = untilNs - fromNs
        count += 1
        longestNs = max(longestNs, ns)
        totalNs += ns
        measuredNs += Int64((fromNs..<untilNs).clamped(to: measured).count)
    }

    /// Adds the stalls of another thread. A stop of the process affects all threads at once, and
    /// the totals are of thread time.
    mutating func add(_ other: StallCounts) {
        count += other.count
        longestNs = max(longestNs, other.longestNs)
        totalNs += other.totalNs
        measuredNs += other.measuredNs
    }
}
