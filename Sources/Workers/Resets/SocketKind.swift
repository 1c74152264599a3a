/// How a socket is opened, and so which resets reach it (ICMP port unreachable; what Linux 6.18
/// does was measured).
package enum SocketKind: String, Codable, Sendable, CaseIterable {
    /// connect(2) to the one peer, with IP_RECVERR: each reset fails exactly one call, send or
    /// receive, and the refused call sends nothing. A sender's socket unless told otherwise.
    case connected
    /// Neither connected nor with IP_RECVERR: never an error, whatever udp(7) says. A responder's
    /// socket unless told otherwise.
    case unconnected
    /// Not connected, with IP_RECVERR: each reset fails the next call, *whoever that call is for*.
    /// This is what every UDP socket is on Windows, where the error is WSAECONNRESET (10054) until
    /// SIO_UDP_CONNRESET turns it off.
    case unconnectedRecverr = "unconnected_recverr"

    /// Whether resets reach the socket at all.
    package var seesResets: Bool { self != .unconnected }
}
