import Glibc

/// An IPv4 or IPv6 address with a port, or the name of a Unix socket, in one normal form.
///
/// A v4-mapped IPv6 address (RFC 4291 §2.5.5.2, `::ffff:127.0.0.1`) is stored as its IPv4 address,
/// so that two spellings of one peer compare equal.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Family: Sendable { case ipv4, ipv6, unix }

    package let family: Family
    /// The address in network byte order; the first four bytes for IPv4, all sixteen for IPv6.
    private let high: UInt64
    private let low: UInt64
    package let port: UInt16
    /// The zone (interface index) of a link-local IPv6 address, else 0.
    package let scope: UInt32
    /// The name of a Unix socket: a path, or an abstract name behind an `@` (unix(7)); nil for the
    /// other families.
    package let unixName: String?

    /// The largest name: sun_path has 108 bytes, of which one is the NUL at the end of a path, or
    /// at the start of an abstract name.
    package static let unixNameBytesMax = 107

    /// Makes the address of a Unix socket.
    /// - Parameter unixName: Without a NUL; nil is returned for a name that is empty or too long.
    package init?(unixName: String) {
        let isLegal = unixName.utf8.first != UInt8(ascii: "@") || unixName.utf8.count > 1
        guard isLegal, !unixName.utf8.contains(0),
            (1...Self.unixNameBytesMax).contains(unixName.utf8.count)
        else { return nil }
        self.unixName = unixName
        (family, high, low, port, scope) = (.unix, 0, 0, 0, 0)
    }

    /// Makes an address from bytes.
    /// - Parameter octets: 4 bytes for IPv4, 16 for IPv6, in network byte order.
    package init?(octets: [UInt8], port: UInt16, scope: UInt32 = 0) {
        let mapped =
            octets.count == 16 && octets[0..<10].allSatisfy { $0 == 0 } && octets[10] == 0xff
            && octets[11] == 0xff
        let significant = mapped ? Array(octets[12...]) : octets
        guard significant.count == 4 || significant.count == 16 else { return nil }
        func word(_ from: Int) -> UInt64 {
            significant[from..<min(from + 8, significant.count)].reduce(0) { $0 << 8 | UInt64($1) }
        }
        family = significant.count == 4 ? .ipv4 : .ipv6
        high = word(0)
        low = significant.count == 16 ? word(8) : 0
        self.port = port
        self.scope = significant.count == 16 ? scope : 0
        unixName = nil
    }

    /// The bytes of the address, 4 or 16; none of a Unix socket.
    package var octets: [UInt8] {
        func split(_ word: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: word >> (8 * (count - 1 - $0))) }
        }
        switch family {
        case .ipv4: return split(high, 4)
        case .ipv6: return split(high, 8) + split(low, 8)
        case .unix: return []
        }
    }

    package func with(port: UInt16) -> SocketAddress {
        SocketAddress(octets: octets, port: port, scope: scope) ?? self
    }

    package func with(scope: UInt32) -> SocketAddress {
        SocketAddress(octets: octets, port: port, scope: scope) ?? self
    }

    /// Whether the address is a loopback address: 127.0.0.0/8 (RFC 1122 §3.2.1.3) or ::1 (RFC 4291
    /// §2.5.3). A Unix socket is on this host as well.
    package var isLoopback: Bool {
        family == .unix || (family == .ipv4 ? high >> 24 == 127 : high == 0 && low == 1)
    }

    /// Whether the address is `0.0.0.0` or `::`.
    package var isUnspecified: Bool { high == 0 && low == 0 && family != .unix }

    /// Whether the address is an IPv6 link-local address (RFC 4291 §2.5.6) without its interface:
    /// every interface has such addresses, and the kernel returns EINVAL.
    package var lacksZone: Bool { family == .ipv6 && high >> 54 == 0x3fa && scope == 0 }

    /// Whether the address is in 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 §2.7).
    package var isMulticast: Bool {
        family == .ipv4 ? high >> 28 == 0xe : family == .ipv6 && high >> 56 == 0xff
    }

    /// Whether several sockets of this host may have the address, each of which gets what is sent
    /// to it: a multicast group, or the broadcast address of 127.0.0.0/8.
    package var isGroup: Bool { isMulticast || family == .ipv4 && high == 0x7fff_ffff }

    /// Whether the address is the limited broadcast address of RFC 919 §7. A subnet's broadcast
    /// address depends on its mask: see `HostAddresses`.
    package var isLimitedBroadcast: Bool { family == .ipv4 && high == 0xffff_ffff }

    /// The address without the port, `127.0.0.1` or `fe80::1%2`; of a Unix socket its name.
    package var host: String {
        if let unixName { return unixName }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let size = socklen_t(text.count)
        let bytes = octets
        inet_ntop(family == .ipv4 ? AF_INET : AF_INET6, bytes, &text, size)
        let plain = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        return scope == 0 ? plain : "\(plain)%\(scope)"
    }

    package var description: String {
        switch family {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .unix: Self.unixMark + host
        }
    }
}

extension SocketAddress {
    /// Splits `HOST:PORT`, `[v6]:PORT`. `nil` if the text is neither or the port is above 65,535.
    package static func split(_ text: String) -> (host: String, port: UInt16)? {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
        } else {
            guard let colon = text.lastIndex(of: ":") else { return nil }
            host = text[..<colon]
            rest = text[colon...]
            guard !host.contains(":") else { return nil }
        }
        guard rest.hasPrefix(":"), rest.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }),
            let port = UInt16(rest.dropFirst()), !host.isEmpty
        else { return nil }
        return (String(host), port)
    }

    /// Parses a numeric address; `Resolver` resolves names.
    package init?(numericHost host: String, port: UInt16) {
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            let octets = withUnsafeBytes(of: four) { Array($0) }
            self.init(octets: octets, port: port)
            return
        }
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var six = in6_addr()
        guard let address = parts.first, inet_pton(AF_INET6, String(address), &six) == 1 else {
            return nil
        }
        var scope: UInt32 = 0
        if parts.count == 2 {
            let index = if_nametoindex(String(parts[1]))
            guard let number = index > 0 ? index : UInt32(parts[1]), number > 0 else { return nil }
            scope = number
        }
        self.init(octets: withUnsafeBytes(of: six) { Array($0) }, port: port, scope: scope)
    }

    /// The mark of a Unix socket's name in place of host and port: `unix:/run/x`, `unix:@x`.
    package static let unixMark = "unix:"

    /// Parses `HOST:PORT` with a numeric host, or `unix:NAME`.
    package init?(numeric text: String) {
        if text.hasPrefix(Self.unixMark) {
            self.init(unixName: String(text.dropFirst(Self.unixMark.count)))
            return
        }
        guard let (host, port) = SocketAddress.split(text) else { return nil }
        self.init(numericHost: host, port: port)
    }

    /// Reads a `struct sockaddr` in the kernel's layout; `nil` for another family.
    package init?(raw bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 2 else { return nil }
        let family = bytes.loadUnaligned(as: sa_family_t.self)
        if Int32(family) == AF_INET, bytes.count >= MemoryLayout<sockaddr_in>.size {
            let four = bytes.loadUnaligned(as: sockaddr_in.self)
            let octets = withUnsafeBytes(of: four.sin_addr) { Array($0) }
            self.init(octets: octets, port: UInt16(bigEndian: four.sin_port))
        } else if Int32(family) == AF_INET6, bytes.count >= MemoryLayout<sockaddr_in6>.size {
            let six = bytes.loadUnaligned(as: sockaddr_in6.self)
            self.init(
                octets: withUnsafeBytes(of: six.sin6_addr) { Array($0) },
                port: UInt16(bigEndian: six.sin6_port), scope: six.sin6_scope_id)
        } else if Int32(family) == AF_UNIX {
            let name = bytes.dropFirst(MemoryLayout<sa_family_t>.size)
            // The name of an abstract socket begins with a NUL and ends with the address; a path
            // ends with a NUL.
            let isAbstract = name.first == 0
            let text = isAbstract ? name.dropFirst() : name.prefix { $0 != 0 }
            self.init(unixName: (isAbstract ? "@" : "") + String(decoding: text, as: UTF8.self))
        } else {
            return nil
        }
    }

    /// Calls `body` with the `struct sockaddr` of this address.
    package func withRaw<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        let octets = self.octets
        func call<Raw>(_ raw: Raw) -> Result {
            withUnsafePointer(to: raw) { pointer in
                let size = MemoryLayout<Raw>.size
                return pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(size))
                }
            }
        }
        switch family {
        case .ipv4:
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &four.sin_addr) { $0.copyBytes(from: octets) }
            return call(four)
        case .ipv6:
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            six.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &six.sin6_addr) { $0.copyBytes(from: octets) }
            return call(six)
        case .unix:
            var name = Array((unixName ?? "").utf8)
            let isAbstract = name.first == UInt8(ascii: "@")
            if isAbstract { name[0] = 0 }
            var unix = sockaddr_un()
            unix.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: name) }
            // The bytes behind an abstract name would be a part of it.
            let bytes = MemoryLayout<sa_family_t>.size + name.count + (isAbstract ? 0 : 1)
            return withUnsafePointer(to: unix) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(bytes)) }
            }
        }
    }
}
