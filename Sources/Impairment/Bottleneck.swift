/// A link that is slower than its senders, and the queue in front of it. It serves all flows of
/// its direction together, first come, first served.
package struct Bottleneck: Codable, Sendable, Equatable {
    /// Of IP packets: a datagram takes its payload and `headerBytes`.
    package var bitsPerSecond: Int64
    /// What may wait, in bytes of IP packets; what does not fit is dropped (tail drop).
    package var queueBytes: Int64

    package init(bitsPerSecond: Int64, queueBytes: Int64) {
        self.bitsPerSecond = bitsPerSecond
        self.queueBytes = queueBytes
    }

    /// An IPv4 header without options (RFC 791) and a UDP header (RFC 768).
    package static let headerBytes = 28
}
