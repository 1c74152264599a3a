/// How many ICMP "destination unreachable" messages this host has sent, all users together: proof
/// that an answer met a closed port here. RFC 4293, icmpStatsOutDestUnreachs.
package enum UnreachableCounter {
    /// `nil` when the kernel does not say.
    package static func sent(_ family: SocketAddress.Family) -> Int? {
        family == .ipv4
            ? KernelTable.figure("OutDestUnreachs", of: "Icmp:")
            : KernelTable.figure6("Icmp6OutDestUnreachs")
    }
}
