/// What passes between the runner and its workers once the senders have done: so that what is on
/// its way then ends in an account of its own, and is no loss.
package struct SettleOrder: Codable, Sendable {
    /// How long the relay may take until it holds nothing on the way to the responder.
    package var limitNs: Int64

    package init(limitNs: Int64) { self.limitNs = limitNs }
}

package struct SettleReply: Codable, Sendable {
    /// Whether it holds nothing.
    package var isEmpty: Bool
}

package struct TailOrder: Codable, Sendable {
    package init() {}
}

/// What reached a sender's sockets after its drain.
package struct TailReply: Codable, Sendable {
    /// Answers to its probes, copies included.
    package var answers: Int
    /// Datagrams that found no room there.
    package var drops: Int
}
