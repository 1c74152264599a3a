/// How many UDP datagrams this host has sent, all programs together: RFC 4113, udpOutDatagrams.
package enum DatagramCounter {
    /// `nil` when the kernel does not say.
    package static func sent(_ family: SocketAddress.Family) -> Int? {
        family == .ipv4
            ? KernelTable.figure("OutDatagrams", of: "Udp:")
            : KernelTable.figure6("Udp6OutDatagrams")
    }
}
