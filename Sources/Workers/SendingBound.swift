/// What a sender can have sent of one flow by a time: never more than its plan says.
package struct SendingBound: Codable, Sendable, Equatable {
    /// How far the clocks and the wake-ups of two processes of a host may be apart.
    package static let toleranceNs: Int64 = 20_000_000
    /// The timestamps of one flow are at least one nanosecond apart.
    package static let fastestPps = 1e9
    /// No flow of any plan has more numbers.
    private static let mostEver = 1 << 61

    /// `nil`: as fast as it goes.
    package var ratePps: Double?
    /// `nil`: as many as the length allows.
    package var count: Int?
    /// `nil`: as long as the count takes.
    package var lengthNs: Int64?
    /// How many leave together.
    package var burst: Int
    /// When the first is due: after the start of the run in an order, monotonic in a loop.
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

    /// The most that can have been sent at `nowNs`.
    package func most(atNs nowNs: Int64) -> Int {
        let elapsedNs = max(0, nowNs &- beginsNs &+ Self.toleranceNs)
        let openNs = min(elapsedNs, lengthNs ?? .max)
        // A slot that rounding adds, and the one at the beginning.
        let due = Double(openNs) * (ratePps ?? Self.fastestPps) / 1e9 + Double(burst) + 1
        return min(count ?? Self.mostEver, Int(min(due, Double(Self.mostEver))))
    }
}
