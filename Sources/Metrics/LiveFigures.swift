/// A worker's figures while it runs: totals so far, and the delays since the last snapshot.
package struct LiveFigures: Codable, Sendable, Equatable {
    /// Probes sent so far.
    package var sent = 0
    /// First copies received so far, in time or late.
    package var received = 0
    /// Probes settled as lost so far. A probe is settled when the window reuses its slot, so this
    /// trails the sending by the window's span.
    package var lost = 0
    /// The median delay of the first copies since the last snapshot, to 0.8 %; nil without any.
    package var p50Ns: Int?
    /// The 99th percentile of the same delays.
    package var p99Ns: Int?

    package init() {}

    /// Returns the sum; delays are those of the slowest.
    package static func sum(_ all: [LiveFigures]) -> LiveFigures {
        var sum = LiveFigures()
        for one in all {
            sum.sent += one.sent
            sum.received += one.received
            sum.lost += one.lost
            sum.p50Ns = [sum.p50Ns, one.p50Ns].compactMap { $0 }.max()
            sum.p99Ns = [sum.p99Ns, one.p99Ns].compactMap { $0 }.max()
        }
        return sum
    }
}
