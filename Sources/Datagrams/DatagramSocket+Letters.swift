import CLinuxUDP
import Glibc

/// The result of one receive call.
package enum Arrival: Sendable, Equatable {
    /// A datagram of `bytes` bytes; the address is `nil` if its family is unknown to the lab.
    case datagram(bytes: Int, source: SocketAddress?)
    case nothing
    /// A pending error, which the call has consumed.
    case failed(SystemErrno)
}

/// Single datagrams, for traffic that is not measured at speed.
extension DatagramSocket {
    /// Sends one datagram without waiting. Returns `nil` if the kernel accepted it.
    package borrowing func send(
        _ octets: some Collection<UInt8>, to address: SocketAddress
    ) -> SystemErrno? {
        let descriptor = self.descriptor
        _ = MessageCalls.current
        let payload = Array(octets)
        let result = payload.withUnsafeBytes { bytes in
            address.withRaw { raw, size in
                udplab_send_datagram(descriptor, bytes.baseAddress, bytes.count, raw, size)
            }
        }
        return result == 0 ? nil : SystemErrno(rawValue: -result)
    }

    /// Receives one datagram without waiting. No UDP payload is longer than 65,527 bytes (RFC 768
    /// in IPv6), so 64 KiB never truncate one.
    package borrowing func receive(into room: UnsafeMutableRawBufferPointer) -> Arrival {
        var storage = sockaddr_storage()
        var size = UInt32(MemoryLayout<sockaddr_storage>.size)
        _ = MessageCalls.current
        let got = udplab_receive_datagram(
            descriptor, room.baseAddress, room.count, &storage, &size)
        guard got >= 0 else {
            return got == -Int(EAGAIN) ? .nothing : .failed(SystemErrno(rawValue: Int32(-got)))
        }
        let source = withUnsafeBytes(of: &storage) {
            SocketAddress(raw: UnsafeRawBufferPointer(rebasing: $0[..<Int(size)]))
        }
        return .datagram(bytes: got, source: source)
    }
}
