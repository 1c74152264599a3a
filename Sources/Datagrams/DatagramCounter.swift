/// The number of UDP datagrams that this host has sent, all programs together: RFC 4113,
/// udpOutDatagrams.
package enum DatagramCounter {
    /// Returns the counter; `nil` if the kernel does not report it.
    package static func sent(_ family: SocketAddress.Family) -> Int? {
        family == .ipv4
            ? KernelTable.figure("OutDatagrams", of: "Udp:")
            : KernelTable.figure6("Udp6OutDatagrams")
    }
}
