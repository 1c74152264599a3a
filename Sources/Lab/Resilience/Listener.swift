import Datagrams

/// A receiver of the server's answers.
protocol Listener: AnyObject {
    /// The destination of the answers.
    var address: SocketAddress { get }
    var descriptor: Int32 { get }
    /// The datagrams dropped by the receiver's full buffer; nil if the kernel does not report
    /// drops.
    var drops: Int? { get }

    /// Returns the next datagram received, `nil` if there is none.
    func take(_ room: UnsafeMutableRawBufferPointer) -> Letter?
}

/// A listener for answers to a destination where the battery cannot bind a socket: a port of
/// another program, or another host.
final class TapListener: Listener {
    private let tap: PacketTap
    private let source: SocketAddress?
    let address: SocketAddress

    /// Opens a tap.
    /// - Parameter source: The source of the answers; nil for any: a server that answers from a
    ///   socket of its own has another port after a restart.
    init(from source: SocketAddress?, to destination: SocketAddress) throws(SystemFailure) {
        tap = try PacketTap(sourcePort: source?.port ?? 0)
        self.source = source
        address = destination
    }

    var descriptor: Int32 { tap.descriptor }
    var drops: Int? { tap.drops }

    func take(_ room: UnsafeMutableRawBufferPointer) -> Letter? {
        while let packet = tap.take(room) {
            guard packet.destination == address, source == nil || packet.source == source else {
                continue
            }
            return Letter(octets: packet.payload, source: packet.source)
        }
        return nil
    }
}
