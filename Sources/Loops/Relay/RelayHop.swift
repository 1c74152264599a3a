import Datagrams

/// The fields of the IP header that a relay forwards.
///
/// The traffic class, DSCP and ECN, is forwarded unchanged, so that the mark of an answer (see
/// `AnswerMark`) or of a congested path is kept. The hop limit is decremented, as by a router (RFC
/// 1812 §5.3.1): relays that send to each other in a ring forward a datagram as often as the limit
/// allows, and not forever.
enum RelayHop {
    /// The hop limit of the relay's sockets: the value with which most systems send (RFC 1700),
    /// less the hop of the relay, so that most datagrams need none of their own.
    static let hopLimit: UInt8 = 63

    /// Has a socket report and set the fields. If a kernel refuses, datagrams are sent with the
    /// socket's own values.
    static func apply(to socket: borrowing DatagramSocket) {
        let isFour = socket.family == .ipv4
        _ = socket.set(isFour ? .receiveTrafficClass4 : .receiveTrafficClass6, to: 1)
        _ = socket.set(isFour ? .receiveHopLimit4 : .receiveHopLimit6, to: 1)
        _ = socket.set(isFour ? .hopLimit4 : .hopLimit6, to: Int(hopLimit))
    }

    /// Whether a datagram received with this hop limit is not forwarded; 0 is unknown.
    @inline(__always)
    static func isLast(_ hopLimit: UInt8) -> Bool { hopLimit == 1 }

    /// Returns the hop limit for forwarding a datagram received with `hopLimit`; 0 for that of the
    /// socket.
    @inline(__always)
    static func leaving(_ hopLimit: UInt8) -> UInt8 {
        hopLimit <= 1 || hopLimit - 1 == Self.hopLimit ? 0 : hopLimit - 1
    }
}
