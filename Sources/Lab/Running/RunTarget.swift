import Datagrams
import Glibc
import Plans

/// What keeps a plan from being started on this host, as a sentence that says what to do.
package struct StartError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Whom a run sends to.
package enum RunTarget {
    /// The address of a path network, resolved and permitted.
    /// - Throws: When the name does not resolve, the address is nobody's, or it is outside this
    ///   host and the plan does not say that its owner agreed.
    static func resolve(
        _ target: TargetAddress, consent: Bool, network: String
    ) throws(StartError) -> SocketAddress {
        try resolve(
            target, consent: consent, subject: "network \"\(network)\"",
            way: "\"consent\": true there")
    }

    /// The address of a target, resolved and permitted.
    /// - Parameters:
    ///   - subject: Whose target it is, for what is said about it.
    ///   - way: How consent is given there.
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

    /// The resolved address of one host.
    /// - Throws: When the name does not resolve, or to an address that is nobody's or everybody's.
    static func reachable(_ target: TargetAddress) throws(StartError) -> SocketAddress {
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

    /// The address of a responder on this host; a port 0 is replaced by a free one for programs
    /// that have to be told.
    static func local(
        _ address: TargetAddress, pickingPort: Bool
    ) throws(StartError) -> SocketAddress {
        guard let numeric = SocketAddress(numericHost: address.hostText, port: address.port)
        else { throw StartError("\(address.text) is no numeric address of this host") }
        guard pickingPort, numeric.port == 0 else { return numeric }
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

    /// Below the ports that the kernel gives to those who ask for none (32,768 on, ip(7)): a
    /// program may take seconds to bind what it was told, and others start meanwhile.
    private static let pickedPorts: ClosedRange<UInt16> = 20_000...32_767
    private static let pickAttempts = 50
}

/// The addresses of a plan's path networks, by name: resolved once, before the first datagram
/// leaves, so that a name that does not resolve costs no runs and means one address throughout.
struct PathTargets: Sendable {
    let addresses: [String: SocketAddress]

    init(of plan: Plan) throws(StartError) {
        var addresses: [String: SocketAddress] = [:]
        for network in plan.scenarios.flatMap(\.networks) where addresses[network.name] == nil {
            guard case .path(let target, let consent) = network.kind else { continue }
            addresses[network.name] = try RunTarget.resolve(
                target, consent: consent, network: network.name)
        }
        self.addresses = addresses
    }
}

/// What is checked of this host before the first datagram leaves.
package enum StartChecks {
    /// - Throws: When the plan needs more file descriptors than this process may have, or a clock
    ///   that is finer than this host's: the whole plan is refused, nothing is started by halves.
    package static func check(
        _ plan: Plan, clockResolutionNs: Int64 = LinuxClock.resolutionNs
    ) throws(StartError) {
        try checkClock(plan, resolutionNs: clockResolutionNs)
        let needed = PlanBudget.of(plan).descriptorsNeeded
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // Workers inherit the soft limit; raising it to the hard one is everybody's right.
        if limit.rlim_cur < UInt(needed), limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = min(UInt(needed), limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        guard limit.rlim_cur >= UInt(needed) else {
            throw StartError(
                "the plan needs \(needed) file descriptors in one process and the limit is "
                    + "\(limit.rlim_cur): raise it (ulimit -n \(needed)), or use fewer flows")
        }
        for scenario in plan.scenarios {
            let sessions = scenario.senders.reduce(0) {
                $0 + $1.flows * (scenario.warmUpNs > 0 ? 2 : 1)
            }
            guard sessions < 1 << 16 else {
                throw StartError(
                    "scenario \"\(scenario.name)\" has more flows than there are session numbers: "
                        + "\(sessions) of 65,535 (a warm-up counts its flows again); use fewer")
            }
        }
    }

    /// A bound that lies below the clock's steps would be held or broken by their size.
    private static func checkClock(
        _ plan: Plan, resolutionNs: Int64
    ) throws(StartError) {
        for scenario in plan.scenarios {
            for threshold in scenario.thresholds {
                let isTime = [.time, .signedTime].contains(threshold.figure.dimension)
                let bound = abs(threshold.value)
                guard isTime, bound > 0, bound < Double(resolutionNs) else { continue }
                throw StartError(
                    "the threshold \"\(threshold.text)\" of scenario \"\(scenario.name)\" is "
                        + "finer than this host's clock, which moves in steps of "
                        + "\(resolutionNs) ns: use a coarser one, or another clock source (see "
                        + "/sys/devices/system/clocksource)")
            }
        }
    }
}
