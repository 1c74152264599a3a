import Datagrams

/// The IP header of a datagram on its way through a relay.
///
/// The traffic class, DSCP and ECN, goes on as it came, so that what marks an answer (see
/// `AnswerMark`) or a congested path is not lost. The hop limit goes down by one, as at a router
/// (RFC 1812 §5.3.1): relays that send to each other in a ring hand a datagram on as often as that
/// allows, and not forever.
enum RelayHop {
    /// What most systems send with (RFC 1700), less the hop of the relay: the hop limit of its
    /// sockets, so that most datagrams need none of their own.
    static let hopLimit: UInt8 = 63

    /// Makes a socket report and set what a hop needs. Where a kernel refuses, datagrams leave with
    /// what the socket has.
    static func apply(to socket: borrowing DatagramSocket) {
        let isFour = socket.family == .ipv4
        _ = socket.set(isFour ? .receiveTrafficClass4 : .receiveTrafficClass6, to: 1)
        _ = socket.set(isFour ? .receiveHopLimit4 : .receiveHopLimit6, to: 1)
        _ = socket.set(isFour ? .hopLimit4 : .hopLimit6, to: Int(hopLimit))
    }

    /// Whether a datagram that came with this hop limit goes no further; 0 is unknown.
    @inline(__always)
    static func isLast(_ hopLimit: UInt8) -> Bool { hopLimit == 1 }

    /// What a datagram that came with `hopLimit` leaves with; 0 for that of the socket.
    @inline(__always)
    static func leaving(_ hopLimit: UInt8) -> UInt8 {
        hopLimit <= 1 || hopLimit - 1 == Self.hopLimit ? 0 : hopLimit - 1
    }
}
