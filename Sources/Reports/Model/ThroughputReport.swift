import Metrics

/// The rates of a stream over its measured time: from the start of the first measured slot to the
/// planned end, whether the sender was running or not.
///
/// `received` counts first copies of datagrams sent in that time, even if they arrived after its
/// end, which does not extend the time.
package struct ThroughputReport: Codable, Sendable, Equatable {
    package var measuredNs: Int64?
    package var sentPps: Double?
    package var receivedPps: Double?
    /// The rate of the best interval within the measured time; nil if there is none.
    package var peakReceivedPps: Double?
    package var sentBitsPerSecond: Double?
    package var receivedBitsPerSecond: Double?

    /// Computes the rates, which are all nil if the measured time is 0.
    /// - Parameters:
    ///   - received: The datagrams received; nil if unknown.
    ///   - intervals: The intervals of the receiving side, each `intervalNs` long; nil without
    ///     them.
    package init(
        sent: Int, received: Int?, payloadBytes: Int, measuredNs: Int64,
        intervals: [IntervalFigures] = [], intervalNs: Int64? = nil
    ) {
        guard measuredNs > 0 else { return }
        let bits = Double(payloadBytes) * 8
        self.measuredNs = measuredNs
        sentPps = Self.rate(sent, overNs: measuredNs)
        receivedPps = received.flatMap { Self.rate($0, overNs: measuredNs) }
        sentBitsPerSecond = sentPps.map { $0 * bits }
        receivedBitsPerSecond = receivedPps.map { $0 * bits }
        guard let intervalNs else { return }
        peakReceivedPps =
            intervals.filter { Int64($0.startNs) + intervalNs <= measuredNs }
            .map(\.received).max().flatMap { Self.rate($0, overNs: intervalNs) }
    }

    /// Returns datagrams per second; nil if the time is 0.
    package static func rate(_ count: Int, overNs timeNs: Int64) -> Double? {
        timeNs > 0 ? Double(count) * 1e9 / Double(timeNs) : nil
    }
}
