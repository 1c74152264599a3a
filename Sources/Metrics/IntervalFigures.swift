/// One interval of a stream.
///
/// `sent` and `lost` count probes by their *send* time, the rest counts arrivals by their
/// *receive* time: an interval's `received` may exceed its `sent`.
package struct IntervalFigures: Codable, Sendable, Equatable {
    /// The start, relative to the stream's start.
    package var startNs: Int
    /// The length. The last interval of a stream reaches to the end of the drain, and has the
    /// arrivals until then. Nil in reports of versions that did not write it, as are the other
    /// optional values.
    package var lengthNs: Int?
    package var sent: Int
    /// The slots that the sender could not reach in time, by their due time; nil where the
    /// intervals of sender and receiver differ.
    package var skipped: Int? = 0
    /// The probes that were due and not sent because of a reset.
    package var refused = 0
    /// The first copies, in time or late.
    package var received: Int
    /// The probes late or never received, by send time. A probe that never reached a sink has no
    /// known send time there and counts where the last arrived probe before it was sent.
    package var lost: Int
    /// The lost probes by the account of the loss map; `lost_unsplit` are those whose account is
    /// not known.
    package var lostBy: [String: Int]? = [:]
    package var duplicates: Int
    package var reordered: Int
    /// The median round-trip time to 0.8 % (64 buckets an octave); nil without arrivals, and with
    /// 2^32 of them or more. The one-way delay where the direction is one-way.
    package var rttP50Ns: Int?
    package var rttP99Ns: Int?
    /// (sent − lost − wrong answers) / (sent + refused): the share of probes that were answered in
    /// time; nil if no probe was due, or no answer is awaited.
    package var availability: Double?
    /// The delays of the arrivals, as a column of a heat map; nil where the delays are not known.
    package var heat: DelayColumn?
}

extension IntervalFigures {
    /// Makes an interval of figures that a worker reports while it runs, whose losses have no
    /// account yet.
    package init(
        startNs: Int, lengthNs: Int, from earlier: LiveFigures, to later: LiveFigures
    ) {
        self.init(
            startNs: startNs, lengthNs: lengthNs, sent: max(0, later.sent - earlier.sent),
            received: max(0, later.received - earlier.received),
            lost: max(0, later.lost - earlier.lost), lostBy: nil, duplicates: 0, reordered: 0,
            rttP50Ns: later.p50Ns, rttP99Ns: later.p99Ns)
    }
}
