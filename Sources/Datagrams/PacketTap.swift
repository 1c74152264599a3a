import CLinuxUDP
import Glibc

/// A tap that receives a copy of every UDP datagram over IPv4 that leaves a socket of this host, to
/// any destination (packet(7); root or CAP_NET_RAW). The tap closes with its last reference.
package final class PacketTap {
    private static let bufferBytes = 8 << 20
    /// A datagram as it was sent.
    package struct Packet: Sendable, Equatable {
        package let source: SocketAddress
        package let destination: SocketAddress
        package let payload: [UInt8]
    }

    package let descriptor: Int32
    private var assembler = DatagramAssembler()

    /// Opens a tap.
    /// - Parameter sourcePort: The source port of the datagrams to copy; 0 for all.
    package init(sourcePort: UInt16 = 0) throws(SystemFailure) {
        let result = udplab_open_tap(sourcePort, Int32(Self.bufferBytes))
        guard result >= 0 else {
            throw SystemFailure(
                "socket", "of packets", SystemErrno(rawValue: -result),
                advice: "to see what others send needs root or CAP_NET_RAW")
        }
        descriptor = result
    }

    deinit { close(descriptor) }

    /// The packets dropped by the tap's full buffer; `nil` if the kernel does not report drops.
    package var drops: Int? { DatagramSocket.receiveDrops(of: descriptor) }

    /// Returns the next datagram sent; `nil` if there is none.
    package func take(_ room: UnsafeMutableRawBufferPointer) -> Packet? {
        while true {
            let bytes = recv(descriptor, room.baseAddress, room.count, 0)
            guard bytes > 0 else { return nil }
            if let packet = assembler.take(Array(room[..<bytes])) { return packet }
        }
    }
}
