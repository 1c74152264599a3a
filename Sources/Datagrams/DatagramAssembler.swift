/// Reassembles UDP datagrams from IPv4 packets, whole or fragmented.
struct DatagramAssembler {
    /// The maximum number of incomplete datagrams.
    static let unfinishedAtMost = 64

    /// The incomplete datagrams by their identification (RFC 791 §3.2): addresses and
    /// identification.
    private var unfinished: [[UInt8]: [UInt8]] = [:]
    var unfinishedCount: Int { unfinished.count }

    /// ```
    ///  0       1       2       3       bytes
    ///  ver/ihl  tos     total length      IPv4, RFC 791; flags: 0x2000 more fragments,
    ///  identification   flags/fragment    0x1fff their place in units of eight bytes
    ///  ttl      proto   checksum
    ///  source address
    ///  destination address
    ///  …options
    ///  source port      destination port  UDP, RFC 768, in the first fragment only
    ///  length           checksum
    /// ```
    ///
    /// - Returns: nil for a fragment that completes no datagram, and for packets of other
    ///   protocols.
    mutating func take(_ packet: [UInt8]) -> PacketTap.Packet? {
        guard packet.count >= 20, packet[0] >> 4 == 4 else { return nil }
        func two(_ at: Int) -> Int { Int(packet[at]) << 8 | Int(packet[at + 1]) }
        let header = Int(packet[0] & 0xf) * 4
        let total = min(two(2), packet.count)
        guard header >= 20, total >= header else { return nil }
        let hasMore = two(6) & 0x2000 != 0
        let place = (two(6) & 0x1fff) * 8
        let name = Array(packet[12..<20]) + packet[4..<6]
        var segment = Array(packet[header..<total])
        if place > 0 || hasMore {
            // This host sends fragments in order; any other fragment is discarded.
            let begun = place == 0 ? [] : unfinished.removeValue(forKey: name)
            guard let begun, begun.count == place else { return nil }
            segment = begun + segment
            if hasMore {
                if unfinished.count >= Self.unfinishedAtMost { unfinished.removeAll() }
                unfinished[name] = segment
                return nil
            }
        }
        return datagram(segment, addresses: packet[12..<20])
    }

    private func datagram(_ segment: [UInt8], addresses: ArraySlice<UInt8>) -> PacketTap.Packet? {
        guard segment.count >= 8 else { return nil }
        func two(_ at: Int) -> Int { Int(segment[at]) << 8 | Int(segment[at + 1]) }
        guard two(4) >= 8, two(4) <= segment.count,
            let source = SocketAddress(
                octets: Array(addresses.prefix(4)), port: UInt16(two(0))),
            let destination = SocketAddress(
                octets: Array(addresses.suffix(4)), port: UInt16(two(2)))
        else { return nil }
        return PacketTap.Packet(
            source: source, destination: destination, payload: Array(segment[8..<two(4)]))
    }
}
