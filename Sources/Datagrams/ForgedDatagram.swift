import Glibc

/// A UDP datagram over IPv4 with a source address that is not this socket's: what an attacker who
/// can write raw packets sends (raw(7), CAP_NET_RAW).
package enum ForgedDatagram {
    /// ```
    ///  0       1       2       3       octets
    ///  ver/ihl  tos     total length      IPv4, RFC 791: the kernel fills in
    ///  identification   flags/fragment    identification and checksum
    ///  ttl      proto   checksum
    ///  source address
    ///  destination address
    ///  source port      destination port  UDP, RFC 768: a checksum of 0 is none
    ///  length           checksum
    /// ```
    package static func send(
        _ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress
    ) throws(SystemFailure) {
        precondition(source.family == .ipv4 && destination.family == .ipv4)
        let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, Int32(IPPROTO_RAW))
        guard descriptor >= 0 else {
            throw SystemFailure(
                "socket", "of raw packets", SystemErrno(rawValue: errno),
                advice: "forged sources need root or CAP_NET_RAW")
        }
        defer { close(descriptor) }
        func two(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xff), UInt8(value & 0xff)] }
        let udpBytes = 8 + payload.count
        var packet: [UInt8] = [0x45, 0] + two(20 + udpBytes) + [0, 0, 0, 0, 64, 17, 0, 0]
        packet += source.octets + destination.octets
        packet += two(Int(source.port)) + two(Int(destination.port)) + two(udpBytes) + [0, 0]
        packet += payload
        let result = destination.withRaw { raw, size in
            sendto(descriptor, packet, packet.count, 0, raw, size) < 0 ? errno : 0
        }
        guard result == 0 else {
            throw SystemFailure("send", "a raw packet", SystemErrno(rawValue: result))
        }
    }
}
