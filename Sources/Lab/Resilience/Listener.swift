import Datagrams

/// A place where answers of the server are seen.
protocol Listener: AnyObject {
    /// Where the answers go.
    var address: SocketAddress { get }
    var descriptor: Int32 { get }
    /// Datagrams that its full buffer refused; nil when the kernel does not say.
    var drops: Int? { get }

    /// The next datagram that has come, `nil` when there is none.
    func take(_ room: UnsafeMutableRawBufferPointer) -> Letter?
}

/// Sees answers that go where no socket of the battery's can be: to a port that another program
/// has, or to another host.
final class TapListener: Listener {
    private let tap: PacketTap
    private let source: SocketAddress?
    let address: SocketAddress

    /// - Parameter source: nil for all that goes there: a server that answers from a socket of its
    ///   own has another port after a restart.
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
