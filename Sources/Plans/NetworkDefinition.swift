/// The setup that datagrams cross.
package struct NetworkDefinition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Nothing between; the scenario's responder runs on this host.
        case loopback
        /// Whatever lies between this host and an address that the user runs a responder at.
        /// Without `consent` only an address of this host may be loaded; that takes the host's
        /// interfaces and the resolver, so it is checked before the start and not here.
        case path(TargetAddress, consent: Bool)
    }

    package let name: String
    package let kind: Kind
}
