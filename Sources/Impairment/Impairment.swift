/// The impairments of one direction of a network.
///
/// A datagram meets the parts in this order: the windows of time (a blackhole swallows it, a
/// refusal answers it with a closed port), `loss`, `duplicate` and the alterations, the
/// `bottleneck`, then `delay` with `jitter`, and at last `reorder`. `FlowFates` draws everything
/// but the windows and the bottleneck, which depend on time.
package struct Impairment: Codable, Sendable, Equatable {
    package var loss: LossModel?
    package var delay: DelayModel?
    package var jitter: JitterModel?
    package var reorder: ReorderModel?
    package var duplicate: DuplicateModel?
    /// The alterations, at most one of each kind.
    package var alterations: [AlterationShare]
    package var bottleneck: Bottleneck?
    /// The windows in which every datagram is dropped silently.
    package var blackholes: [TimeWindow]
    /// The windows in which the port is closed, so that senders receive resets. Only the forward
    /// direction has refusals: an answer has no port of its own that could be closed.
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

    /// Whether the direction forwards every datagram unchanged and without delay.
    package var isTransparent: Bool { self == Impairment() }

    /// Whether a datagram waits for the earlier datagrams of its flow, however much longer their
    /// delays are. Only `reorder`, which comes later, changes the order then.
    package var keepsOrder: Bool { jitter?.keepsOrder ?? false }

    /// The maximum delay of a datagram, whatever the tail of a distribution: it bounds how long a
    /// relay holds a datagram.
    package static let delayMaxNs: Int64 = 60_000_000_000
}
