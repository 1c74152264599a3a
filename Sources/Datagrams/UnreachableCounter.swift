/// The number of ICMP "destination unreachable" messages that this host has sent, all users
/// together, which proves that an answer met a closed port here. RFC 4293,
/// icmpStatsOutDestUnreachs.
package enum UnreachableCounter {
    /// Returns the counter; `nil` if the kernel does not report it.
    package static func sent(_ family: SocketAddress.Family) -> Int? {
        family == .ipv4
            ? KernelTable.figure("OutDestUnreachs", of: "Icmp:")
            : KernelTable.figure6("Icmp6OutDestUnreachs")
    }
}
