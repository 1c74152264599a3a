import Glibc

/// Forged IPv4 packets, as from an attacker with raw sockets (raw(7), CAP_NET_RAW).
package enum ForgedDatagram {
    private static let udp: UInt8 = 17
    private static let icmp: UInt8 = 1

    /// Sends a UDP datagram with a source address of another socket.
    package static func send(
        _ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress
    ) throws(SystemFailure) {
        precondition(source.family == .ipv4 && destination.family == .ipv4)
        let packet = datagram(payload, from: source, to: destination)
        try send(packet, to: destination)
    }

    /// Sends the ICMP message that reports a closed port at `gone` to `sender`, as the host of
    /// `gone` would. Over a loopback the kernel generates this message within the call that sends
    /// the datagram; over a network, and here, it arrives at any time.
    ///
    /// ```
    ///  0       1       2       3       bytes, behind the IPv4 header
    ///  type 3   code 3  checksum          ICMP, RFC 792: port unreachable
    ///  0
    ///  …the header of the datagram, and its first eight bytes
    /// ```
    package static func sendUnreachable(
        aboutDatagramOf sender: SocketAddress, to gone: SocketAddress
    ) throws(SystemFailure) {
        precondition(sender.family == .ipv4 && gone.family == .ipv4)
        var message: [UInt8] = [3, 3, 0, 0, 0, 0, 0, 0] + datagram([], from: sender, to: gone)
        let sum = checksum(message)
        message[2] = UInt8(sum >> 8)
        message[3] = UInt8(sum & 0xff)
        let packet = header(icmp, bytes: message.count, from: gone, to: sender) + message
        try send(packet, to: sender)
    }

    /// ```
    ///  0       1       2       3       bytes
    ///  ver/ihl  tos     total length      IPv4, RFC 791: the kernel fills in
    ///  identification   flags/fragment    identification and checksum
    ///  ttl      proto   checksum
    ///  source address
    ///  destination address
    ///  source port      destination port  UDP, RFC 768: a checksum of 0 is none
    ///  length           checksum
    /// ```
    private static func datagram(
        _ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress
    ) -> [UInt8] {
        let bytes = 8 + payload.count
        return header(udp, bytes: bytes, from: source, to: destination)
            + two(Int(source.port)) + two(Int(destination.port)) + two(bytes) + [0, 0] + payload
    }

    private static func header(
        _ protocolNumber: UInt8, bytes: Int, from source: SocketAddress,
        to destination: SocketAddress
    ) -> [UInt8] {
        [0x45, 0] + two(20 + bytes) + [0, 0, 0, 0, 64, protocolNumber, 0, 0]
            + source.octets + destination.octets
    }

    private static func two(_ value: Int) -> [UInt8] {
        [UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
    }

    /// Returns the checksum of RFC 1071 of an even number of bytes.
    private static func checksum(_ octets: [UInt8]) -> Int {
        var sum = stride(from: 0, to: octets.count, by: 2).reduce(0) {
            $0 + Int(octets[$1]) << 8 + Int(octets[$1 + 1])
        }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return ~sum & 0xffff
    }

    private static func send(
        _ packet: [UInt8], to destination: SocketAddress
    ) throws(SystemFailure) {
        let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, Int32(IPPROTO_RAW))
        guard descriptor >= 0 else {
            throw SystemFailure(
                "socket", "of raw packets", SystemErrno(rawValue: errno),
                advice: "forged sources need root or CAP_NET_RAW")
        }
        defer { close(descriptor) }
        let result = destination.withRaw { raw, size in
            sendto(descriptor, packet, packet.count, 0, raw, size) < 0 ? errno : 0
        }
        guard result == 0 else {
            throw SystemFailure("send", "a raw packet", SystemErrno(rawValue: result))
        }
    }
}
