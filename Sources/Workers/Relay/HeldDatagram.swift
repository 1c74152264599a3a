import Impairment

/// What a relay knows of a datagram on its way, beside its bytes.
struct RelayDatagram {
    /// Index into the loop's flows, and the number of the datagram there, from 0.
    var flow: Int32
    var number: UInt64
    var path: Int32
    var generation: UInt32
    var bytes: Int32
    /// The probe's sequence number as it came; looked at when `isProbe`.
    var wireSequence: UInt32
    var direction: Direction
    var isProbe: Bool
    /// An extra copy.
    var isCopy: Bool
    /// Bits were inverted.
    /// Those that changed anything of it.
    var alterations: AlterationSet
    /// It has waited to be overtaken, so that its due time has passed on purpose.
    var isLate: Bool
    /// How many later datagrams of the flow have still to come before it leaves.
    var holdDepth: Int32
    /// As it came, and as it leaves: see `RelayHop`.
    var trafficClass: UInt8
    var hopLimit: UInt8
    var arrivedNs: Int64
    /// When it is to leave; `arrivedNs` when it is not delayed.
    var dueNs: Int64
}

/// A datagram in the pool: its slot begins with this, and the bytes follow.
struct HeldDatagram {
    var datagram: RelayDatagram
    /// Tells datagrams apart that are due in the same nanosecond: the first to come leaves first.
    var order: UInt64
    /// Since when it waits to be overtaken.
    var waitsSinceNs: Int64 = 0
    /// Neighbours in the queue or the list it is in; −1 for none.
    var next: Int32 = -1
    var previous: Int32 = -1
    /// Neighbours among those of its flow that wait to be overtaken.
    var nextOfFlow: Int32 = -1
    var previousOfFlow: Int32 = -1

    /// Where the bytes begin.
    static let headerBytes = (MemoryLayout<HeldDatagram>.stride + 7) & ~7
}
