/// The maximum number of datagrams that a sender can have sent of one flow by a time, according to
/// its plan.
package struct SendingBound: Codable, Sendable, Equatable {
    /// The maximum difference of the clocks and the wake-ups of two processes of a host.
    package static let toleranceNs: Int64 = 20_000_000
    /// The timestamps of one flow are at least one nanosecond apart.
    package static let fastestPps = 1e9
    /// The maximum of all plans for the numbers of a flow.
    private static let mostEver = 1 << 61

    /// The rate; `nil` for the maximum rate.
    package var ratePps: Double?
    /// The number of datagrams; `nil` if the length limits it.
    package var count: Int?
    /// The length; `nil` if the count limits it.
    package var lengthNs: Int64?
    /// The number of datagrams sent together.
    package var burst: Int
    /// Whether the number of due datagrams is that of a Poisson process, which is above its mean by
    /// eight deviations once in 10^15.
    package var isRandom = false
    /// The due time of the first datagram: after the start of the run in an order, monotonic in a
    /// loop.
    package var beginsNs: Int64

    package init(
        ratePps: Double?, count: Int?, lengthNs: Int64?, burst: Int = 1, beginsNs: Int64 = 0
    ) {
        self.ratePps = ratePps
        self.count = count
        self.lengthNs = lengthNs
        self.burst = burst
        self.beginsNs = beginsNs
    }

    /// Returns the maximum number of datagrams that can have been sent at `nowNs`.
    package func most(atNs nowNs: Int64) -> Int {
        let elapsedNs = max(0, nowNs &- beginsNs &+ Self.toleranceNs)
        let openNs = min(elapsedNs, lengthNs ?? .max)
        // One slot for rounding, and the one at the beginning.
        var due = Double(openNs) * (ratePps ?? Self.fastestPps) / 1e9 + Double(burst) + 1
        if isRandom { due += 8 * due.squareRoot() }
        return min(count ?? Self.mostEver, Int(min(due, Double(Self.mostEver))))
    }
}
