import Glibc
import JSON

/// The destination of datagrams in a plan: `HOST:PORT`, `[IPV6]:PORT`, `[IPV6%ZONE]:PORT`, or
/// `unix:PATH` and `unix:@NAME` for a Unix datagram socket.
///
/// A host name is kept as text; its resolver checks every address with `addressFault`, because a
/// name must not reach an address that a literal may not.
package struct TargetAddress: Sendable, Equatable {
    package enum Host: Sendable, Equatable {
        /// Four or sixteen bytes in network order; the zone is the interface of a scoped IPv6
        /// address (RFC 4007 §11).
        case literal(bytes: [UInt8], zone: String?)
        case name(String)
        /// A path, or an abstract name behind an `@`.
        case unix(String)
    }

    package let host: Host
    /// The port; 0 only where udplab may pick a free port, and for a Unix socket.
    package let port: UInt16
    /// The address as in the plan.
    package let text: String

    /// The host without brackets, for a resolver: `::1`, `fe80::1%eth0`, `example.net`.
    package var hostText: String {
        let end = text.lastIndex(of: ":") ?? text.endIndex
        let host = text[..<end]
        return host.first == "[" ? String(host.dropFirst().dropLast()) : String(host)
    }

    /// Whether the address certainly belongs to this host: 127.0.0.0/8, ::1, or
    /// ::ffff:127.0.0.0/104. A name never does, not even `localhost`: it is resolved first.
    package var isLoopback: Bool {
        guard case .literal(let bytes, _) = host else { return false }
        return Self.isLoopback(bytes)
    }

    /// Whether the bytes of an address, 4 or 16 in network order, are a loopback address.
    package static func isLoopback(_ bytes: [UInt8]) -> Bool {
        if let mapped = mappedIPv4(bytes) { return isLoopback(mapped) }
        if bytes.count == 4 { return bytes[0] == 127 }
        return bytes.count == 16 && bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// Returns the reason why datagrams must never be sent to an address, or nil. 4 or 16 bytes in
    /// network order.
    ///
    /// A subnet's own broadcast address is not detected: that needs the interface's mask, and the
    /// kernel refuses it with EACCES.
    package static func addressFault(_ bytes: [UInt8]) -> String? {
        if let mapped = mappedIPv4(bytes) { return addressFault(mapped) }
        if bytes.count == 4 {
            if bytes == [127, 255, 255, 255] { return "a broadcast address" }
            switch bytes[0] {
            case 0: return "an unspecified address"
            case 224...239: return "a multicast address"
            case 240...255: return "a broadcast or reserved address"
            default: return nil
            }
        }
        if bytes.allSatisfy({ $0 == 0 }) { return "an unspecified address" }
        return bytes.first == 0xff ? "a multicast address" : nil
    }

    /// Returns the IPv4 address inside `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
    private static func mappedIPv4(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff,
            bytes[11] == 0xff
        else { return nil }
        return Array(bytes[12...])
    }
}

extension TargetAddress {
    static let form = "\"HOST:PORT\" or \"[IPV6]:PORT\""

    /// Parses an address strictly, without short forms of IPv4, which resolvers read as octal or as
    /// one large number.
    /// - Parameter mayBeGroup: Whether the address may be one of several receivers.
    package init(
        _ text: String, ports: ClosedRange<Int>, mayBeGroup: Bool = false
    ) throws(JSONComplaint) {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            let hint = Self.hint(text.split(separator: " ").joined(separator: ":"), ports)
            throw JSONComplaint("an address is printable ASCII without spaces\(hint)")
        }
        if text.hasPrefix(Self.unixMark) {
            let name = String(text.dropFirst(Self.unixMark.count))
            guard Self.isUnixName(name) else {
                throw JSONComplaint(
                    "\(text.quoted) names no Unix socket: \"unix:\" is followed by an absolute path "
                        + "or by \"@\" and a name, of \(Self.unixNameBytesMax) bytes at most")
            }
            (host, port, self.text) = (.unix(name), 0, text)
            return
        }
        if let scheme = text.firstRange(of: "://") {
            let rest = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
            throw JSONComplaint(
                "\(text.quoted) is a URL: an address is \(Self.form)\(Self.hint(rest, ports))")
        }
        guard let colon = text.lastIndex(of: ":"), text.last != "]" else {
            let isPort = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            let hint = Self.hint(isPort ? "127.0.0.1:\(text)" : "\(text):5000", ports)
            throw JSONComplaint(
                "\(text.quoted) names no port: an address is \(Self.form)\(hint)")
        }
        if colon == text.startIndex {
            throw JSONComplaint(
                "\(text.quoted) names no host: an address is \(Self.form)"
                    + Self.hint("127.0.0.1\(text)", ports))
        }
        let portText = String(text[text.index(after: colon)...])
        host = try Self.host(String(text[..<colon]), beside: portText)
        port = try Self.port(portText, legal: ports)
        self.text = text
        if case .literal(let bytes, _) = host, !(mayBeGroup && isGroup),
            let fault = Self.addressFault(bytes)
        {
            throw JSONComplaint(
                "\(hostText) is \(fault): udplab sends to one host at a time")
        }
        if case .literal(let bytes, nil) = host, Self.isLinkLocal(bytes) {
            throw JSONComplaint(Self.zoneFault(hostText))
        }
    }

    static let unixMark = "unix:"
    /// The bytes of `sun_path` less a NUL (unix(7)).
    static let unixNameBytesMax = 107

    private static func isUnixName(_ name: String) -> Bool {
        (2...unixNameBytesMax).contains(name.utf8.count)
            && (name.hasPrefix("/") || name.hasPrefix("@"))
    }

    /// Whether the address is a group on the loopback interface, of which a responder may be a
    /// member: an IPv4 multicast group (RFC 5771), or the broadcast address of 127.0.0.0/8.
    package var isGroup: Bool {
        guard case .literal(let bytes, _) = host, bytes.count == 4 else { return false }
        return bytes[0] >> 4 == 0xe || bytes == [127, 255, 255, 255]
    }

    /// Whether the address is of a Unix socket, which is of this host.
    package var isUnix: Bool { if case .unix = host { true } else { false } }

    /// Returns a clause with the address that is probably meant; empty if that is none.
    private static func hint(
        _ text: some StringProtocol, _ ports: ClosedRange<Int>
    ) -> String {
        guard (try? TargetAddress(String(text), ports: ports)) != nil else { return "" }
        return ", such as \(String(text).quoted)"
    }

    /// Whether an IPv6 address is ambiguous without its interface (RFC 4291 §2.5.6).
    private static func isLinkLocal(_ bytes: [UInt8]) -> Bool {
        bytes.count == 16 && bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
    }

    /// Returns the message for a link-local address without its interface.
    package static func zoneFault(_ host: String) -> String {
        "\(host) is a link-local address, which every interface has: say which one, as in "
            + "[\(host)%eth0]"
    }

    /// Parses the numeric address of a host, without a port: `192.0.2.11` or `2001:db8::11`.
    package init(numericHost text: String) throws(JSONComplaint) {
        let whole = text.contains(":") ? "[\(text)]" : text
        let host: Host
        do throws(JSONComplaint) {
            host = try Self.host(whole, beside: "0")
        } catch {
            throw JSONComplaint(
                "\(text.quoted) is no numeric address of a host, such as \"192.0.2.11\": the "
                    + "ports are chosen by the run")
        }
        let address = try TargetAddress("\(whole):0", ports: 0...0)
        guard case .literal = host else {
            throw JSONComplaint(
                "\(text.quoted) is a name: say the numeric address, because a name may be another "
                    + "address on another host")
        }
        self = address
    }

    /// Parses an address on the command line.
    package init(typed text: String) throws(JSONComplaint) {
        try self.init(text, ports: 1...Int(UInt16.max))
    }

    private static func port(
        _ text: String, legal: ClosedRange<Int>
    ) throws(JSONComplaint) -> UInt16 {
        let isPlain = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isPlain, text == "0" || text.first != "0", let port = Int(text), legal.contains(port)
        else {
            throw JSONComplaint(
                "port \(text.quoted) is \(isPlain && !text.isEmpty ? "out of range" : "no number") "
                    + "(legal: \(legal.lowerBound) to \(legal.upperBound))")
        }
        return UInt16(port)
    }

    private static func host(_ text: String, beside port: String) throws(JSONComplaint) -> Host {
        if text.first == "[" { return try bracketed(text) }
        if text.contains(":") {
            throw JSONComplaint(
                "an IPv6 address stands in brackets: \"[\(text)]:\(port)\"")
        }
        if let bytes = bytes(of: text, family: AF_INET, count: 4) {
            return .literal(bytes: bytes, zone: nil)
        }
        guard isName(text) else {
            throw JSONComplaint(
                "\(text.quoted) is neither an IPv4 address nor a host name")
        }
        return .name(text)
    }

    private static func bracketed(_ text: String) throws(JSONComplaint) -> Host {
        let inner = text.dropFirst().dropLast(text.last == "]" ? 1 : 0)
        let parts = inner.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        let zone = parts.count == 2 ? String(parts[1]) : nil
        guard text.last == "]", let first = parts.first,
            let bytes = bytes(of: String(first), family: AF_INET6, count: 16),
            zone.map(isZone) ?? true
        else {
            throw JSONComplaint("\(text.quoted) is no IPv6 address in brackets")
        }
        return .literal(bytes: bytes, zone: zone)
    }

    private static func bytes(of text: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    /// Whether a text can be the name of an interface: IFNAMSIZ less the final NUL.
    private static func isZone(_ text: String) -> Bool {
        (1...15).contains(text.utf8.count) && text.utf8.allSatisfy(\.isNameByte)
    }

    /// Whether a text is a host name by RFC 1123 §2.1, with underscores, which container networks
    /// use. Texts that resolvers would read as a number (`10.1`, `0x7f000001`) are not.
    private static func isName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...253).contains(text.utf8.count), let last = labels.last, !isNumeric(last) else {
            return false
        }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { $0.isNameByte && $0 != UInt8(ascii: ".") }
        }
    }

    private static func isNumeric(_ label: Substring) -> Bool {
        if label.allSatisfy(\.isNumber) { return true }
        return (label.hasPrefix("0x") || label.hasPrefix("0X"))
            && label.dropFirst(2).allSatisfy(\.isHexDigit)
    }
}
