/// udplab's own responder: the treatment of a datagram, and the sockets and threads for it.
package struct OwnResponder: Codable, Sendable, Equatable {
    package enum Behaviour: String, Codable, Sendable {
        /// Sends each datagram back verbatim (RFC 862).
        case echo
        /// Counts datagrams and answers none.
        case sink
        /// A room: sends each message to every member, its sender included.
        case chat
        /// A STAMP Session-Reflector (RFC 8762).
        case stamp
    }

    package var behaviour: Behaviour
    /// The receive buffer to request (SO_RCVBUF); nil for the default.
    package var receiveBufferBytes: Int?
    /// The threads, each with a socket of its own at the one address (SO_REUSEPORT, socket(7)).
    package var threads: Int
    package var onReset: RetryPolicy
    package var socket: SocketKind
    /// The settings of a Session-Reflector; nil for the other behaviours.
    package var stamp: StampSettings?
    /// The payload of every answer of an echo in bytes; nil if each has the size of its probe.
    package var replyBytes: Int?

    /// The memory for the answers that a thread of an echo holds, beside its bookkeeping.
    package static let heldBytesMost = 64 << 20

    package init(
        _ behaviour: Behaviour, receiveBufferBytes: Int? = nil, threads: Int = 1,
        onReset: RetryPolicy = .always, socket: SocketKind = .unconnected,
        stamp: StampSettings? = nil
    ) {
        self.behaviour = behaviour
        self.receiveBufferBytes = receiveBufferBytes
        self.threads = threads
        self.onReset = onReset
        self.socket = socket
        self.stamp = stamp
    }
}
