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
    }

    package let name: String
    package let kind: Kind
}

extension NetworkDefinition {
    /// Whether the scenario's responder answers here; a path leads to its own.
    package var usesResponder: Bool {
        switch kind {
        case .loopback, .emulated: true
        case .path: false
        }
    }

    /// Whether a relay of udplab's own stands between sender and responder.
    package var hasRelay: Bool {
        if case .emulated = kind { return true }
        return false
    }
}
