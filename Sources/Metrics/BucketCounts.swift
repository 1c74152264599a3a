import Glibc
import Histogram

/// Counts of magnitudes below 2^37 ns (137 s) in the bucket layout of HdrHistogram at three digits.
///
/// The layout, drawn for a magnitude u and b = the bits that u needs beyond 11:
///
///     u in 0 … 2047        one slot each                  slots    0 … 2047    (b = 0)
///     u in 2048 … 4095     1024 slots of width 2          slots 2048 … 3071    (b = 1)
///     u in 2^(10+b) …      1024 slots of width 2^b        slots 1024·(b+1) …   (b ≤ 26)
///
/// Recording writes to memory of our own: through `Histogram.record` it costs 8.7 ns, most of it
/// for the array's uniqueness check, and a datagram is recorded in up to four distributions.
/// Percentiles are read from a `Histogram` that ``distribution()`` fills.
struct BucketCounts: ~Copyable {
    /// Magnitudes at or above this are beyond the range.
    static let limit: UInt64 = 1 << 37
    static let slotCount = 28 * 1024

    private let counts: CheckedMemory<UInt64>
    private let setCount: Int

    /// - Parameter setCount: The number of such distributions to keep side by side.
    init(setCount: Int = 1) {
        self.setCount = setCount
        // Not one of its pages is in memory before a value falls into it (calloc(3), mmap(2)): of
        // a responder's hundred streams most distributions stay empty.
        let count = setCount * Self.slotCount
        let memory = calloc(count, MemoryLayout<UInt64>.stride)
        guard let memory else { preconditionFailure("no memory for \(count) counts") }
        counts = CheckedMemory(
            start: memory.bindMemory(to: UInt64.self, capacity: count), count: count)
    }

    deinit {
        free(counts.start)
    }

    /// The slot of a magnitude below ``limit``.
    @inline(__always)
    static func slot(of magnitude: UInt64) -> Int {
        let shift = 53 &- (magnitude | 2047).leadingZeroBitCount
        return (shift &<< 10) &+ Int(truncatingIfNeeded: magnitude &>> UInt64(shift))
    }

    /// The greatest magnitude that falls into a slot.
    static func greatestMagnitude(inSlot slot: Int) -> UInt64 {
        guard slot >= 2048 else { return UInt64(slot) }
        let shift = slot / 1024 - 1
        return (UInt64(slot - shift * 1024 + 1) << UInt64(shift)) - 1
    }

    /// Adds to the count of a magnitude. `&+=`: 2^64 datagrams are out of a machine's reach.
    @inline(__always)
    func record(_ magnitude: UInt64, count copies: Int, set: Int = 0) {
        assert(magnitude < Self.limit)
        counts[set &* Self.slotCount &+ Self.slot(of: magnitude)] &+=
            UInt64(truncatingIfNeeded: copies)
    }

    func merge(_ other: borrowing BucketCounts) {
        precondition(setCount == other.setCount, "only equal layouts can be merged")
        for slot in 0..<setCount * Self.slotCount {
            counts[slot] += other.counts[slot]
        }
    }

    /// Returns the number of values recorded in a set.
    func total(ofSet set: Int = 0) -> Int {
        var total = 0
        forEachFilledSlot(ofSet: set) { total += Int($1) }
        return total
    }

    /// Returns the counts as a histogram, each slot at its greatest magnitude.
    func distribution(ofSet set: Int = 0) -> Histogram<UInt64> {
        var histogram = Histogram<UInt64>(
            highestTrackableValue: Self.limit - 1, numberOfSignificantValueDigits: .three)
        forEachFilledSlot(ofSet: set) { slot, count in
            let held = histogram.record(Self.greatestMagnitude(inSlot: slot), count: count)
            precondition(held, "the histogram's range is the buckets' range")
        }
        return histogram
    }

    /// Returns the filled slots of a set by their greatest magnitude, ascending.
    func filledSlots(ofSet set: Int = 0) -> [(magnitude: UInt64, count: Int)] {
        var slots: [(magnitude: UInt64, count: Int)] = []
        forEachFilledSlot(ofSet: set) { slot, count in
            slots.append((Self.greatestMagnitude(inSlot: slot), Int(count)))
        }
        return slots
    }

    private func forEachFilledSlot(ofSet set: Int, _ body: (_ slot: Int, _ count: UInt64) -> Void) {
        // Over the pointer and not a range: tests build without optimization, and summarize often.
        var slot = 0
        var next = counts + set * Self.slotCount
        while slot < Self.slotCount {
            if next.pointee != 0 { body(slot, next.pointee) }
            next += 1
            slot += 1
        }
    }
}

extension Histogram where Count == UInt64 {
    /// Returns the value of the `rank`-th smallest record, rank 1 … totalCount.
    ///
    /// `valueAtPercentile` takes a percentage and rounds `percentage × count` up, after moving the
    /// percentage down by one ulp; a percentage in the middle between two ranks leaves no room for
    /// either rounding to miss the rank, whatever the count (below 2^50).
    func value(atRank rank: Int) -> UInt64 {
        precondition(rank >= 1 && UInt64(rank) <= totalCount, "a rank within the count")
        return valueAtPercentile((Double(rank) - 0.5) / Double(totalCount) * 100)
    }
}

extension BucketCounts {
    func put(into image: inout StatisticsImage) {
        image.put(table: setCount * Self.slotCount) { Int(counts[$0]) }
    }

    /// Adds another host's counts.
    /// - Parameter tooLongNs: By how much each magnitude was recorded too great.
    func add(
        _ reader: inout StatisticsImageReader, tooLongNs: Int64 = 0
    ) throws(StatisticsImage.Fault) {
        try reader.takeTable(setCount * Self.slotCount) { slot, count in
            guard tooLongNs != 0 else {
                counts[slot] += UInt64(count)
                return
            }
            let magnitude = Int64(Self.greatestMagnitude(inSlot: slot)) - tooLongNs
            record(UInt64(min(max(0, magnitude), Int64(Self.limit) - 1)), count: count)
        }
    }
}
