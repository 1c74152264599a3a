import Impairment

/// A network of the kernel's own: senders and responder each in a network namespace, and between
/// them a third namespace that is the network.
package struct NamespaceNetwork: Sendable, Equatable {
    package var forward = Impairment()
    package var backward = Impairment()
    /// The MTU of every interface on the path: IP packets, headers included.
    package var mtuBytes = defaultMTUBytes
    /// The minimum time in milliseconds between two ICMP errors of the responder's side to a peer;
    /// 0 is no limit, and nil the kernel's default (net.ipv4.icmp_ratelimit, icmp(7)).
    package var icmpRatelimitMs: Int?
    /// Whether a host that cannot make the network skips its runs, visibly, instead of refusing the
    /// plan.
    package var isSkippedWhereUnavailable = false

    package init() {}

    /// The MTU of Ethernet.
    package static let defaultMTUBytes = 1_500
    /// The minimum MTU of an IPv6 link (RFC 8200 §5).
    package static let leastIPv6MTUBytes = 1_280
    /// The size of an Ethernet header, which the kernel's queues count as well.
    package static let linkHeaderBytes = 14

    package var directions: [Impairment] { [forward, backward] }

    /// Whether netem does everything that is beyond the kernel's rules and queues: either netem or
    /// the relay does all of it.
    package func usesNetem(ifThere kernelHasNetem: Bool) -> Bool {
        kernelHasNetem && directions.allSatisfy(\.fitsNetem)
            && directions.contains { !$0.beyondRules.isTransparent }
    }
}

extension Impairment {
    /// The part that the kernel's rules and queues do and count: independent losses by a rule of
    /// nftables, the bottleneck by tbf.
    package var ofKernel: Impairment {
        guard case .bernoulli? = loss else { return Impairment(bottleneck: bottleneck) }
        return Impairment(loss: loss, bottleneck: bottleneck)
    }

    /// The rest, which netem does if the kernel has it, or else a relay.
    package var beyondRules: Impairment {
        var rest = self
        rest.bottleneck = nil
        if case .bernoulli? = loss { rest.loss = nil }
        return rest
    }

    /// Whether netem can do the rest just as a relay would: a constant delay, jitter that lets
    /// datagrams overtake each other, and single copies.
    package var fitsNetem: Bool {
        var rest = beyondRules
        if case .constant? = delay { rest.delay = nil }
        if rest.jitter?.keepsOrder == false { rest.jitter = nil }
        if rest.duplicate?.copies == 1 { rest.duplicate = nil }
        return rest.isTransparent
    }
}
