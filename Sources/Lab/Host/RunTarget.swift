import Datagrams
import Glibc
import Plans

/// The reason why a plan cannot be started on this host, as a sentence with advice.
package struct StartError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The target of a run.
package enum RunTarget {
    /// Returns the address of a path network, resolved and permitted.
    /// - Throws: If the name does not resolve, the address is unusable, or it is outside this host
    ///   and the plan does not state its owner's consent.
    static func resolve(
        _ target: TargetAddress, consent: Bool, network: String
    ) throws(StartError) -> SocketAddress {
        try resolve(
            target, consent: consent, subject: "network \"\(network)\"",
            way: "\"consent\": true there")
    }

    /// Returns the address of a target, resolved and permitted.
    /// - Parameters:
    ///   - subject: The owner of the target in messages.
    ///   - way: The way to give consent there, for messages.
    package static func resolve(
        _ target: TargetAddress, consent: Bool, subject: String, way: String
    ) throws(StartError) -> SocketAddress {
        let address: SocketAddress
        do {
            address = try reachable(target)
        } catch {
            throw StartError("\(subject): \(error)")
        }
        guard consent || HostAddresses.contains(address) else {
            throw StartError(
                "\(subject): \(address) is not an address of this host; say "
                    + "\(way) when its owner has agreed to be loaded")
        }
        return address
    }

    /// Returns the resolved address of one host.
    /// - Throws: If the name does not resolve, or resolves to an unspecified, multicast or
    ///   broadcast address.
    static func reachable(_ target: TargetAddress) throws(StartError) -> SocketAddress {
        if case .unix(let name) = target.host { return try unix(name) }
        let address: SocketAddress
        do {
            address = try Resolver.resolve(host: target.hostText, port: target.port)
        } catch {
            throw StartError("\(error)")
        }
        if let fault = TargetAddress.addressFault(address.octets) {
            throw StartError("\(target.text) is \(fault)")
        }
        if address.lacksZone { throw StartError(TargetAddress.zoneFault(address.host)) }
        if HostAddresses.isBroadcast(address) {
            throw StartError("\(target.text) is a broadcast address")
        }
        return address
    }

    private static func unix(_ name: String) throws(StartError) -> SocketAddress {
        guard let address = SocketAddress(unixName: name) else {
            throw StartError("\(name) is no name of a Unix socket")
        }
        return address
    }

    /// Returns the address of a responder on this host; a port 0 is replaced by a free one for
    /// programs that have to be given their port or to find it again.
    static func local(
        _ address: TargetAddress, pickingPort: Bool
    ) throws(StartError) -> SocketAddress {
        if case .unix(let name) = address.host { return try unix(name) }
        guard let numeric = SocketAddress(numericHost: address.hostText, port: address.port)
        else { throw StartError("\(address.text) is no numeric address of this host") }
        return pickingPort && numeric.port == 0 ? try local(numeric) : numeric
    }

    /// Returns an address of this host with a free port.
    private static func local(_ numeric: SocketAddress) throws(StartError) -> SocketAddress {
        do {
            for _ in 0..<pickAttempts {
                let candidate = numeric.with(port: .random(in: pickedPorts))
                let socket = try DatagramSocket(family: numeric.family)
                if (try? socket.bind(to: candidate)) != nil { return candidate }
            }
            let socket = try DatagramSocket(family: numeric.family)
            try socket.bind(to: numeric)
            return try socket.localAddress()
        } catch {
            throw StartError("\(error)")
        }
    }

    /// Returns the address that a responder can bind here.
    /// - Parameters:
    ///   - host: A numeric address of this host.
    ///   - ports: The ports to choose from; nil for any.
    ///   - picksPort: Whether a definite port is needed; otherwise the kernel picks one.
    static func bindable(
        host: String, ports: ClosedRange<Int>?, picksPort: Bool
    ) throws(StartError) -> SocketAddress {
        guard let address = SocketAddress(numericHost: host, port: 0) else {
            throw StartError("\(host) is no numeric address")
        }
        guard HostAddresses.contains(address) else {
            throw StartError("\(host) is no address of it")
        }
        guard let ports else { return picksPort ? try local(address) : address }
        for port in ports.shuffled() {
            let candidate = address.with(port: UInt16(truncatingIfNeeded: port))
            if let socket = try? DatagramSocket(family: address.family),
                (try? socket.bind(to: candidate)) != nil
            {
                return candidate
            }
        }
        throw StartError(
            "none of the ports \(ports.lowerBound)-\(ports.upperBound) of \(host) is free")
    }

    /// Tries to bind an address.
    /// - Throws: If this host does not let a program bind the address now.
    static func tryBinding(_ address: TargetAddress) throws(StartError) {
        let place = try local(address, pickingPort: false)
        do {
            try DatagramSocket(family: place.family).bind(to: place)
            place.removeFile()
        } catch {
            throw StartError("\(error)")
        }
    }

    /// The ports to pick from, below the ephemeral ports (32,768 on, ip(7)): a program may take
    /// seconds to bind its port, or is started again later, and others start meanwhile.
    private static let pickedPorts: ClosedRange<UInt16> = 20_000...32_767
    private static let pickAttempts = 50
}
