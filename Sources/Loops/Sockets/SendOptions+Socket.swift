import Datagrams
import Load

/// The options of a plan on the sockets of a sender.
extension SendOptions {
    /// Sets everything that has to be set before a socket is bound or connected.
    /// - Throws: If this host refuses an option: what the plan asks for is then not sent at all.
    func apply(
        to socket: borrowing DatagramSocket, towards target: SocketAddress
    ) throws(SystemFailure) {
        let isFour = socket.family == .ipv4
        // What is sent to a group stays on the loopback interface: nobody else gets it.
        let interface = interface ?? (target.isGroup ? Self.loopback : nil)
        if target.isGroup {
            if !target.isMulticast { _ = socket.set(.broadcast, to: 1) }
            if let ttl { _ = socket.set(.groupHopLimit4, to: ttl) }
        }
        if let interface, let errno = socket.bind(toInterface: interface) {
            throw Self.failure(ofInterface: interface, errno)
        }
        if dscp != nil || ecn != nil, let errno = socket.setTrafficClass(trafficClass) {
            throw SystemFailure(
                isFour ? "IP_TOS" : "IPV6_TCLASS", "for \"dscp\" and \"ecn\"", errno,
                advice: "this host does not let the sender mark its datagrams")
        }
        if let ttl, let errno = socket.set(isFour ? .hopLimit4 : .hopLimit6, to: ttl) {
            throw SystemFailure(isFour ? "IP_TTL" : "IPV6_UNICAST_HOPS", "for \"ttl\"", errno)
        }
        if let dontFragment,
            let errno = dontFragment ? socket.neverFragment() : socket.allowFragments()
        {
            throw SystemFailure(
                isFour ? "IP_MTU_DISCOVER" : "IPV6_MTU_DISCOVER", "for \"dont_fragment\"", errno)
        }
    }

    /// The interface of groups.
    static let loopback = "lo"
    /// The source address towards groups: the kernel would take one of another interface, because
    /// those of loopback are of this host only.
    static let groupSource = SocketAddress(numericHost: "127.0.0.1", port: 0)

    private static func failure(
        ofInterface name: String, _ errno: SystemErrno
    ) -> SystemFailure {
        let advice =
            switch errno {
            case .noDevice: "there is no such interface where the sender runs: see `ip link`"
            case .notPermitted: "before Linux 5.7 this takes root or CAP_NET_RAW"
            default: ""
            }
        return SystemFailure("SO_BINDTODEVICE", "to \"\(name)\"", errno, advice: advice)
    }

    /// Binds the socket of a flow to the plan's source address, and to the next free port of its
    /// range.
    /// - Parameters:
    ///   - given: The address that the run has for the sender; nil leaves it to the routes.
    ///   - port: The first port to try; after the call the one to try next.
    /// - Throws: If this host does not have the address, or no port of the range is free.
    func bind(
        _ socket: borrowing DatagramSocket, given: SocketAddress?, port: inout Int
    ) throws(SystemFailure) {
        let any = socket.family == .ipv4 ? "0.0.0.0" : "::"
        let host = sourceAddress.flatMap { SocketAddress(numericHost: $0, port: 0) } ?? given
        if let host, host.family != socket.family {
            throw SystemFailure(
                "cannot bind", host.host, .invalidArgument,
                advice: "the target is an \(socket.family) address, and \"source\" is not")
        }
        guard let sourcePorts else {
            if let host { try socket.bind(to: host) }
            return
        }
        guard let address = host ?? SocketAddress(numericHost: any, port: 0) else { return }
        while sourcePorts.contains(port) {
            defer { port += 1 }
            do {
                return try socket.bind(to: address.with(port: UInt16(port)))
            } catch  where error.errno == .addressInUse {
                continue
            }
        }
        throw SystemFailure(
            "cannot bind",
            "\(address.host) to a port of \(sourcePorts.lowerBound)-\(sourcePorts.upperBound)",
            .addressInUse, advice: "other programs have them: give \"ports\" more")
    }
}
