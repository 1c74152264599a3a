/// The way a socket is opened, which determines the resets that reach it (ICMP port unreachable;
/// the behaviour of Linux 6.18 was measured).
package enum SocketKind: String, Codable, Sendable, CaseIterable {
    /// connect(2) to the one peer, with IP_RECVERR: each reset fails exactly one call, send or
    /// receive, and the refused call sends nothing. The default for a sender.
    case connected
    /// Neither connected nor with IP_RECVERR: never an error, despite udp(7). The default for a
    /// responder.
    case unconnected
    /// Not connected, with IP_RECVERR: each reset fails the next call, *to any peer*. Every UDP
    /// socket on Windows does this, where the error is WSAECONNRESET (10054) until
    /// SIO_UDP_CONNRESET turns it off.
    case unconnectedRecverr = "unconnected_recverr"

    /// Whether any resets reach the socket.
    package var seesResets: Bool { self != .unconnected }
}
