/// Exponential times around a mean, by counter: each can be drawn in any order.
package struct ExponentialDraws: Sendable {
    private let draws: RandomStream

    package init(seed: Int) { draws = RandomStream(seed: UInt64(bitPattern: Int64(seed))) }

    /// Returns the n-th time, by the inverse of the distribution function; at most 37 means.
    package func timeNs(_ n: UInt64, meanNs: Int64) -> Int64 {
        Int64((-portableLog(draws[n].fraction) * Double(meanNs)).rounded())
    }
}
