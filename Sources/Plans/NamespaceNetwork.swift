import Impairment

/// A network of the kernel's own: senders and responder in a network namespace each, and between
/// them a third that is the network.
package struct NamespaceNetwork: Sendable, Equatable {
    package var forward = Impairment()
    package var backward = Impairment()
    /// Of every interface on the way: IP packets, headers included.
    package var mtuBytes = defaultMTUBytes
    /// The responder's side sends one ICMP error to a peer in so many milliseconds; 0 is no limit
    /// and nil the kernel's own (net.ipv4.icmp_ratelimit, icmp(7)).
    package var icmpRatelimitMs: Int?
    /// A host that cannot make it leaves its runs out, visibly, instead of refusing the plan.
    package var isSkippedWhereUnavailable = false

    package init() {}

    /// Ethernet's.
    package static let defaultMTUBytes = 1_500
    /// An IPv6 link has no less (RFC 8200 §5).
    package static let leastIPv6MTUBytes = 1_280
    /// An Ethernet header, which the kernel's queues count as well.
    package static let linkHeaderBytes = 14

    package var directions: [Impairment] { [forward, backward] }

    /// Whether netem does all that is beyond the kernel's rules and queues: one of the two does
    /// it, and not each a part.
    package func usesNetem(ifThere kernelHasNetem: Bool) -> Bool {
        kernelHasNetem && directions.allSatisfy(\.fitsNetem)
            && directions.contains { !$0.beyondRules.isTransparent }
    }
}

extension Impairment {
    /// What of it the kernel does itself and counts: independent losses by a rule of nftables, the
    /// bottleneck by tbf.
    package var ofKernel: Impairment {
        guard case .bernoulli? = loss else { return Impairment(bottleneck: bottleneck) }
        return Impairment(loss: loss, bottleneck: bottleneck)
    }

    /// The rest: what netem does where the kernel has it, or a relay.
    package var beyondRules: Impairment {
        var rest = self
        rest.bottleneck = nil
        if case .bernoulli? = loss { rest.loss = nil }
        return rest
    }

    /// Whether the rest is such that netem does the same as a relay: a constant delay, jitter
    /// that lets datagrams overtake each other, and single copies.
    package var fitsNetem: Bool {
        var rest = beyondRules
        if case .constant? = delay { rest.delay = nil }
        if rest.jitter?.keepsOrder == false { rest.jitter = nil }
        if rest.duplicate?.copies == 1 { rest.duplicate = nil }
        return rest.isTransparent
    }
}
