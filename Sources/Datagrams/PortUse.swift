import Glibc

/// Who has a port, as the kernel tells everybody.
package enum PortUse {
    /// Octets of the socket table that are looked at.
    private static let tableBytesLimit = 4 << 20

    /// The number of UDP sockets that are bound to the port of `address` in this network
    /// namespace (proc(5), /proc/net/udp); `nil` when that cannot be read.
    package static func sockets(on address: SocketAddress) -> Int? {
        let path = address.family == .ipv4 ? "/proc/net/udp" : "/proc/net/udp6"
        guard let table = read(path) else { return nil }
        let hexadecimal = String(address.port, radix: 16, uppercase: true)
        let port = String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        return table.split(separator: "\n").dropFirst().count { line in
            let columns = line.split(separator: " ")
            return columns.count > 1 && columns[1].hasSuffix(":\(port)")
        }
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < tableBytesLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
