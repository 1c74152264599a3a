/// The reaction of udplab's own worker to a reset that makes one of its calls fail.
package enum ResetPolicy: Sendable, Equatable {
    /// Exits at the first reset.
    case none
    /// Retries once; a second reset in a row makes the worker exit.
    case once
    /// Retries any number of times.
    case always
    /// Retries after a pause that grows while resets come in a row.
    case backoff(Backoff)

    package struct Backoff: Sendable, Equatable {
        package let firstNs: Int
        package let factor: Double
        package let limitNs: Int
        /// The maximum number of resets in a row; nil for no limit.
        package let budget: Int?
    }
}

/// The way a worker opens its sockets, which determines the resets that reach them.
package enum SocketChoice: String, Sendable, Equatable {
    /// Connected with connect(2) and IP_RECVERR: receives the resets of its one peer.
    case connected
    /// Neither connected nor with IP_RECVERR: receives no resets, on Linux.
    case unconnected
    /// IP_RECVERR alone: receives the resets of all peers, at the next call for any peer. Every UDP
    /// socket on Windows does this (WSAECONNRESET, 10054).
    case unconnectedRecverr = "unconnected_recverr"
}
