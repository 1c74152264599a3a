import Datagrams
import Glibc

/// Ports of 127.0.0.1 for the servers of other tools.
enum LoopbackPort {
    enum Transport: String { case udp, tcp }

    static let host = "127.0.0.1"

    /// Returns a UDP port that is free now.
    static func free() throws -> UInt16 {
        guard let address = SocketAddress(numericHost: host, port: 0) else {
            throw BenchError("\(host) is no address")
        }
        let socket = try DatagramSocket(family: .ipv4)
        try socket.bind(to: address)
        return try socket.localAddress().port
    }

    /// Whether a program has bound the port, by the kernel's table: a trial bind could take the
    /// port away from the program, and a trial datagram could be taken for its client.
    static func isBound(_ port: UInt16, _ transport: Transport) -> Bool {
        isBound(port, inTable: KernelFile.text("/proc/net/\(transport.rawValue)") ?? "")
    }

    /// Whether a table has the port. proc(5), `/proc/net/udp`: `sl local_address rem_address …`,
    /// the local address as `0100007F:A540`, both parts hexadecimal, the address in the byte order
    /// of the host.
    static func isBound(_ port: UInt16, inTable table: String) -> Bool {
        table.split(separator: "\n").dropFirst().contains { line in
            let fields = line.split(separator: " ")
            guard fields.count > 1, let colon = fields[1].lastIndex(of: ":") else { return false }
            return UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port
        }
    }
}
