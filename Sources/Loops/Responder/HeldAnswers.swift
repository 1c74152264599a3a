import Datagrams
import Impairment
import Load
import Metrics

/// The answers that an echo holds until they are due, in fixed memory: the pool and the queue of
/// the relay.
///
///     slot      HeldDatagram, then 16 B of `Facts`, the address of the prober, the answer
struct HeldAnswers: ~Copyable {
    /// The answers of one send call.
    static let batch = 64

    /// The facts of an answer that are not among those of a relay's datagram.
    struct Facts {
        /// The time at which the loop read the probe.
        var readNs: Int64
        /// The size of the prober's address for the kernel.
        var addressBytes: Int32
    }

    private static let octetsOffset = MemoryLayout<Facts>.stride + ReceiveBatch.addressBytes

    private var pool = DatagramPool(slabs: 0)
    private var queue = TimedQueue(capacity: 0)
    private var delays: DelayProcess?
    private(set) var outbox = Outbox(slots: HeldAnswers.batch)
    /// The slots of the answers in the outbox.
    private let gathered = CheckedMemory<Int32>.filled(-1, count: HeldAnswers.batch)
    /// The times for which answers were held.
    private(set) var heldNs = DelayHistogram()
    /// The answers for which there was no room.
    private(set) var overflow = 0
    private(set) var most = 0

    deinit { gathered.deallocate() }

    /// Allocates the memory. Untouched pages of it cost nothing.
    /// - Parameter single: Whether each answer is sent by a call of its own.
    mutating func begin(_ delays: DelayProcess, single: SingleCalls) {
        let slabs = OwnResponder.heldBytesMost / DatagramPool.slabBytes
        pool = DatagramPool(slabs: slabs)
        queue = TimedQueue(capacity: pool.slotNames)
        outbox = Outbox(slots: Self.batch, single: single)
        self.delays = delays
    }

    var count: Int { queue.count }

    /// The time at which the first answer is due; `.max` if none is held.
    var nextNs: Int64 { queue.nextNs }

    /// Holds the answer to a probe. Its time follows from session and number alone, so that losses
    /// on the way change that of no other.
    /// - Parameters:
    ///   - message: The number of the message, with the answer's bytes in its slot.
    ///   - isCopy: Whether the message is a further copy of its probe.
    /// - Returns: Whether there was room.
    mutating func hold(
        _ message: Int, of incoming: borrowing ReceiveBatch, flow: Int, isCopy: Bool,
        arrivedNs: Int64, readNs: Int64
    ) -> Bool {
        guard let source = incoming.rawSource(message), let delays else { return false }
        let octets = UnsafeRawPointer(incoming.slot(message))
        let bytes = incoming.length(message)
        guard let slot = pool.take(bytes: bytes + Self.octetsOffset) else {
            overflow += 1
            return false
        }
        let number =
            UInt64(ProbeLayout.session(octets)) << 32 | UInt64(ProbeLayout.sequence(octets))
        let datagram = RelayDatagram(
            flow: Int32(flow), number: number, path: 0, generation: 0, bytes: Int32(bytes),
            wireSequence: ProbeLayout.sequence(octets), direction: .backward, isProbe: true,
            isCopy: isCopy, alterations: AlterationSet(), isLate: false, holdDepth: 0,
            trafficClass: 0, hopLimit: 0, arrivedNs: arrivedNs,
            dueNs: readNs + delays.delayNs(number))
        pool.header(slot).initialize(to: HeldDatagram(datagram: datagram, order: 0))
        let place = pool.payload(slot)
        place.storeBytes(
            of: Facts(readNs: readNs, addressBytes: Int32(incoming.rawSourceBytes(message))),
            as: Facts.self)
        (place + MemoryLayout<Facts>.stride).copyMemory(
            from: source, byteCount: ReceiveBatch.addressBytes)
        (place + Self.octetsOffset).copyMemory(from: octets, byteCount: bytes)
        queue.insert(slot, dueNs: datagram.dueNs, pool)
        most = max(most, queue.count)
        return true
    }

    /// Moves due answers to the outbox, at most a batch of them.
    /// - Returns: Their number.
    mutating func gather(dueNs: Int64) -> Int {
        var count = 0
        while count < Self.batch, queue.nextNs <= dueNs {
            let slot = queue.removeFirst(pool)
            gathered[count] = slot
            let place = pool.payload(slot)
            outbox.set(
                count, octets: place + Self.octetsOffset,
                bytes: Int(pool.header(slot).pointee.datagram.bytes),
                address: UnsafePointer(
                    (place + MemoryLayout<Facts>.stride).assumingMemoryBound(to: UInt8.self)),
                addressBytes: Int(place.load(as: Facts.self).addressBytes))
            count += 1
        }
        return count
    }

    /// The flow of an answer in the outbox.
    func flow(_ index: Int) -> Int { Int(datagram(index).flow) }

    func datagram(_ index: Int) -> RelayDatagram { pool.header(gathered[index]).pointee.datagram }

    /// Records that an answer of the outbox has left, and frees its slot.
    mutating func left(_ index: Int, atNs timeNs: Int64) {
        heldNs.record(
            max(0, timeNs - pool.payload(gathered[index]).load(as: Facts.self).readNs))
        free(index)
    }

    /// Frees the slot of an answer in the outbox.
    mutating func free(_ index: Int) {
        pool.give(
            gathered[index], bytes: Int(datagram(index).bytes) + Self.octetsOffset)
    }

    /// Adds the figures of another thread.
    mutating func merge(_ other: borrowing HeldAnswers) {
        heldNs.merge(other.heldNs)
        overflow += other.overflow
        most += other.most
    }

    func figures() -> HeldFigures {
        HeldFigures(heldNs: heldNs.summary(), overflow: overflow, most: most)
    }
}
