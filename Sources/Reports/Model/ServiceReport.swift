import Metrics

/// The answers of an echo that have a size of their own, or are held before they leave.
package struct ServiceReport: Codable, Sendable, Equatable {
    /// The payload of every answer; nil if each has the size of its probe.
    package var replyPayloadBytes: Int?
    /// The times from the read of a probe to the send call of its answer; nil if answers leave at
    /// once, and for several instances together.
    package var heldNs: DelaySummary?
    /// The answers that were not held for want of memory.
    package var heldOverflow: Int?
    /// The most answers that were held at a time.
    package var heldMost: Int?

    package init(
        replyPayloadBytes: Int? = nil, heldNs: DelaySummary? = nil, heldOverflow: Int? = nil,
        heldMost: Int? = nil
    ) {
        self.replyPayloadBytes = replyPayloadBytes
        self.heldNs = heldNs
        self.heldOverflow = heldOverflow
        self.heldMost = heldMost
    }

    /// A sentence on the times that were held; nil if none was.
    package var sentence: String? {
        guard let heldNs, let p50 = heldNs.p50, let p99 = heldNs.p99 else { return nil }
        return
            "held its answers for \(UnitText.time(ns: p50)) (p50), \(UnitText.time(ns: p99)) (p99): "
            + "round-trip times include that, forward.one_way and backward.one_way do not"
    }
}
