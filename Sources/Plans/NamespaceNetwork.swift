/// A network of the kernel's own: senders and responder in a network namespace each, and between
/// them a third that is the network, where rate, queue, loss and delay are.
package struct NamespaceNetwork: Sendable, Equatable {
    /// What datagrams of one direction meet.
    package struct Way: Sendable, Equatable {
        /// Of whole packets as the kernel counts them: IP and Ethernet headers included.
        package var rateBitsPerSecond: Int?
        /// What waits for its turn at that rate; more is dropped. Set where there is a rate.
        package var queueBytes: Int?
        /// Thousand-millionths.
        package var lossPerBillion = 0
        package var delayNs = 0
        package var jitterNs = 0
        package var reorderPerBillion = 0
        package var duplicatePerBillion = 0

        package init() {}

        /// Whether something is asked for that tbf and nftables cannot do.
        package var needsNetem: Bool {
            delayNs > 0 || jitterNs > 0 || reorderPerBillion > 0 || duplicatePerBillion > 0
        }

        package var drops: Bool { rateBitsPerSecond != nil || lossPerBillion > 0 }
    }

    package var forward = Way()
    package var backward = Way()
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

    package var ways: [Way] { [forward, backward] }
}
