import Metrics

/// The memory for held datagrams, allocated once.
///
/// The memory is divided into slabs; a slab in use is divided into slots of one of three sizes, and
/// is free again when its last slot is. So small datagrams do not take the space of large ones, and
/// no mixture of sizes fragments the memory permanently. Untouched memory costs nothing: the kernel
/// allocates pages when they are written.
///
///     slab      69,632 bytes = 272 × 256 = 34 × 2,048 = 1 × 69,632
///     slot      HeldDatagram, then the payload; named by slab × 272 + its place in the slab
struct DatagramPool: ~Copyable {
    static let slabBytes = 69_632
    /// The number of the smallest slots in a slab.
    static let slotsPerSlab = 272
    private static let wordsPerSlab = 5

    private struct Slab {
        /// The index of the slot size; −1 while the slab is free.
        var size: Int8 = -1
        var used: Int32 = 0
        /// The neighbours among the slabs of the size with free slots, or among the free slabs.
        var next: Int32 = -1
        var previous: Int32 = -1
        /// The slots in use, a bit each.
        var taken = InlineArray<5, UInt64>(repeating: 0)
    }

    let slabCount: Int
    private let octets: UnsafeMutableRawPointer
    private let slabs: CheckedMemory<Slab>
    /// The first slab with free slots, by size; the last entry is the first free slab.
    private var first = InlineArray<4, Int32>(repeating: -1)
    /// The payload bytes held, and their maximum so far.
    private(set) var heldBytes = 0
    private(set) var heldBytesMax = 0
    private(set) var heldCount = 0

    private static let freeList = 3

    /// Returns the slot size in bytes of an index.
    @inline(__always)
    private static func slotBytes(_ size: Int) -> Int {
        size == 0 ? 256 : size == 1 ? 2_048 : slabBytes
    }

    /// The number of possible slot names.
    var slotNames: Int { slabCount * Self.slotsPerSlab }

    /// Returns the memory of a pool of `slabs` slabs, its bookkeeping included.
    static func memoryBytes(slabs: Int) -> Int {
        slabs * (slabBytes + MemoryLayout<Slab>.stride)
    }

    init(slabs count: Int) {
        precondition((0...1 << 22).contains(count), "up to 2^22 slabs")
        slabCount = count
        octets = .allocate(byteCount: max(1, count) * Self.slabBytes, alignment: 64)
        slabs = .allocate(capacity: max(1, count))
        for index in 0..<count {
            (slabs + index).initialize(to: Slab())
        }
        for index in stride(from: count - 1, through: 0, by: -1) { link(index, Self.freeList) }
    }

    deinit {
        octets.deallocate()
        slabs.deallocate()
    }

    /// Takes a slot for a payload of `bytes`; `nil` if no free slot is large enough.
    mutating func take(bytes: Int) -> Int32? {
        let needed = HeldDatagram.headerBytes + bytes
        var size = 0
        while Self.slotBytes(size) < needed { size += 1 }
        if first[size] < 0 {
            let slab = first[Self.freeList]
            guard slab >= 0 else { return nil }
            unlink(Int(slab), Self.freeList)
            slabs[Int(slab)].size = Int8(size)
            link(Int(slab), size)
        }
        let slab = Int(first[size])
        let place = takePlace(slab)
        slabs[slab].used += 1
        if Int(slabs[slab].used) == Self.slabBytes / Self.slotBytes(size) { unlink(slab, size) }
        heldBytes += bytes
        heldBytesMax = max(heldBytesMax, heldBytes)
        heldCount += 1
        return Int32(slab * Self.slotsPerSlab + place)
    }

    /// Frees a slot that holds a payload of `bytes`.
    mutating func give(_ slot: Int32, bytes: Int) {
        let (slab, place) = Int(slot).quotientAndRemainder(dividingBy: Self.slotsPerSlab)
        let size = Int(slabs[slab].size)
        if Int(slabs[slab].used) == Self.slabBytes / Self.slotBytes(size) { link(slab, size) }
        slabs[slab].taken[place >> 6] &= ~(1 << UInt64(place & 63))
        slabs[slab].used -= 1
        if slabs[slab].used == 0 {
            unlink(slab, size)
            slabs[slab].size = -1
            link(slab, Self.freeList)
        }
        heldBytes -= bytes
        heldCount -= 1
    }

    @inline(__always)
    func header(_ slot: Int32) -> UnsafeMutablePointer<HeldDatagram> {
        base(slot).assumingMemoryBound(to: HeldDatagram.self)
    }

    @inline(__always)
    func payload(_ slot: Int32) -> UnsafeMutableRawPointer {
        base(slot) + HeldDatagram.headerBytes
    }

    @inline(__always)
    private func base(_ slot: Int32) -> UnsafeMutableRawPointer {
        let (slab, place) = Int(slot).quotientAndRemainder(dividingBy: Self.slotsPerSlab)
        return octets + slab * Self.slabBytes + place * Self.slotBytes(Int(slabs[slab].size))
    }

    private mutating func takePlace(_ slab: Int) -> Int {
        for word in 0..<Self.wordsPerSlab {
            let taken = slabs[slab].taken[word]
            guard taken != .max else { continue }
            let bit = (~taken).trailingZeroBitCount
            slabs[slab].taken[word] = taken | 1 << UInt64(bit)
            return word * 64 + bit
        }
        preconditionFailure("a slab in the list of its size has room")
    }

    private mutating func link(_ slab: Int, _ list: Int) {
        slabs[slab].previous = -1
        slabs[slab].next = first[list]
        if first[list] >= 0 { slabs[Int(first[list])].previous = Int32(slab) }
        first[list] = Int32(slab)
    }

    private mutating func unlink(_ slab: Int, _ list: Int) {
        let entry = slabs[slab]
        if entry.previous >= 0 {
            slabs[Int(entry.previous)].next = entry.next
        } else {
            first[list] = entry.next
        }
        if entry.next >= 0 { slabs[Int(entry.next)].previous = entry.previous }
    }
}
