/// How many ICMP "destination unreachable" messages this host has sent, all users together: proof
/// that an answer met a closed port here. RFC 4293, icmpStatsOutDestUnreachs.
package enum UnreachableCounter {
    /// `nil` when the kernel does not say.
    package static func sent(_ family: SocketAddress.Family) -> Int? {
        family == .ipv4 ? sentOverIPv4() : sentOverIPv6()
    }

    /// /proc/net/snmp has a line of names and a line of values for each protocol.
    private static func sentOverIPv4() -> Int? {
        guard let table = KernelTable.read("/proc/net/snmp") else { return nil }
        let lines = table.split(separator: "\n").filter { $0.hasPrefix("Icmp:") }
        guard lines.count == 2 else { return nil }
        let names = lines[0].split(separator: " ")
        let values = lines[1].split(separator: " ")
        guard let index = names.firstIndex(of: "OutDestUnreachs"), index < values.count else {
            return nil
        }
        return Int(values[index])
    }

    private static func sentOverIPv6() -> Int? {
        guard let table = KernelTable.read("/proc/net/snmp6") else { return nil }
        for line in table.split(separator: "\n") where line.hasPrefix("Icmp6OutDestUnreachs") {
            return line.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) }
        }
        return nil
    }
}
