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
    /// The rate of the best second within the measured time, or of the best interval if those are
    /// longer; nil if there is none.
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
        peakReceivedPps = Self.peak(intervals, intervalNs: intervalNs, measuredNs: measuredNs)
    }

    /// Sets the rates of bytes from counts, where the datagrams have lengths of their own.
    package mutating func setBytes(sent: Int, received: Int?) {
        guard let measuredNs else { return }
        sentBitsPerSecond = Self.rate(8 * sent, overNs: measuredNs)
        receivedBitsPerSecond = received.flatMap { Self.rate(8 * $0, overNs: measuredNs) }
    }

    /// Returns the rate of the best second, or of the best interval if they are longer.
    ///
    /// The last interval of a plan has the arrivals of the drain as well: the second that it is in
    /// counts only if there is no other.
    private static func peak(
        _ intervals: [IntervalFigures], intervalNs: Int64, measuredNs: Int64
    ) -> Double? {
        let each = Int(max(1, 1_000_000_000 / intervalNs))
        let spanNs = Int64(each) * intervalNs
        var seconds: [Int] = []
        for start in stride(from: 0, to: intervals.count, by: each)
        where Int64(start) * intervalNs + spanNs <= measuredNs {
            let second = intervals[start..<min(start + each, intervals.count)]
            let hasDrain = second.contains { Int64($0.lengthNs ?? 0) > intervalNs }
            if !hasDrain || seconds.isEmpty {
                seconds.append(second.reduce(0) { $0 + $1.received })
            }
        }
        return seconds.max().flatMap { rate($0, overNs: spanNs) }
    }

    /// Returns datagrams per second; nil if the time is 0.
    package static func rate(_ count: Int, overNs timeNs: Int64) -> Double? {
        timeNs > 0 ? Double(count) * 1e9 / Double(timeNs) : nil
    }
}
