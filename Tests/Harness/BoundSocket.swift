import Glibc

/// A UDP socket on 127.0.0.1 that answers nothing.
package final class BoundSocket: Sendable {
    package let port: UInt16
    private let socket: PlainSocket

    /// - Parameter wanted: A port that is known to have been free; by default any, which stays
    ///   nobody's when this socket is gone.
    package init(port wanted: UInt16 = 0) throws {
        socket = try PlainSocket(port: wanted)
        port = socket.port
    }

    /// Whether a datagram has come.
    package var hasReceived: Bool {
        var octet: UInt8 = 0
        return recv(socket.descriptor, &octet, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) >= 0
    }
}
