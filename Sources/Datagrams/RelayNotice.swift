import Glibc

/// An abstract UNIX socket whose name tells which UDP address a relay listens on.
///
/// Abstract names belong to a network namespace, as UDP ports do, need no file and no permission,
/// and are removed when the process ends, however it ends (unix(7)). The socket is never read.
package struct RelayNotice: ~Copyable {
    private let descriptor: Int32

    /// Announces a relay.
    /// - Returns: `nil` if the kernel refuses the socket: the relay is then unknown to others.
    package init?(_ address: SocketAddress) {
        let descriptor = Self.open()
        guard descriptor >= 0 else { return nil }
        let result = Self.withName(of: address) { Glibc.bind(descriptor, $0, $1) }
        guard result == 0 else {
            Glibc.close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether a relay in this network namespace receives datagrams to `address`, an address of
    /// this host: by that address, or by the unspecified address and its port.
    package static func exists(at address: SocketAddress) -> Bool {
        let octets = address.family == .ipv4 ? 4 : 16
        let everywhere = SocketAddress(
            octets: [UInt8](repeating: 0, count: octets), port: address.port)
        return [address, everywhere].compactMap(\.self).contains(where: isTaken)
    }

    private static func isTaken(_ address: SocketAddress) -> Bool {
        let descriptor = open()
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withName(of: address) { connect(descriptor, $0, $1) } == 0
    }

    private static func open() -> Int32 {
        socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(bitPattern: SOCK_CLOEXEC.rawValue), 0)
    }

    /// Calls `body` with the name: a NUL byte, and a text that is shorter than `sun_path`.
    private static func withName(
        of address: SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        let name = Array("udplab-relay \(address)".utf8)
        var raw = sockaddr_un()
        raw.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &raw.sun_path) { path in
            precondition(name.count < path.count, "an address is a short text")
            path.baseAddress?.advanced(by: 1).copyMemory(from: name, byteCount: name.count)
        }
        let bytes = MemoryLayout<sa_family_t>.size + 1 + name.count
        return withUnsafePointer(to: raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(bytes))
            }
        }
    }
}
