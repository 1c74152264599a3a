/// A network between hosts of the plan: the addresses that the datagrams take.
package struct HostPath: Sendable, Equatable {
    /// The addresses by host, without a port.
    private let addresses: [String: TargetAddress]
    /// The hosts behind a NAT: others see another address of them, and nothing reaches them that
    /// they have not sent for.
    package let behindNAT: [String]
    /// Whether the owners of the addresses have agreed to the load.
    package let consent: Bool
    /// The direction of the load.
    package let direction: Direction

    /// The direction of the load, against what the plan says of senders and responder.
    package enum Direction: String, Sendable, CaseIterable {
        case forward
        /// The senders are on the responder's host, and the responder on theirs.
        case backward
        /// Both at once, with a responder on each host.
        case both
    }

    package init(
        addresses: [String: TargetAddress], consent: Bool, direction: Direction = .forward,
        behindNAT: [String] = []
    ) {
        self.addresses = addresses
        self.behindNAT = behindNAT
        self.consent = consent
        self.direction = direction
    }

    /// Returns the path for a load in another direction.
    func directed(_ direction: Direction) -> HostPath {
        HostPath(
            addresses: addresses, consent: consent, direction: direction, behindNAT: behindNAT)
    }

    /// The hosts with an address, in the order of their names.
    package var hosts: [String] { addresses.keys.sorted() }

    /// Whether a host is behind a NAT.
    /// - Parameter host: Its name; nil for the runner's own.
    package func isBehindNAT(_ host: String?) -> Bool {
        behindNAT.contains(host ?? HostDefinition.here)
    }

    /// Returns the address of a host.
    /// - Parameter host: Its name; nil for the runner's own.
    package func address(of host: String?) -> TargetAddress? {
        addresses[host ?? HostDefinition.here]
    }
}
