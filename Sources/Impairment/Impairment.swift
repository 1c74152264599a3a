/// What one direction of a network does to datagrams.
///
/// A datagram meets the parts in this order: the windows of time (a blackhole swallows it, a
/// refusal answers it with a closed port), `loss`, `duplicate` and the alterations, the
/// `bottleneck`, then `delay` with `jitter`, and at last `reorder`. What is drawn (everything but the windows
/// and the bottleneck, which depend on time) is decided by `FlowFates`.
package struct Impairment: Codable, Sendable, Equatable {
    package var loss: LossModel?
    package var delay: DelayModel?
    package var jitter: JitterModel?
    package var reorder: ReorderModel?
    package var duplicate: DuplicateModel?
    /// One of each kind at most.
    package var alterations: [AlterationShare]
    package var bottleneck: Bottleneck?
    /// When everything is swallowed without a word.
    package var blackholes: [TimeWindow]
    /// When the port is closed, so that senders see resets. Of the forward direction only: an
    /// answer has no port of its own to find closed.
    package var refusals: [TimeWindow]

    package init(
        loss: LossModel? = nil, delay: DelayModel? = nil, jitter: JitterModel? = nil,
        reorder: ReorderModel? = nil, duplicate: DuplicateModel? = nil,
        alterations: [AlterationShare] = [], bottleneck: Bottleneck? = nil,
        blackholes: [TimeWindow] = [], refusals: [TimeWindow] = []
    ) {
        self.loss = loss
        self.delay = delay
        self.jitter = jitter
        self.reorder = reorder
        self.duplicate = duplicate
        self.alterations = alterations
        self.bottleneck = bottleneck
        self.blackholes = blackholes
        self.refusals = refusals
    }

    /// Whether the direction hands on everything, at once and as it came.
    package var isTransparent: Bool { self == Impairment() }

    /// Whether a datagram waits for those of its flow that came before it, however much longer
    /// they are delayed. `reorder` comes after that, and is all that changes the order.
    package var keepsOrder: Bool { jitter?.keepsOrder ?? false }

    /// No datagram is delayed longer, whatever the tail of a distribution gives: what a relay
    /// holds stays bounded in time.
    package static let delayMaxNs: Int64 = 60_000_000_000
}

/// The way of a datagram through a network.
package enum Direction: UInt8, Codable, Sendable, CaseIterable {
    /// From the sender to the responder.
    case forward
    /// From the responder to the sender.
    case backward
}
