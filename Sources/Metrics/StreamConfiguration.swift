/// The configuration of one stream's statistics; equal on every thread of the stream, so that the
/// statistics can be merged.
package struct StreamConfiguration: Sendable, Equatable {
    /// The kind of delay that the arrivals of the stream have.
    package enum Direction: Sendable {
        /// The arrivals are echoes at the sender: delays are round-trip times (RFC 2681).
        case roundTrip
        /// The arrivals are probes at the far side: delays are one-way (RFC 7679), where known.
        case oneWay
    }

    /// The Tmax of RFC 7680: a first copy that took longer is `late`, and its probe lost.
    package var timeoutNs: Int64
    /// The payload of every probe in bytes, for the reordering byte offset (RFC 4737 §4.4).
    package var payloadBytes: Int
    /// The monotonic time at which the stream starts; the intervals are relative to it.
    package var startNs: Int64
    /// The initial length of an interval.
    package var intervalNs: Int64
    /// The capacity in intervals; a longer stream doubles their length.
    package var maxIntervals: Int
    /// The end of the last interval, to which later events belong too: arrivals during the drain.
    /// Nil if the stream's end is not planned.
    package var endNs: Int64?
    /// The maximum number of loss runs kept on a thread; 0 records none.
    package var maxLossRuns = 0
    /// The maximum number of buckets of a histogram in the summary.
    package var maxBuckets = Self.bucketsMost
    /// The maximum number of outages kept.
    package var maxOutages: Int = OutageList.capacity
    /// Whether the summary lists the intervals; without them one serves the live figures.
    package var recordsIntervals: Bool
    /// Whether the probes have a scheduled send time (not at `"rate": "max"`).
    package var hasIntendedTimes: Bool
    package var direction: Direction
    /// The lengths of the stages; empty without stages.
    package var stageLengthsNs: [Int64] = []
    /// The grid for the losses of the stream's parts over time; nil if they are not recorded.
    package var parts: PartLosses.Grid?

    /// The number of buckets that a report has room for where it has few streams.
    package static let bucketsMost = 400

    package init(
        timeoutNs: Int64, payloadBytes: Int, startNs: Int64, intervalNs: Int64 = 1_000_000_000,
        maxIntervals: Int = 1, recordsIntervals: Bool = false, hasIntendedTimes: Bool = false,
        direction: Direction = .roundTrip, parts: PartLosses.Grid? = nil
    ) {
        self.timeoutNs = timeoutNs
        self.payloadBytes = payloadBytes
        self.startNs = startNs
        self.intervalNs = intervalNs
        self.maxIntervals = maxIntervals
        self.recordsIntervals = recordsIntervals
        self.hasIntendedTimes = hasIntendedTimes
        self.direction = direction
        self.parts = parts
    }
}
