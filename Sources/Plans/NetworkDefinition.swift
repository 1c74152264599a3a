import Impairment
import Load

/// The network that a scenario's datagrams cross.
package struct NetworkDefinition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// No impairment; the scenario's responder runs on this host.
        case loopback
        /// A relay with these impairments; the scenario's responder runs on this host.
        case emulated(forward: Impairment, backward: Impairment)
        /// The path between this host and an address at which the user runs a responder. Without
        /// `consent` only an address of this host may be loaded; that check needs the host's
        /// interfaces and the resolver, so it takes place before the start and not here.
        case path(TargetAddress, consent: Bool)
        /// The path between hosts of the plan, with the scenario's responder at one of its ends.
        case between(HostPath)
        /// Network namespaces of this host, made for the run.
        case namespace(NamespaceNetwork)
    }

    package let name: String
    package let kind: Kind
    /// The settings of the reflector at the end of a path; nil if an echo is there.
    private let pathStamp: StampSettings?
    /// The direction of the load on a network of this host.
    private var ownDirection = HostPath.Direction.forward

    package init(name: String, kind: Kind, stamp: StampSettings? = nil) {
        self.name = name
        self.kind = kind
        pathStamp = stamp
    }

    /// The direction of the load.
    package var direction: HostPath.Direction { hostPath?.direction ?? ownDirection }
}

extension NetworkDefinition {
    /// Returns the settings of the STAMP reflector that answers on this network; nil if something
    /// else answers.
    /// - Parameter responder: That of the scenario.
    package func stamp(of responder: ResponderDefinition?) -> StampSettings? {
        usesResponder ? responder?.own?.stamp : pathStamp
    }
}

extension NetworkDefinition {
    /// Whether the scenario's responder answers; a path leads to a responder of its own.
    package var usesResponder: Bool {
        switch kind {
        case .loopback, .emulated, .namespace, .between: true
        case .path: false
        }
    }

    /// Returns the impairments of udplab's own relay between sender and responder; nil without a
    /// relay. In namespaces the relay does what the kernel's rules and queues cannot.
    /// - Parameter kernelHasNetem: Whether the kernel does part of them with netem.
    package func relayImpairments(kernelHasNetem: Bool) -> Impairments? {
        switch kind {
        case .loopback, .path, .between: return nil
        case .emulated(let forward, let backward):
            return Impairments(forward: forward, backward: backward)
        case .namespace(let network):
            if network.usesNetem(ifThere: kernelHasNetem) { return nil }
            let rest = network.directions.map(\.beyondRules)
            return rest.allSatisfy(\.isTransparent)
                ? nil : Impairments(forward: rest[0], backward: rest[1])
        }
    }

    /// Returns the network for a load in a direction: it counts as one of its own.
    ///
    /// On this host a load backward meets what the network does to answers, and its answers what it
    /// does to probes.
    func directed(_ direction: HostPath.Direction) -> NetworkDefinition {
        guard direction != .forward, canBeTurned else { return self }
        var turned = kind
        switch kind {
        case .between(let path): turned = .between(path.directed(direction))
        case .emulated(let forward, let backward) where direction == .backward:
            turned = .emulated(forward: backward, backward: forward)
        default: break
        }
        var network = NetworkDefinition(name: "\(name):\(direction.rawValue)", kind: turned)
        network.ownDirection = direction
        return network
    }

    /// Whether the load can go the other way.
    var canBeTurned: Bool {
        switch kind {
        case .loopback, .emulated, .between: true
        case .path, .namespace: false
        }
    }

    /// Whether the network closes its port at times, which only its way there has.
    var refuses: Bool {
        guard case .emulated(let forward, let backward) = kind else { return false }
        return !forward.refusals.isEmpty || !backward.refusals.isEmpty
    }

    /// The name of the network as the plan has it, without a direction.
    package var nameOfPath: String { name.split(separator: ":").first.map(String.init) ?? name }

    /// The path between hosts; nil for the other kinds.
    package var hostPath: HostPath? { if case .between(let path) = kind { path } else { nil } }

    /// Whether a relay may be needed on some host.
    package var hasRelay: Bool { relayImpairments(kernelHasNetem: false) != nil }
}
