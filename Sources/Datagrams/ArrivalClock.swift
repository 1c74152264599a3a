/// Converts the kernel's receive times, which are wall-clock times (socket(7), SO_TIMESTAMPNS), to
/// monotonic time.
///
/// The difference between the wall clock and the monotonic clock is constant until the wall clock
/// is stepped: a slew moves both (clock_gettime(2), CLOCK_MONOTONIC). A reading of the wall clock
/// between two readings of the monotonic clock bounds the difference from both sides:
///
///     wall − after  ≤  wall − monotonic  ≤  wall − before
///
/// Bounds of two readings that do not overlap prove a step, of whatever size above their width of
/// some 0.1 µs. Receive times from before and after a step cannot be told apart, and an answer that
/// seems to arrive before its probe was sent would be discarded, so no kernel receive time is used
/// after a step.
package struct ArrivalClock: Sendable {
    /// The rounding error: both clocks are truncated to whole nanoseconds of a base with fractions
    /// (kernel/time/vsyscall.c).
    private static let roundingNs: Int64 = 20
    private static let firstLooks = 8

    private var leastNs = Int64.min
    private var mostNs = Int64.max
    private var offsetNs: Int64 = 0
    /// Whether the wall clock has been stepped since the first reading.
    package private(set) var isStepped = false

    package init(_ clock: some MonotonicClock) {
        for _ in 0..<Self.firstLooks { look(clock) }
    }

    /// Reads both clocks: to be called after every receive call, before its receive times are
    /// converted.
    @inline(__always)
    package mutating func look(_ clock: some MonotonicClock) {
        look(clock, sinceNs: clock.nowNs())
    }

    /// Reads both clocks.
    /// - Parameter beforeNs: The monotonic time, just read.
    @inline(__always)
    package mutating func look(_ clock: some MonotonicClock, sinceNs beforeNs: Int64) {
        guard !isStepped else { return }
        let wallNs = clock.wallNs()
        let afterNs = clock.nowNs()
        leastNs = max(leastNs, wallNs &- afterNs &- Self.roundingNs)
        mostNs = min(mostNs, wallNs &- beforeNs &+ Self.roundingNs)
        isStepped = leastNs > mostNs
        offsetNs = leastNs &+ (mostNs &- leastNs) / 2
    }

    /// Returns the monotonic time of a receive time, at most `nowNs`; nil if the kernel gave none,
    /// or if the wall clock was stepped.
    @inline(__always)
    package func arrivedNs(kernelNs: Int64, nowNs: Int64) -> Int64? {
        guard kernelNs != 0, !isStepped else { return nil }
        return min(nowNs, kernelNs &- offsetNs)
    }
}
