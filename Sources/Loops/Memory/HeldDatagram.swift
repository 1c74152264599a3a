import Impairment

/// The properties of a datagram in a relay, besides its bytes.
struct RelayDatagram {
    /// The index of the datagram's flow, and the number of the datagram there, from 0.
    var flow: Int32
    var number: UInt64
    var path: Int32
    var generation: UInt32
    var bytes: Int32
    /// The probe's sequence number as received; valid if `isProbe`.
    var wireSequence: UInt32
    var direction: Direction
    var isProbe: Bool
    /// Whether the datagram is an extra copy.
    var isCopy: Bool
    /// The alterations that changed the datagram.
    var alterations: AlterationSet
    /// Whether the datagram was held to be overtaken, so that its due time has passed on purpose.
    var isLate: Bool
    /// The number of later datagrams of the flow that the datagram still waits for.
    var holdDepth: Int32
    /// The values as received, and as sent: see `RelayHop`.
    var trafficClass: UInt8
    var hopLimit: UInt8
    var arrivedNs: Int64
    /// The time at which the datagram is to be sent; `arrivedNs` if it is not delayed.
    var dueNs: Int64
}

/// A datagram in the pool: its slot begins with this struct, followed by the bytes.
struct HeldDatagram {
    var datagram: RelayDatagram
    /// The order of datagrams that are due in the same nanosecond: the first to arrive is sent
    /// first.
    var order: UInt64
    /// The time since which the datagram waits to be overtaken.
    var waitsSinceNs: Int64 = 0
    /// The neighbours in the queue or list; −1 for none.
    var next: Int32 = -1
    var previous: Int32 = -1
    /// The neighbours among those of the flow that wait to be overtaken.
    var nextOfFlow: Int32 = -1
    var previousOfFlow: Int32 = -1

    /// The offset of the bytes.
    static let headerBytes = (MemoryLayout<HeldDatagram>.stride + 7) & ~7
}
