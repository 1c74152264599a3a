import Impairment

/// The setup that datagrams cross.
package struct NetworkDefinition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Nothing between; the scenario's responder runs on this host.
        case loopback
        /// The relay, which does this to datagrams; the scenario's responder runs on this host.
        case emulated(forward: Impairment, backward: Impairment)
        /// Whatever lies between this host and an address that the user runs a responder at.
        /// Without `consent` only an address of this host may be loaded; that takes the host's
        /// interfaces and the resolver, so it is checked before the start and not here.
        case path(TargetAddress, consent: Bool)
        /// Network namespaces of this host, made for the run.
        case namespace(NamespaceNetwork)
    }

    package let name: String
    package let kind: Kind

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

extension NetworkDefinition {
    /// Whether the scenario's responder answers here; a path leads to its own.
    package var usesResponder: Bool {
        switch kind {
        case .loopback, .emulated, .namespace: true
        case .path: false
        }
    }

    /// What a relay of udplab's own does between sender and responder; nil where none stands
    /// there. In namespaces it does what the kernel's rules and queues cannot.
    /// - Parameter kernelHasNetem: Whether the kernel does part of that with netem.
    package func relayImpairments(kernelHasNetem: Bool) -> Impairments? {
        switch kind {
        case .loopback, .path: return nil
        case .emulated(let forward, let backward):
            return Impairments(forward: forward, backward: backward)
        case .namespace(let network):
            if network.usesNetem(ifThere: kernelHasNetem) { return nil }
            let rest = network.directions.map(\.beyondRules)
            return rest.allSatisfy(\.isTransparent)
                ? nil : Impairments(forward: rest[0], backward: rest[1])
        }
    }

    /// Whether a relay may be needed, on whatever host.
    package var hasRelay: Bool { relayImpairments(kernelHasNetem: false) != nil }
}
