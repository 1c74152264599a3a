/// What a worker of udplab's own does when a reset makes a step of it fail.
package enum ResetPolicy: Sendable, Equatable {
    /// Ends at the first one.
    case none
    /// Tries once more; a second in a row ends it.
    case once
    /// Tries again, however often.
    case always
    /// Tries again after a pause that grows while resets come in a row.
    case backoff(Backoff)

    package struct Backoff: Sendable, Equatable {
        package let firstNs: Int
        package let factor: Double
        package let limitNs: Int
        /// Resets in a row that are tolerated; nil is no end.
        package let budget: Int?
    }
}

/// How a worker opens its sockets, and so which resets reach them.
package enum SocketChoice: String, Sendable, Equatable {
    /// connect(2) and IP_RECVERR: the resets of its one peer.
    case connected
    /// Neither: none, on Linux.
    case unconnected
    /// IP_RECVERR alone: those of all peers, at the next call whoever that is for. This is what
    /// every UDP socket is on Windows (WSAECONNRESET, 10054).
    case unconnectedRecverr = "unconnected_recverr"
}
