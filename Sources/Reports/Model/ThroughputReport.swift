import Metrics

/// Rates of a stream over its measured time: from the start of the first measured slot to the end
/// that the plan says, whether the sender was running or not.
///
/// `received` counts first copies of what was sent in that time, also those that came after its
/// end: waiting for them makes the time no longer.
package struct ThroughputReport: Codable, Sendable, Equatable {
    package var measuredNs: Int64?
    package var sentPps: Double?
    package var receivedPps: Double?
    /// Of the best interval that lies within the measured time; nil where none does.
    package var peakReceivedPps: Double?
    package var sentBitsPerSecond: Double?
    package var receivedBitsPerSecond: Double?

    /// All nil in no time.
    /// - Parameters:
    ///   - received: nil where nobody knows.
    ///   - intervals: Of the side that receives, each `intervalNs` long; nil without them.
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

    /// Datagrams per second; nil in no time.
    package static func rate(_ count: Int, overNs timeNs: Int64) -> Double? {
        timeNs > 0 ? Double(count) * 1e9 / Double(timeNs) : nil
    }
}
