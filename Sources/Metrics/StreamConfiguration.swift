/// What one stream's statistics are kept for; equal on every thread of the stream, so that their
/// statistics can be merged.
package struct StreamConfiguration: Sendable, Equatable {
    /// Which delay the arrivals of the stream have.
    package enum Direction: Sendable {
        /// The arrivals are echoes at the sender: delays are round-trip times (RFC 2681).
        case roundTrip
        /// The arrivals are probes at the far side: delays are one-way (RFC 7679), where known.
        case oneWay
    }

    /// Tmax of RFC 7680: the first copy that took longer is `late`, and its probe lost.
    package var timeoutNs: Int64
    /// Payload of every probe, for the reordering byte offset (RFC 4737 §4.4).
    package var payloadBytes: Int
    /// Monotonic time at which the stream starts; the intervals count from it.
    package var startNs: Int64
    /// Length of an interval, to begin with.
    package var intervalNs: Int64
    /// How many intervals there is room for; what lasts longer doubles their length.
    package var maxIntervals: Int
    /// How many outages are kept.
    package var maxOutages: Int = OutageList.capacity
    /// Whether the summary lists the intervals (without them, one stands in for the live figures).
    package var recordsIntervals: Bool
    /// Whether the probes have a scheduled send time (they have none at `"rate": "max"`).
    package var hasIntendedTimes: Bool
    package var direction: Direction
    /// How the losses of the stream's parts are kept by time; nil where nobody asks.
    package var parts: PartLosses.Grid?

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
