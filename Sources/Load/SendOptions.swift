/// The IP header and the socket of a sender: what its datagrams look like on the way, besides their
/// payload.
package struct SendOptions: Codable, Sendable, Equatable {
    /// A codepoint of ECN (RFC 3168 §5).
    package enum ECN: Int, Codable, Sendable {
        case notECT = 0
        /// The mark of L4S traffic (RFC 9331 §4.1).
        case ect1 = 1
        case ect0 = 2
    }

    /// The codepoint of differentiated services (RFC 2474 §3); nil leaves 0.
    package var dscp: Int?
    /// Nil leaves Not-ECT.
    package var ecn: ECN?
    /// The hop limit; nil leaves the host's default.
    package var ttl: Int?
    /// Whether the DF bit is set, and nothing is fragmented; nil leaves it to the network.
    package var dontFragment: Bool?
    /// The source address without a port; nil leaves it to the routes.
    package var sourceAddress: String?
    /// The source ports, of which each flow has one; nil leaves them to the kernel.
    package var sourcePorts: ClosedRange<Int>?
    /// The interface that all datagrams leave by; nil leaves it to the routes.
    package var interface: String?
    /// The requested size of the send buffer; nil for the size that udplab asks for by itself.
    package var sendBufferBytes: Int?
    /// The time from the first measured slot of the run to that of the sender.
    package var startAfterNs = 0

    package init() {}

    /// The traffic class of every datagram: DSCP and ECN.
    package var trafficClass: UInt8 { UInt8((dscp ?? 0) << 2 | (ecn?.rawValue ?? 0)) }

    /// Whether the plan sets a field of the IP header that may change on the way, so that both ends
    /// read it.
    package var readsMarks: Bool { dscp != nil || ecn != nil || ttl != nil }
}
