/// The figures of one stream's statistics, as they appear in the report.
///
/// Delays, duplication and reordering are over first copies, in time or late; delay variation is
/// within each flow.
package struct StreamFigures: Codable, Sendable, Equatable {
    package var sent = 0
    /// First copies: `inTime` + `late`.
    package var received = 0
    package var inTime = 0
    package var late = 0
    package var never = 0
    /// Requests whose first answer was not the right one: in no other figure.
    package var wrong = 0
    package var loss = LossFigures()
    package var duplication = DuplicationFigures()
    package var reordering = ReorderingFigures()
    /// Round-trip time from the actual send time (RFC 2681); nil at a far side.
    package var rttNs: DelaySummary?
    /// Round-trip time from the intended send time: free of coordinated omission.
    package var rttIntendedNs: DelaySummary?
    /// One-way delay (RFC 7679); nil at a sender.
    package var oneWayNs: DelaySummary?
    /// D(i) − D(i−1) of consecutive sent probes, both received (RFC 3393, RFC 5481 §4.1).
    package var ipdvNs = DelaySummary()
    /// D(i) − D(min) (RFC 5481 §4.2): the distribution of the delay, shifted by its minimum.
    package var pdvNs = DelaySummary()
    /// Interarrival jitter (RFC 3550 A.8) over first copies in arrival order: the mean over the
    /// flows of each flow's final estimate; nil when no flow had two arrivals.
    package var rtpJitterNs: Double?
    /// Actual minus intended send time; nil without a schedule.
    package var pacingErrorNs: DelaySummary?
    package var discarded = DiscardedFigures()
    package var intervals: [IntervalFigures] = []
    /// Length of each interval; nil where there are none.
    package var intervalNs: Int64?
    /// The stages; empty without stages.
    package var stages: [StageFigures] = []
    /// The single losses; nil if they were not recorded.
    package var lossRuns: LossRunList?

    package init() {}

    /// Makes figures from counts alone, without delays, order or loss pattern.
    /// - Parameter duplicates: Copies beyond the first.
    package init(sent: Int, inTime: Int, late: Int, duplicates: Int) {
        self.sent = sent
        received = inTime + late
        self.inTime = inTime
        self.late = late
        never = max(0, sent - received)
        loss.count = late + never
        loss.late = late
        loss.never = never
        loss.ratio = sent > 0 ? Double(loss.count) / Double(sent) : nil
        duplication.count = duplicates
        duplication.fraction = received > 0 ? Double(duplicates) / Double(received) : nil
    }
}

/// Arrivals that are part of no other figure, each counted once.
package struct DiscardedFigures: Codable, Sendable, Equatable {
    package var fromFuture = 0
    package var beyondWindow = 0
    package var corrupt = 0
    package var impossible = 0

    package init() {}
}

extension StreamFigures {
    /// Leaves out what an image of the statistics has as well: the intervals and the buckets.
    package mutating func leaveOutDistributions() {
        intervals = []
        intervalNs = nil
        for path in [\StreamFigures.rttNs, \.rttIntendedNs, \.oneWayNs, \.pacingErrorNs] {
            self[keyPath: path]?.buckets = nil
        }
        pdvNs.buckets = nil
        ipdvNs.buckets = nil
    }
}
