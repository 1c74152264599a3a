import Glibc

/// A socket option of an `int`: its level, its number and the page that describes it.
package struct SocketOption: Sendable {
    package let name: String
    let level: Int32
    let number: Int32

    /// socket(7). Bounded by net.core.rmem_max; the kernel doubles the figure.
    package static let receiveBuffer = SocketOption(
        name: "SO_RCVBUF", level: SOL_SOCKET, number: SO_RCVBUF)
    /// socket(7). Past rmem_max, for CAP_NET_ADMIN.
    package static let receiveBufferForced = SocketOption(
        name: "SO_RCVBUFFORCE", level: SOL_SOCKET, number: SO_RCVBUFFORCE)
    package static let sendBuffer = SocketOption(
        name: "SO_SNDBUF", level: SOL_SOCKET, number: SO_SNDBUF)
    package static let sendBufferForced = SocketOption(
        name: "SO_SNDBUFFORCE", level: SOL_SOCKET, number: SO_SNDBUFFORCE)
    /// ip(7): errors of the network and of the local queue are reported, ENOBUFS among them.
    package static let receiveErrors4 = SocketOption(
        name: "IP_RECVERR", level: Int32(IPPROTO_IP), number: 11)
    package static let receiveErrors6 = SocketOption(
        name: "IPV6_RECVERR", level: Int32(IPPROTO_IPV6), number: 25)
    /// ip(7), ipv6(7): the MTU of a connected socket's path, as the kernel knows it.
    package static let knownMTU4 = SocketOption(
        name: "IP_MTU", level: Int32(IPPROTO_IP), number: 14)
    package static let knownMTU6 = SocketOption(
        name: "IPV6_MTU", level: Int32(IPPROTO_IPV6), number: 24)
    /// ip(7), ipv6(7): the handling of a datagram longer than the path's MTU.
    package static let pathMTU4 = SocketOption(
        name: "IP_MTU_DISCOVER", level: Int32(IPPROTO_IP), number: 10)
    package static let pathMTU6 = SocketOption(
        name: "IPV6_MTU_DISCOVER", level: Int32(IPPROTO_IPV6), number: 23)
    /// ipv6(7): an IPv6 socket that leaves the IPv4 port of the same number free.
    package static let v6Only = SocketOption(
        name: "IPV6_V6ONLY", level: Int32(IPPROTO_IPV6), number: 26)
    /// udp(7), Linux 4.18: one buffer is cut into datagrams of this many bytes.
    package static let segment = SocketOption(
        name: "UDP_SEGMENT", level: Int32(IPPROTO_UDP), number: 103)
    /// udp(7), Linux 5.0: runs of equal datagrams arrive as one buffer.
    package static let receiveOffload = SocketOption(
        name: "UDP_GRO", level: Int32(IPPROTO_UDP), number: 104)
    /// socket(7), Linux 3.9: several sockets of one user share a port, the flows spread over them.
    package static let reusePort = SocketOption(
        name: "SO_REUSEPORT", level: SOL_SOCKET, number: SO_REUSEPORT)
    /// socket(7): the kernel's receive time in a control message.
    package static let timestampsNs = SocketOption(
        name: "SO_TIMESTAMPNS", level: SOL_SOCKET, number: 35)
    /// ip(7), ipv6(7): the traffic class byte of sent datagrams (RFC 2474 §3).
    package static let trafficClass4 = SocketOption(
        name: "IP_TOS", level: Int32(IPPROTO_IP), number: 1)
    package static let trafficClass6 = SocketOption(
        name: "IPV6_TCLASS", level: Int32(IPPROTO_IPV6), number: 67)
    /// The traffic class of received datagrams, in a control message.
    package static let receiveTrafficClass4 = SocketOption(
        name: "IP_RECVTOS", level: Int32(IPPROTO_IP), number: 13)
    package static let receiveTrafficClass6 = SocketOption(
        name: "IPV6_RECVTCLASS", level: Int32(IPPROTO_IPV6), number: 66)
    /// socket(7): a socket may send to a broadcast address.
    package static let broadcast = SocketOption(
        name: "SO_BROADCAST", level: SOL_SOCKET, number: SO_BROADCAST)
    /// ip(7): the hop limit of datagrams to multicast groups; 1 by default.
    package static let groupHopLimit4 = SocketOption(
        name: "IP_MULTICAST_TTL", level: Int32(IPPROTO_IP), number: 33)
    /// ip(7), ipv6(7): the hop limit of sent datagrams.
    package static let hopLimit4 = SocketOption(
        name: "IP_TTL", level: Int32(IPPROTO_IP), number: 2)
    package static let hopLimit6 = SocketOption(
        name: "IPV6_UNICAST_HOPS", level: Int32(IPPROTO_IPV6), number: 16)
    /// The hop limit of received datagrams, in a control message.
    package static let receiveHopLimit4 = SocketOption(
        name: "IP_RECVTTL", level: Int32(IPPROTO_IP), number: 12)
    package static let receiveHopLimit6 = SocketOption(
        name: "IPV6_RECVHOPLIMIT", level: Int32(IPPROTO_IPV6), number: 51)
}
