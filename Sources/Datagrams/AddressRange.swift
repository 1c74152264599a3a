/// A block of addresses with one prefix: `10.0.0.0/8`, `fd00::/8`, or a single address
/// (CIDR, RFC 4632 §3.1; RFC 4291 §2.3).
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    private let first: SocketAddress
    private let prefixBits: Int
    /// The prefix and its mask as two words of 64 bits, the address left-aligned.
    private let prefix: Words
    private let mask: Words

    private struct Words: Hashable, Sendable {
        var high: UInt64
        var low: UInt64

        /// Makes the words of an address.
        /// - Parameter octets: 4 or 16 bytes in network byte order.
        init(_ octets: [UInt8]) {
            func word(_ from: Int) -> UInt64 {
                (from..<from + 8).reduce(0) {
                    $0 << 8 | UInt64($1 < octets.count ? octets[$1] : 0)
                }
            }
            (high, low) = (word(0), word(8))
        }

        /// Makes a mask whose first `bits` are ones.
        init(ones bits: Int) {
            // A shift by all 64 bits gives zero in Swift (smart shift).
            high = ~0 << UInt64(64 - min(64, bits))
            low = ~0 << UInt64(64 - max(0, bits - 64))
        }
    }

    /// The error in the text of a range, as a sentence.
    package struct Fault: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    package init(_ text: String) throws(Fault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first,
            let first = SocketAddress(numericHost: String(host), port: 0), first.scope == 0
        else {
            throw Fault(
                description: "\"\(text)\" is no range of addresses: write 10.0.0.0/8, fd00::/8, "
                    + "or one address")
        }
        let bits = first.octets.count * 8
        var prefixBits = bits
        if parts.count == 2 {
            let digits = parts[1]
            guard digits.count <= 3, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
                let number = Int(digits), number <= bits
            else {
                throw Fault(
                    description: "\"\(text)\": the length of the prefix is 0 to \(bits)")
            }
            prefixBits = number
        }
        self.init(first, prefixBits: prefixBits)
        let whole = Words(first.octets)
        guard whole == prefix else {
            throw Fault(
                description: "\"\(text)\" has bits beyond its prefix: write a shorter address or "
                    + "/\(bits)")
        }
    }

    private init(_ first: SocketAddress, prefixBits: Int) {
        self.first = first
        self.prefixBits = prefixBits
        let words = Words(first.octets)
        mask = Words(ones: prefixBits)
        var prefix = words
        prefix.high &= mask.high
        prefix.low &= mask.low
        self.prefix = prefix
    }

    /// 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3).
    package static let loopback: [AddressRange] = [
        SocketAddress(octets: [127, 0, 0, 0], port: 0).map { AddressRange($0, prefixBits: 8) },
        SocketAddress(octets: [UInt8](repeating: 0, count: 15) + [1], port: 0)
            .map { AddressRange($0, prefixBits: 128) },
    ].compactMap(\.self)

    /// The ranges that contain every address.
    package static let everything: [AddressRange] = [4, 16].compactMap { count in
        SocketAddress(octets: [UInt8](repeating: 0, count: count), port: 0)
            .map { AddressRange($0, prefixBits: 0) }
    }

    /// Whether an address lies in the range. The port does not matter.
    /// - Parameters:
    ///   - high: The first 64 bits of the address, an IPv4 address left-aligned.
    ///   - low: The last 64 bits; 0 for IPv4.
    @inline(__always)
    func contains(_ family: SocketAddress.Family, high: UInt64, low: UInt64) -> Bool {
        family == first.family && high & mask.high == prefix.high && low & mask.low == prefix.low
    }

    package func contains(_ address: SocketAddress) -> Bool {
        let words = Words(address.octets)
        return contains(address.family, high: words.high, low: words.low)
    }

    package var description: String { "\(first.host)/\(prefixBits)" }
}

/// The source of a message in the kernel's layout, `sockaddr_in` or `sockaddr_in6`, read in place
/// without allocation.
package struct RawSource {
    package let family: SocketAddress.Family
    package let port: UInt16
    private let high: UInt64
    private let low: UInt64

    @inline(__always)
    package init?(_ batch: borrowing ReceiveBatch, _ index: Int) {
        guard let octets = batch.rawSource(index) else { return nil }
        let raw = UnsafeRawPointer(octets)
        // sin_port and sin6_port lie at byte 2, sin_addr at 4, sin6_addr at 8: ip(7), ipv6(7).
        port = UInt16(bigEndian: raw.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        if batch.rawSourceBytes(index) < ReceiveBatch.addressBytes {
            family = .ipv4
            high =
                UInt64(UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
                << 32
            low = 0
        } else {
            family = .ipv6
            high = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            low = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        }
    }

    @inline(__always)
    package func isIn(_ range: AddressRange) -> Bool {
        range.contains(family, high: high, low: low)
    }
}
