import Glibc

/// An ICMP port unreachable as a kernel would send it, made by hand: needs root. The kernel makes
/// one per datagram that met a closed port; by hand two come with nothing in between.
package enum ForgedReset {
    private static let unreachable: UInt8 = 3
    private static let udp: UInt8 = 17

    /// Tells whoever has `port` on 127.0.0.1 that a datagram of his met a closed port there.
    package static func send(to port: UInt16, about closed: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_RAW.rawValue), Int32(IPPROTO_ICMP))
        guard descriptor >= 0 else { throw HarnessError("a raw socket: \(errno)") }
        defer { close(descriptor) }
        let octets = message(from: port, to: closed)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = loopback.bigEndian
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, octets, octets.count, 0, $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard sent == octets.count else { throw HarnessError("a forged reset: \(errno)") }
    }

    private static let loopback: UInt32 = 0x7f00_0001

    /// RFC 792: type, code, checksum and four octets of nothing; then the IP header of the
    /// datagram that it is about, and its first eight octets, which are the UDP header.
    private static func message(from port: UInt16, to closed: UInt16) -> [UInt8] {
        var octets: [UInt8] = [unreachable, 3, 0, 0, 0, 0, 0, 0]
        let total: UInt16 = 20 + 8
        octets += [0x45, 0] + bytes(total) + [0, 0, 0, 0, 64, udp, 0, 0]
        octets += bytes(UInt16(loopback >> 16)) + bytes(UInt16(loopback & 0xffff))
        octets += bytes(UInt16(loopback >> 16)) + bytes(UInt16(loopback & 0xffff))
        octets += bytes(port) + bytes(closed) + bytes(8) + [0, 0]
        let sum = checksum(octets)
        octets[2...3] = [UInt8(sum >> 8), UInt8(sum & 0xff)]
        return octets
    }

    private static func bytes(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(value & 0xff)]
    }

    /// RFC 1071, of an even number of octets.
    private static func checksum(_ octets: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: octets.count, by: 2) {
            sum += UInt32(octets[index]) << 8 | UInt32(octets[index + 1])
        }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return ~UInt16(sum)
    }
}
