package struct StartOrder: Codable, Sendable {
    /// The monotonic time of the first slot of the warm-up, or of the measurement without one.
    package var startNs: Int64
    /// For a responder and a relay: the source address of each flow of each expected stream, in
    /// their order. Empty if a sender's ports change.
    package var sources: [[String]]
    /// Whether the worker answers with `armed`: the order came over a line that may be slow.
    package var asksArmed = false

    package init(startNs: Int64, sources: [[String]] = []) {
        self.startNs = startNs
        self.sources = sources
    }
}

/// The answer to a start order that asks for it.
package struct Armed: Codable, Sendable {
    /// The time by which the order came after the start; 0 if it came before.
    package var lateNs: Int64

    package init(lateNs: Int64) { self.lateNs = lateNs }
}

package struct StopOrder: Codable, Sendable {
    /// The additional wait for datagrams still in flight.
    package var drainNs: Int64
    /// For a responder: the number of probes that each flow of each expected stream sent, in their
    /// order.
    package var sent: [[Int]] { sentRuns.map(\.wrappedValue) }
    private var sentRuns: [RunLengths]

    package init(drainNs: Int64, sent: [[Int]] = []) {
        self.drainNs = drainNs
        sentRuns = sent.map(RunLengths.init)
    }
}
