/// The sockets bound to a port, from the kernel's public tables.
package enum PortUse {
    /// The maximum number of times that an incomplete table is read: the kernel returns a table in
    /// pieces, and skips a row if an earlier row is removed between two of them (net/ipv4/udp.c,
    /// udp_seq_next).
    private static let looks = 16

    /// The number of UDP sockets that are bound to the port of `address` in this network namespace
    /// (proc(5), /proc/net/udp); `nil` if the table cannot be read.
    /// - Parameter least: The number of sockets known to exist.
    package static func sockets(on address: SocketAddress, least: Int = 0) -> Int? {
        var found: Int?
        for _ in 0..<looks {
            found = count(address)
            guard let found, found < least else { break }
        }
        return found
    }

    private static func count(_ address: SocketAddress) -> Int? {
        let path = "/proc/thread-self/net/\(address.family == .ipv4 ? "udp" : "udp6")"
        guard let table = KernelFile.text(path) else { return nil }
        let hexadecimal = String(address.port, radix: 16, uppercase: true)
        let port = String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        return table.split(separator: "\n").dropFirst().count { line in
            let columns = line.split(separator: " ")
            return columns.count > 1 && columns[1].hasSuffix(":\(port)")
        }
    }

    /// The load of the sockets that serve an address, as reported by the kernel.
    package struct Load: Sendable, Equatable {
        /// The sockets at this address, or at the unspecified address and its port.
        package var sockets = 0
        /// The sockets among them that are connected, and so receive from one source only.
        package var connected = 0
        /// The bytes that wait in the sockets' receive buffers, as charged by the kernel.
        package var queuedBytes = 0
        /// The datagrams dropped by the sockets' full receive buffers so far: the same count as
        /// SO_MEMINFO's, seen from outside.
        package var drops = 0

        package init() {}
    }

    /// Returns the load of the sockets that datagrams for `address` may reach, IPv6 sockets that
    /// receive IPv4 included; `nil` if the tables cannot be read.
    /// - Parameter process: A process in the network namespace concerned; by default this process.
    package static func load(on address: SocketAddress, of process: Int? = nil) -> Load? {
        var load = Load()
        var isReadable = false
        let place = process.map { "/proc/\($0)/net" } ?? "/proc/thread-self/net"
        for path in ["\(place)/udp", "\(place)/udp6"] {
            guard let table = KernelFile.text(path) else { continue }
            isReadable = true
            for line in table.split(separator: "\n").dropFirst() {
                guard let row = Row(line), row.serves(address) else { continue }
                load.sockets += 1
                if row.isConnected { load.connected += 1 }
                load.queuedBytes += row.queuedBytes
                load.drops += row.drops
            }
        }
        return isReadable ? load : nil
    }

    /// A line of the table (net/ipv4/udp.c, udp4_format_sock):
    ///
    ///     sl local_address rem_address st tx_queue:rx_queue tr:tm retrnsmt uid timeout inode ref
    ///     pointer drops
    private struct Row {
        let local: SocketAddress
        let isConnected: Bool
        let queuedBytes: Int
        let drops: Int

        init?(_ line: Substring) {
            let columns = line.split(separator: " ")
            guard columns.count > 12, let local = Row.address(columns[1]),
                let queue = columns[4].split(separator: ":").last.flatMap({ Int($0, radix: 16) }),
                let drops = Int(columns[12])
            else { return nil }
            self.local = local
            isConnected = !columns[2].hasSuffix(":0000")
            queuedBytes = queue
            self.drops = drops
        }

        func serves(_ address: SocketAddress) -> Bool {
            guard local.port == address.port else { return false }
            // `::` serves IPv4 too unless IPV6_V6ONLY is set, which the table does not show.
            if local.isUnspecified { return local.family == .ipv6 || address.family == .ipv4 }
            return local.octets == address.octets
        }

        /// Parses `0100007F:1E6C`: words of four bytes in this host's byte order, then the port.
        private static func address(_ text: Substring) -> SocketAddress? {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let port = UInt16(parts[1], radix: 16),
                parts[0].utf8.count.isMultiple(of: 8)
            else { return nil }
            var octets: [UInt8] = []
            var rest = parts[0]
            while !rest.isEmpty {
                guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
                octets += withUnsafeBytes(of: word) { Array($0) }
                rest = rest.dropFirst(8)
            }
            return SocketAddress(octets: octets, port: port)
        }
    }
}
