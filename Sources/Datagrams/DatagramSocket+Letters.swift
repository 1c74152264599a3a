import Glibc

/// What one receive call brought.
package enum Arrival: Sendable, Equatable {
    /// So many octets; the address is `nil` when it is of a family that the lab does not know.
    case datagram(bytes: Int, source: SocketAddress?)
    case nothing
    /// An error that was pending: it is consumed now.
    case failed(SystemErrno)
}

/// Single datagrams, for what is not measured at speed.
extension DatagramSocket {
    /// sendto(2) without waiting: `nil` when the kernel took the datagram.
    package borrowing func send(
        _ octets: some Collection<UInt8>, to address: SocketAddress
    ) -> SystemErrno? {
        let descriptor = self.descriptor
        let payload = Array(octets)
        while true {
            let result = payload.withUnsafeBytes { bytes in
                address.withRaw { raw, size in
                    sendto(
                        descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), raw, size)
                        < 0 ? errno : 0
                }
            }
            if result == 0 { return nil }
            if result != EINTR { return SystemErrno(rawValue: result) }
        }
    }

    /// recvfrom(2) without waiting. No UDP payload is longer than 65,527 octets (RFC 768 in IPv6),
    /// so 64 KiB of room never cut one.
    package borrowing func receive(into room: UnsafeMutableRawBufferPointer) -> Arrival {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = self.descriptor
        while true {
            let got = withUnsafeMutablePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(
                        descriptor, room.baseAddress, room.count, Int32(MSG_DONTWAIT), $0, &size)
                }
            }
            if got >= 0 {
                let bytes = Int(size)
                let source = withUnsafeBytes(of: &storage) {
                    SocketAddress(raw: UnsafeRawBufferPointer(rebasing: $0[..<bytes]))
                }
                return .datagram(bytes: got, source: source)
            }
            let reason = errno
            if reason == EINTR { continue }
            return reason == EAGAIN ? .nothing : .failed(SystemErrno(rawValue: reason))
        }
    }
}
