package struct StartOrder: Codable, Sendable {
    /// The monotonic time of the first slot of the warm-up, or of the measurement without one.
    package var startNs: Int64
    /// For a responder and a relay: the source address of each flow of each expected stream, in
    /// their order. Empty if a sender's ports change.
    package var sources: [[String]]

    package init(startNs: Int64, sources: [[String]] = []) {
        self.startNs = startNs
        self.sources = sources
    }
}

package struct StopOrder: Codable, Sendable {
    /// The additional wait for datagrams still in flight.
    package var drainNs: Int64
    /// For a responder: the number of probes that each flow of each expected stream sent, in their
    /// order.
    package var sent: [[Int]]

    package init(drainNs: Int64, sent: [[Int]] = []) {
        self.drainNs = drainNs
        self.sent = sent
    }
}
