/// A link slower than its senders, with the queue in front of it. The link serves all flows of its
/// direction together, first come, first served.
package struct Bottleneck: Codable, Sendable, Equatable {
    /// The link's rate for IP packets: a datagram takes its payload and `headerBytes`.
    package var bitsPerSecond: Int64
    /// The queue limit in bytes of IP packets; a datagram that does not fit is dropped (tail drop).
    package var queueBytes: Int64

    package init(bitsPerSecond: Int64, queueBytes: Int64) {
        self.bitsPerSecond = bitsPerSecond
        self.queueBytes = queueBytes
    }

    /// The size of an IPv4 header without options (RFC 791) and a UDP header (RFC 768).
    package static let headerBytes = 28
}
