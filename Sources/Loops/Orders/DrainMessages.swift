/// The message that begins the draining of the network after the senders have finished, so that
/// datagrams then in flight have an account of their own, and are not losses.
package struct SettleOrder: Codable, Sendable {
    /// The time limit for the relay to have no datagram for the responder left.
    package var limitNs: Int64

    package init(limitNs: Int64) { self.limitNs = limitNs }
}

package struct SettleReply: Codable, Sendable {
    /// Whether the relay holds no such datagram.
    package var isEmpty: Bool

    package init(isEmpty: Bool) { self.isEmpty = isEmpty }
}

package struct TailOrder: Codable, Sendable {
    package init() {}
}

/// The datagrams that reached a sender's sockets after its drain.
package struct TailReply: Codable, Sendable {
    /// The answers to the sender's probes, copies included.
    package var answers: Int
    /// The datagrams dropped by full buffers.
    package var drops: Int
}
