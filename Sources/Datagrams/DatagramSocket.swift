import CLinuxUDP
import Glibc

/// A UDP socket that closes itself.
///
/// SO_REUSEADDR is never set: a second socket with it would steal all traffic of the port.
package struct DatagramSocket: ~Copyable {
    /// The file descriptor; −1 after `closeNow`.
    package private(set) var descriptor: Int32
    package let family: SocketAddress.Family

    package init(family: SocketAddress.Family) throws(SystemFailure) {
        let domain = family == .unix ? AF_UNIX : family == .ipv4 ? AF_INET : AF_INET6
        let result = udplab_open_socket(domain)
        guard result >= 0 else {
            throw SystemFailure(
                "socket", family == .unix ? "of AF_UNIX" : "of UDP over \(family)",
                SystemErrno(rawValue: -result),
                advice: result == -EMFILE ? "raise the limit on open files (ulimit -n)" : "")
        }
        descriptor = result
        self.family = family
        if family == .ipv6 { _ = set(.v6Only, to: 1) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Closes the socket before its lifetime ends: datagrams that arrive later are refused.
    package mutating func closeNow() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    /// Hands the descriptor over to the caller, who closes it.
    package consuming func release() -> Int32 {
        let descriptor = self.descriptor
        discard self
        return descriptor
    }

    package borrowing func bind(to address: SocketAddress) throws(SystemFailure) {
        let descriptor = self.descriptor
        var result = address.withRaw { Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
        if result == EADDRINUSE, address.isAbandonedFile {
            address.removeFile()
            result = address.withRaw { Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
        }
        guard result != 0 else { return }
        let advice =
            switch result {
            case EADDRINUSE where family == .unix:
                "a server has this name, or a file does: use another name, or remove the file"
            case ENOENT, ENOTDIR: "the directory of the socket does not exist"
            case EACCES where family == .unix: "the directory does not let this user write"
            case EADDRINUSE: "another program has this port: stop it, or use port 0 for a free one"
            case EACCES: "ports below 1024 need root or CAP_NET_BIND_SERVICE: use a higher port"
            case EADDRNOTAVAIL: "this host has no such address: see `ip address`"
            default: ""
            }
        throw SystemFailure(
            "cannot bind", "\(address)", SystemErrno(rawValue: result), advice: advice)
    }

    package borrowing func connect(to address: SocketAddress) throws(SystemFailure) {
        let descriptor = self.descriptor
        // Without a name of its own a Unix socket gets no answers; one that has one keeps it.
        if address.family == .unix { bindUnnamed() }
        let result = address.withRaw { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno }
        guard result != 0 else { return }
        let advice =
            switch result {
            case ENOENT, ECONNREFUSED: "no server has this name: start it first"
            case EPROTOTYPE: "its server has a stream socket, and udplab sends datagrams"
            case ENETUNREACH, EHOSTUNREACH, ENETDOWN:
                address.isLoopback
                    ? "the loopback interface is down: `ip link set lo up`"
                    : "there is no route to it from here: see `ip route get \(address.host)`"
            default: ""
            }
        throw SystemFailure(
            "cannot reach", "\(address)", SystemErrno(rawValue: result), advice: advice)
    }

    /// Has the kernel give a Unix socket an abstract name of five hexadecimal digits (autobind,
    /// unix(7)).
    private borrowing func bindUnnamed() {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        _ = withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sa_family_t>.size))
            }
        }
    }

    /// Connects without allocating, to an address in the layout of `ReceiveBatch.rawAddress`.
    package borrowing func connect(
        toRaw address: UnsafePointer<UInt8>, bytes: Int
    ) -> SystemErrno? {
        let result = UnsafeRawPointer(address).withMemoryRebound(to: sockaddr.self, capacity: 1) {
            Glibc.connect(descriptor, $0, socklen_t(bytes))
        }
        return result == 0 ? nil : SystemErrno(rawValue: errno)
    }

    /// Joins a multicast group on an interface, 0 for the kernel's choice. Groups joined only by
    /// other programs of this host are no longer delivered here (IP_MULTICAST_ALL, ip(7)).
    /// - Returns: The error; nil on success.
    package borrowing func join(_ group: SocketAddress, on interface: UInt32) -> SystemErrno? {
        let octets = group.octets
        let result = udplab_join_group(descriptor, octets, octets.count, interface)
        return result == 0 ? nil : SystemErrno(rawValue: -result)
    }

    package borrowing func localAddress() throws(SystemFailure) -> SocketAddress {
        try Self.localAddress(of: descriptor)
    }

    package static func localAddress(
        of descriptor: Int32
    ) throws(SystemFailure) -> SocketAddress {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let failed = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size) != 0
            }
        }
        let bytes = Int(size)
        guard !failed,
            let address = withUnsafeBytes(
                of: &storage,
                { SocketAddress(raw: UnsafeRawBufferPointer(rebasing: $0[..<bytes])) })
        else {
            throw SystemFailure(
                "cannot learn the address of a socket", "(getsockname)",
                SystemErrno(rawValue: errno))
        }
        return address
    }

    /// Sets an option. Returns the error as a value, because a kernel may lack the option.
    package borrowing func set(_ option: SocketOption, to value: Int) -> SystemErrno? {
        let result = udplab_set_option(descriptor, option.level, option.number, Int32(value))
        return result == 0 ? nil : SystemErrno(rawValue: -result)
    }

    package borrowing func get(_ option: SocketOption) -> Int? {
        var value: Int32 = 0
        let result = udplab_get_option(descriptor, option.level, option.number, &value)
        return result == 0 ? Int(value) : nil
    }

    /// Requests a buffer of `bytes`, above rmem_max where this process is permitted to.
    /// - Returns: The size that the kernel reports: twice the granted size (socket(7)); `nil` if it
    ///   reports none.
    package borrowing func askReceiveBuffer(bytes: Int) -> Int? {
        if set(.receiveBufferForced, to: bytes) != nil { _ = set(.receiveBuffer, to: bytes) }
        return get(.receiveBuffer)
    }

    package borrowing func askSendBuffer(bytes: Int) -> Int? {
        if set(.sendBufferForced, to: bytes) != nil { _ = set(.sendBuffer, to: bytes) }
        return get(.sendBuffer)
    }

    /// Has errors of the network and the local queue reported to this socket: ip(7), ipv6(7).
    package borrowing func reportErrors() -> SystemErrno? {
        set(family == .ipv4 ? .receiveErrors4 : .receiveErrors6, to: 1)
    }

    /// Returns the MTU of the path to an address: that of its interface, or of a later ICMP
    /// message. Nothing is sent. Nil if there is no route, or the kernel reports no MTU.
    package static func pathMTUBytes(to address: SocketAddress) -> Int? {
        guard let socket = try? DatagramSocket(family: address.family),
            (try? socket.connect(to: address)) != nil
        else { return nil }
        return socket.get(address.family == .ipv4 ? .knownMTU4 : .knownMTU6)
    }

    /// Forbids fragmentation: a datagram longer than the path's MTU is refused with EMSGSIZE, here
    /// and on the path.
    package borrowing func neverFragment() -> SystemErrno? {
        let alwaysDontFragment = 2  // IP_PMTUDISC_DO and IPV6_PMTUDISC_DO
        return set(family == .ipv4 ? .pathMTU4 : .pathMTU6, to: alwaysDontFragment)
    }

    /// Allows fragmentation, here and on an IPv4 path: IP_PMTUDISC_DONT and IPV6_PMTUDISC_DONT.
    package borrowing func allowFragments() -> SystemErrno? {
        set(family == .ipv4 ? .pathMTU4 : .pathMTU6, to: 0)
    }

    /// Has the traffic class of each received datagram reported with it.
    package borrowing func reportTrafficClass() -> SystemErrno? {
        set(family == .ipv4 ? .receiveTrafficClass4 : .receiveTrafficClass6, to: 1)
    }

    /// Has the hop limit of each received datagram reported with it.
    package borrowing func reportHopLimit() -> SystemErrno? {
        set(family == .ipv4 ? .receiveHopLimit4 : .receiveHopLimit6, to: 1)
    }

    /// Sends with a traffic class, ECN's bits included, from now on (ip(7), ipv6(7)).
    package borrowing func setTrafficClass(_ trafficClass: UInt8) -> SystemErrno? {
        set(family == .ipv4 ? .trafficClass4 : .trafficClass6, to: Int(trafficClass))
    }

    /// Has all datagrams sent and received by one interface (SO_BINDTODEVICE, socket(7)). Since
    /// Linux 5.7 this takes no privilege for a socket that has no interface yet.
    package borrowing func bind(toInterface name: String) -> SystemErrno? {
        let result = name.withCString {
            setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(name.utf8.count))
        }
        return result == 0 ? nil : SystemErrno(rawValue: errno)
    }

    /// Limits how long a blocking receive waits.
    /// - Returns: The error, after which a receive waits forever; `nil` on success.
    @discardableResult
    package borrowing func setReceiveTimeout(ns: Int64) -> SystemErrno? {
        let result = udplab_set_receive_timeout(descriptor, ns)
        return result == 0 ? nil : SystemErrno(rawValue: -result)
    }

    /// Returns the datagrams dropped by this socket's full receive buffer so far (SO_MEMINFO, Linux
    /// 4.12); `nil` if the kernel does not report drops.
    package borrowing func receiveDrops() -> Int? { DatagramSocket.receiveDrops(of: descriptor) }

    /// Returns the free bytes of the receive buffer. Entries of the error queue take space in it
    /// too (sock_queue_err_skb, net/core/skbuff.c): entries without space are lost.
    /// - Returns: `nil` if the kernel does not report it.
    package borrowing func receiveRoomBytes() -> Int? {
        let room = udplab_receive_room(descriptor)
        return room == .min ? nil : Int(room)
    }

    /// Waits until the socket has a datagram or an error, for at most `timeoutNs`.
    /// - Returns: The errno of the failed call; nil also after a wait without result.
    package borrowing func waitReadable(timeoutNs: Int64) -> SystemErrno? {
        let result = udplab_wait_readable(descriptor, timeoutNs)
        return result < 0 ? SystemErrno(rawValue: -result) : nil
    }

    package static func receiveDrops(of descriptor: Int32) -> Int? {
        let drops = udplab_receive_drops(descriptor)
        return drops < 0 ? nil : Int(drops)
    }
}
