/// The decisions drawn for one datagram. They do not depend on time: blackholes, refusals and the
/// bottleneck are applied in addition.
package struct Fate: Sendable, Equatable {
    /// Whether the datagram is lost; all other properties are then 0.
    package var isLost = false
    /// The delay with jitter, 0…`Impairment.delayMaxNs`.
    package var delayNs: Int64 = 0
    /// The number of copies besides the datagram itself.
    package var copies = 0
    /// The number of later datagrams of the flow that the datagram waits for; 0 if it is not held.
    /// See `ReorderModel`.
    package var holdDepth = 0
    package var alterations = AlterationSet()

    package init(isLost: Bool = false) { self.isLost = isLost }
}
