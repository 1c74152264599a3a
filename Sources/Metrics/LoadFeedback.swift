/// The counts of a stream at its receiver while it runs: a status feedback message of RFC 9097.
///
/// All counts are totals since the start of the stream, so that a message that comes late, or not
/// at all, takes nothing away; the delays are those since the message before.
package struct LoadFeedback: Codable, Sendable, Equatable {
    /// The time between two messages (RFC 9097 §8.1, Table 1: FT).
    package static let everyNs: Int64 = 50_000_000

    /// The monotonic time up to which everything that had arrived is counted.
    package var atNs: Int64
    /// First copies.
    package var received = 0
    /// Probes up to the highest number that arrived, over all flows: those not received are lost,
    /// or still on their way behind it.
    package var expected = 0
    package var reordered = 0
    package var duplicates = 0
    /// The least delay since the message before, to 0.8 %; nil without arrivals.
    package var delayLeastNs: Int64?
    package var delayMostNs: Int64?
    /// Whether more had arrived than the receiver had read.
    package var isBehind = false

    package init(atNs: Int64) { self.atNs = atNs }

    /// The datagrams that arrived, copies included.
    var arrivals: Int { received + duplicates }

    /// Probes that are missing so far.
    var missing: Int { expected - received }

    /// Adds the delays of an earlier message that nobody has taken.
    package mutating func addDelays(of earlier: LoadFeedback) {
        delayLeastNs = [delayLeastNs, earlier.delayLeastNs].compactMap(\.self).min()
        delayMostNs = [delayMostNs, earlier.delayMostNs].compactMap(\.self).max()
        isBehind = isBehind || earlier.isBehind
    }
}
