import Glibc

/// Datagrams one by one, for people at a terminal: each call allocates.
extension DatagramSocket {
    /// sendto(2), without waiting: `nil` when the kernel took the datagram.
    package borrowing func send(_ octets: [UInt8], to address: SocketAddress) -> SystemErrno? {
        let descriptor = self.descriptor
        while true {
            let result = address.withRaw { raw, size in
                octets.withUnsafeBytes {
                    sendto(descriptor, $0.baseAddress, octets.count, Int32(MSG_DONTWAIT), raw, size)
                }
            }
            if result >= 0 { return nil }
            if errno != EINTR { return SystemErrno(rawValue: errno) }
        }
    }
}
