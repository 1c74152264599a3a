/// The setup that datagrams cross.
package struct NetworkDefinition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Nothing between; the scenario's responder runs on this host.
        case loopback
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

    /// Whether the scenario's own responder is the target.
    package var hasResponder: Bool {
        if case .path = kind { return false }
        return true
    }
}
