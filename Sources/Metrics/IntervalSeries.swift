/// The intervals of a stream, each with counters and a coarse delay distribution, in fixed memory.
///
/// An interval's distribution has 64 slots an octave (values to 0.8 %), 2048 in all, 8 KiB:
/// small enough to keep one per interval, so that threads can be merged interval by interval.
///
///     u in 0 … 127         one slot each                 slots   0 … 127
///     u in 2^(6+b) …       64 slots of width 2^b         slots 64·(b+1) …   (b = 1 … 30)
///
/// Memory is taken for `capacity` intervals at the start.
/// An event beyond the last of them doubles the length: neighbours become one interval, counts and
/// distributions added up, so that the sums over all intervals stay those of the stream however
/// long it lasts:
///
///     ┌────┬────┬────┬────┐ ◄ event        ┌─────────┬─────────┬─────────┐
///     │ 0  │ 1  │ 2  │ 3  │          ──►   │  0 + 1  │  2 + 3  │  event  │
///     └────┴────┴────┴────┘                └─────────┴─────────┴─────────┘
///
/// The length follows from the times of the events alone, and not from their order. Slots are 32
/// bits wide and wrap: an interval of 2^32 arrivals or more has no percentiles.
struct IntervalSeries: ~Copyable {
    static let slotCount = 2048

    struct Counts {
        var sent = 0
        var skipped = 0
        var refused = 0
        var received = 0
        var lost = 0
        var wrong = 0
        var duplicates = 0
        var reordered = 0

        mutating func add(_ other: Counts) {
            sent += other.sent
            skipped += other.skipped
            refused += other.refused
            received += other.received
            lost += other.lost
            wrong += other.wrong
            duplicates += other.duplicates
            reordered += other.reordered
        }
    }

    /// A remembered stretch of time, in which further events need no division.
    private struct Cursor {
        var startNs = Int64.max
        var endNs = Int64.min
        var index = 0
    }

    private let startNs: Int64
    private let firstLengthNs: Int64
    private let capacity: Int
    /// The last time of the last interval; later events count as events at this time.
    private let lastNs: Int64
    /// The current length of an interval.
    private(set) var lengthNs: Int64
    private let counts: CheckedMemory<Counts>
    private let slots: CheckedMemory<UInt32>
    /// The number of intervals reached so far, whose memory is initialized.
    private(set) var reached = 0
    private var now = Cursor()
    private var settled = Cursor()
    /// The memory of the live figures: the slots at the last snapshot.
    private let snapshot: CheckedMemory<UInt32>
    private let scratch: CheckedMemory<UInt32>
    private var snapshotIndex = 0

    /// - Parameter endNs: The end of the last interval, after which events belong to it as well;
    ///   nil for an open end.
    init(startNs: Int64, lengthNs: Int64, capacity: Int, endNs: Int64? = nil) {
        precondition(lengthNs > 0 && lengthNs < 1 << 62, "an interval of 1 ns or more")
        precondition(capacity > 0 && capacity <= 1 << 20, "between one and a million intervals")
        self.startNs = startNs
        self.lengthNs = lengthNs
        firstLengthNs = lengthNs
        self.capacity = capacity
        lastNs = endNs.map { max(startNs, $0 - 1) } ?? .max
        counts = .allocate(capacity: capacity)
        // Written to at once, so that a long run takes no more memory at its end than at its start.
        slots = .filled(0, count: capacity * Self.slotCount)
        snapshot = .allocate(capacity: Self.slotCount)
        snapshot.initialize(repeating: 0, count: Self.slotCount)
        scratch = .allocate(capacity: Self.slotCount)
        scratch.initialize(repeating: 0, count: Self.slotCount)
        reach(0)
    }

    deinit {
        counts.deallocate()
        slots.deallocate()
        snapshot.deallocate()
        scratch.deallocate()
    }

    // MARK: Recording. `&+=` where a counter of datagrams cannot overflow 64 bits.

    @inline(__always)
    mutating func recordSent(_ count: Int, atNs timeNs: Int64) {
        counts[indexNow(timeNs)].sent &+= count
    }

    /// Counts probes that a reset kept from being sent.
    mutating func recordRefused(_ count: Int, atNs timeNs: Int64) {
        counts[indexNow(timeNs)].refused += count
    }

    @inline(__always)
    mutating func recordReceived(
        _ count: Int, delayNs: Int64, reordered: Int, atNs timeNs: Int64
    ) {
        let index = indexNow(timeNs)
        counts[index].received &+= count
        if reordered > 0 { counts[index].reordered &+= reordered }
        slots[index &* Self.slotCount &+ Self.slot(of: delayNs)] &+=
            UInt32(truncatingIfNeeded: count)
    }

    /// Counts first copies whose delay is not known.
    mutating func recordReceived(_ count: Int, reordered: Int, atNs timeNs: Int64) {
        let index = indexNow(timeNs)
        counts[index].received += count
        counts[index].reordered += reordered
    }

    /// Counts slots that were skipped, the k-th of them due at `dueNs + k × stepNs`.
    mutating func recordSkipped(_ count: Int, dueNs: Int64, stepNs: Double) {
        var first = 0
        while first < count {
            let timeNs = dueNs + Int64(Double(first) * stepNs)
            let index = indexNow(timeNs)
            var inside = count - first
            // The last interval, and the time before the first, have no end that matters here.
            if now.endNs != .max, stepNs > 0 {
                let fitting = Double(now.endNs - timeNs) / stepNs
                inside = max(1, min(inside, Int(min(fitting, Double(inside)))))
            }
            counts[index].skipped += inside
            first += inside
        }
    }

    mutating func recordDuplicate(atNs timeNs: Int64) {
        counts[indexNow(timeNs)].duplicates += 1
    }

    /// Counts lost probes by their send time.
    mutating func recordLost(_ count: Int, sentNs: Int64) {
        counts[indexSettled(sentNs)].lost += count
    }

    /// Counts a request with a wrong answer by its send time.
    mutating func recordWrong(sentNs: Int64) {
        counts[indexSettled(sentNs)].wrong += 1
    }

    /// Counts probes that a far side settles, by their send time.
    mutating func recordSettled(_ count: Int, lost: Int, sentNs: Int64) {
        let index = indexSettled(sentNs)
        counts[index].sent += count
        if lost > 0 { counts[index].lost += lost }
    }

    // MARK: Finding the interval

    /// Returns the interval of a current event, a send or a receive.
    @inline(__always)
    private mutating func indexNow(_ timeNs: Int64) -> Int {
        if timeNs >= now.startNs, timeNs < now.endNs { return now.index }
        now = cursor(at: timeNs)
        return now.index
    }

    /// Returns the interval of a probe that is being settled, one window's span ago.
    @inline(__always)
    private mutating func indexSettled(_ timeNs: Int64) -> Int {
        if timeNs >= settled.startNs, timeNs < settled.endNs { return settled.index }
        settled = cursor(at: timeNs)
        return settled.index
    }

    /// Returns the stretch of an event. Events before the start belong to the first interval, and
    /// those after a planned end to the last; an event past the capacity doubles the length.
    @inline(never)
    private mutating func cursor(at timeNs: Int64) -> Cursor {
        guard timeNs >= startNs else {
            return Cursor(startNs: .min, endNs: startNs, index: 0)
        }
        let timeNs = min(timeNs, lastNs)
        while (timeNs - startNs) / lengthNs >= capacity { doubleLength() }
        let index = Int((timeNs - startNs) / lengthNs)
        reach(index)
        let start = startNs + Int64(index) * lengthNs
        let endNs = lastNs - start < lengthNs ? Int64.max : start + lengthNs
        return Cursor(startNs: start, endNs: endNs, index: index)
    }

    private mutating func reach(_ index: Int) {
        guard index >= reached else { return }
        let added = index + 1 - reached
        (counts + reached).initialize(repeating: Counts(), count: added)
        (slots + reached * Self.slotCount).initialize(
            repeating: 0, count: added * Self.slotCount)
        reached = index + 1
    }

    /// Merges pairs of intervals. Costs a pass over the memory in use, each time that the stream
    /// lasts twice as long as was planned.
    private mutating func doubleLength() {
        // The snapshot of the second of two intervals includes all of the first.
        if snapshotIndex % 2 == 1 { addSlots(of: snapshotIndex - 1, to: snapshot.start) }
        let pairs = (reached + 1) / 2
        for index in 0..<pairs {
            let (first, second) = (2 * index, 2 * index + 1)
            let block = slots + index * Self.slotCount
            if first > index {
                counts[index] = counts[first]
                block.update(from: slots + first * Self.slotCount, count: Self.slotCount)
            }
            guard second < reached else { continue }
            counts[index].add(counts[second])
            addSlots(of: second, to: block)
        }
        reached = pairs
        snapshotIndex /= 2
        lengthNs *= 2
        (now, settled) = (Cursor(), Cursor())
    }

    private func addSlots(of index: Int, to sum: UnsafeMutablePointer<UInt32>) {
        let block = slots + index * Self.slotCount
        for slot in 0..<Self.slotCount { sum[slot] &+= block[slot] }
    }

    // MARK: The coarse distribution

    /// Returns the slot of a delay of 0 ns or more; beyond 2^37 ns the last slot.
    @inline(__always)
    static func slot(of delayNs: Int64) -> Int {
        let magnitude = min(UInt64(truncatingIfNeeded: delayNs), BucketCounts.limit &- 1)
        let shift = 57 &- (magnitude | 127).leadingZeroBitCount
        return (shift &<< 6) &+ Int(truncatingIfNeeded: magnitude &>> UInt64(shift))
    }

    /// Returns the middle of a slot's values.
    static func middle(ofSlot slot: Int) -> Int {
        guard slot >= 128 else { return slot }
        let shift = slot / 64 - 1
        return ((slot - shift * 64) << shift) + (1 << shift) / 2
    }

    /// Returns the slot of the delays of a slot that were recorded too long.
    static func slot(ofSlot slot: Int, tooLongNs: Int64) -> Int {
        tooLongNs == 0 ? slot : Self.slot(of: max(0, Int64(middle(ofSlot: slot)) - tooLongNs))
    }

    static func percentile(
        _ percentile: Percentile, of total: Int, in slots: UnsafePointer<UInt32>
    ) -> Int? {
        guard total > 0 else { return nil }
        var remaining = percentile.rank(of: total)
        var slot = 0
        while slot < slotCount {
            remaining -= Int(slots[slot])
            if remaining <= 0 { return middle(ofSlot: slot) }
            slot += 1
        }
        return nil
    }

    private func total(of slots: UnsafePointer<UInt32>) -> Int {
        var total = 0
        var slot = 0
        while slot < Self.slotCount {
            total += Int(slots[slot])
            slot += 1
        }
        return total
    }
}

// MARK: - Results

extension IntervalSeries {
    mutating func merge(_ other: borrowing IntervalSeries) {
        precondition(
            startNs == other.startNs && firstLengthNs == other.firstLengthNs
                && capacity == other.capacity,
            "intervals are merged with equal ones")
        while lengthNs < other.lengthNs { doubleLength() }
        let each = Int(lengthNs / other.lengthNs)
        reach((other.reached - 1) / each)
        for index in 0..<other.reached {
            counts[index / each].add(other.counts[index])
            other.addSlots(of: index, to: slots + index / each * Self.slotCount)
        }
    }

    /// Returns the figures of the intervals reached.
    /// - Parameter awaitsAnswers: Whether probes that were not lost were answered.
    func figures(awaitsAnswers: Bool = true) -> [IntervalFigures] {
        (0..<reached).map { index in
            let due = counts[index].sent + counts[index].refused
            let answered = counts[index].sent - counts[index].lost - counts[index].wrong
            let block = slots + index * Self.slotCount
            let total = counts[index].received >> 32 == 0 ? total(of: block) : 0
            return IntervalFigures(
                startNs: index * Int(lengthNs), lengthNs: Int(lengthNs), sent: counts[index].sent,
                skipped: counts[index].skipped, refused: counts[index].refused,
                received: counts[index].received,
                lost: counts[index].lost,
                duplicates: counts[index].duplicates, reordered: counts[index].reordered,
                rttP50Ns: Self.percentile(.p50, of: total, in: block),
                rttP99Ns: Self.percentile(.p99, of: total, in: block),
                availability: awaitsAnswers && due > 0 ? Double(answered) / Double(due) : nil,
                heat: total == counts[index].received ? column(of: block) : nil)
        }
    }

    private func column(of slots: UnsafePointer<UInt32>) -> DelayColumn {
        var counts = [Int](repeating: 0, count: DelayColumn.binCount)
        for slot in 0..<Self.slotCount where slots[slot] > 0 {
            counts[DelayColumn.bin(of: Self.middle(ofSlot: slot))] += Int(slots[slot])
        }
        guard let first = counts.firstIndex(where: { $0 > 0 }),
            let last = counts.lastIndex(where: { $0 > 0 })
        else { return DelayColumn() }
        return DelayColumn(first: first, counts: Array(counts[first...last]))
    }

    /// Returns the median and 99th percentile of the delays since the last call; allocates nothing.
    mutating func percentilesSinceLastCall() -> (p50Ns: Int?, p99Ns: Int?) {
        // Interval by interval: there may be dozens since the last call, and a pass over each of
        // them in the order of its memory takes a microsecond.
        scratch.start.update(repeating: 0, count: Self.slotCount)
        for index in snapshotIndex..<reached { addSlots(of: index, to: scratch.start) }
        var total = 0
        let (sum, before) = (scratch.start, snapshot.start)
        for slot in 0..<Self.slotCount {
            sum[slot] &-= before[slot]
            total &+= Int(sum[slot])
        }
        snapshotIndex = reached - 1
        snapshot.start.update(from: slots + snapshotIndex * Self.slotCount, count: Self.slotCount)
        return (
            Self.percentile(.p50, of: total, in: scratch.start),
            Self.percentile(.p99, of: total, in: scratch.start)
        )
    }

    /// Returns the least and the greatest of the delays that the last call of
    /// ``percentilesSinceLastCall()`` was about, to 0.8 %.
    func extremesOfLastCall() -> (leastNs: Int64?, mostNs: Int64?) {
        var (least, most) = (-1, -1)
        for slot in 0..<Self.slotCount where scratch[slot] > 0 {
            if least < 0 { least = slot }
            most = slot
        }
        guard least >= 0 else { return (nil, nil) }
        return (Int64(Self.middle(ofSlot: least)), Int64(Self.middle(ofSlot: most)))
    }
}

extension IntervalSeries {
    func put(into image: inout StatisticsImage) {
        image.put(lengthNs)
        image.put(reached)
        for index in 0..<reached {
            let counts = counts[index]
            image.put(
                counts.sent, counts.skipped, counts.refused, counts.received, counts.lost,
                counts.duplicates, counts.reordered, counts.wrong)
            let block = slots + index * Self.slotCount
            image.put(table: Self.slotCount) { Int(block[$0]) }
        }
    }

    /// Adds another host's intervals, each counted from the start of its own series.
    mutating func add(
        _ reader: inout StatisticsImageReader, tooLongNs: Int64 = 0
    ) throws(StatisticsImage.Fault) {
        let otherNs = try reader.takeTime()
        let others = try reader.takeCount()
        guard otherNs >= firstLengthNs, otherNs % firstLengthNs == 0,
            (otherNs / firstLengthNs).nonzeroBitCount == 1, others <= capacity
        else {
            throw StatisticsImage.Fault(
                description: "\(others) intervals of \(otherNs) ns, where there are \(capacity) of "
                    + "\(firstLengthNs) ns")
        }
        while lengthNs < otherNs { doubleLength() }
        let each = Int(lengthNs / otherNs)
        if others > 0 { reach((others - 1) / each) }
        for index in 0..<others {
            var other = Counts()
            other.sent = try reader.takeCount()
            other.skipped = try reader.takeCount()
            other.refused = try reader.takeCount()
            other.received = try reader.takeCount()
            other.lost = try reader.takeCount()
            other.duplicates = try reader.takeCount()
            other.reordered = try reader.takeCount()
            other.wrong = try reader.takeCount()
            counts[index / each].add(other)
            let block = slots + index / each * Self.slotCount
            try reader.takeTable(Self.slotCount) { slot, count in
                block[Self.slot(ofSlot: slot, tooLongNs: tooLongNs)] &+= UInt32(
                    truncatingIfNeeded: count)
            }
        }
    }
}
