/// What the draws have decided about one datagram. It does not depend on time: blackholes,
/// refusals and the bottleneck come on top.
package struct Fate: Sendable, Equatable {
    /// Everything else is 0 then.
    package var isLost = false
    /// Delay and jitter, 0…`Impairment.delayMaxNs`.
    package var delayNs: Int64 = 0
    /// Copies beside the datagram itself.
    package var copies = 0
    /// How many later datagrams of the flow it waits for; 0: it is not held. See `ReorderModel`.
    package var holdDepth = 0
    package var alterations = AlterationSet()

    package init(isLost: Bool = false) { self.isLost = isLost }
}
