/// The stages of a stream, each with counters and a coarse delay distribution, in fixed memory.
///
/// A datagram belongs to the stage in which it was sent, whenever it was answered. The distribution
/// is that of ``IntervalSeries``: values to 0.8 %.
struct StageSeries: ~Copyable {
    struct Counts {
        var sent = 0
        var skipped = 0
        var refused = 0
        var lost = 0
        var wrong = 0
    }

    /// The number of stages; 0 records nothing.
    let count: Int
    private let startNs: Int64
    /// The end of each stage but the last.
    private let ends: CheckedMemory<Int64>
    private let counts: CheckedMemory<Counts>
    private let slots: CheckedMemory<UInt32>

    /// - Parameter lengthsNs: The lengths of the stages, one after the other from the start.
    init(startNs: Int64, lengthsNs: [Int64]) {
        count = lengthsNs.count
        self.startNs = startNs
        ends = .allocate(capacity: max(1, count))
        var endNs = startNs
        for (index, length) in lengthsNs.enumerated() {
            endNs += length
            (ends + index).initialize(to: index == count - 1 ? .max : endNs)
        }
        counts = .filled(Counts(), count: max(1, count))
        slots = .filled(0, count: max(1, count * IntervalSeries.slotCount))
    }

    deinit {
        ends.deallocate()
        counts.deallocate()
        slots.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    /// Returns the stage of a send time, found in few steps: there are at most a hundred.
    @inline(__always)
    private func stage(atNs timeNs: Int64) -> Int {
        var (low, high) = (0, count - 1)
        while low < high {
            let middle = (low + high) / 2
            if timeNs < ends[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func recordSent(_ count: Int, atNs timeNs: Int64) { counts[stage(atNs: timeNs)].sent += count }

    func recordRefused(_ count: Int, atNs timeNs: Int64) {
        counts[stage(atNs: timeNs)].refused += count
    }

    func recordLost(_ count: Int, sentNs: Int64) { counts[stage(atNs: sentNs)].lost += count }

    func recordWrong(sentNs: Int64) { counts[stage(atNs: sentNs)].wrong += 1 }

    /// Counts slots that were skipped, the k-th of them due at `dueNs + k × stepNs`.
    func recordSkipped(_ count: Int, dueNs: Int64, stepNs: Double) {
        var first = 0
        while first < count {
            let timeNs = dueNs + Int64(Double(first) * stepNs)
            let stage = stage(atNs: timeNs)
            var inside = count - first
            if ends[stage] != .max, stepNs > 0 {
                let fitting = (Double(ends[stage] - timeNs) / stepNs).rounded(.up)
                inside = max(1, Int(min(fitting, Double(inside))))
            }
            counts[stage].skipped += inside
            first += inside
        }
    }

    func recordDelay(_ count: Int, delayNs: Int64, sentNs: Int64) {
        let first = stage(atNs: sentNs) * IntervalSeries.slotCount
        slots[first + IntervalSeries.slot(of: delayNs)] &+= UInt32(truncatingIfNeeded: count)
    }

    func merge(_ other: borrowing StageSeries) {
        precondition(count == other.count, "stages are merged with equal ones")
        for index in 0..<count {
            add(other.counts[index], to: index)
            for slot in index * IntervalSeries.slotCount..<(index + 1) * IntervalSeries.slotCount {
                slots[slot] &+= other.slots[slot]
            }
        }
    }

    private func add(_ other: Counts, to index: Int) {
        counts[index].sent += other.sent
        counts[index].skipped += other.skipped
        counts[index].refused += other.refused
        counts[index].lost += other.lost
        counts[index].wrong += other.wrong
    }

    func figures() -> [StageFigures] {
        (0..<count).map { index in
            let block = slots + index * IntervalSeries.slotCount
            let total = (0..<IntervalSeries.slotCount).reduce(0) { $0 + Int(block[$1]) }
            let counts = counts[index]
            let startNs = index == 0 ? startNs : ends[index - 1]
            return StageFigures(
                startNs: Int(startNs - self.startNs), sent: counts.sent, skipped: counts.skipped,
                refused: counts.refused, lost: counts.lost, wrong: counts.wrong,
                delayP50Ns: IntervalSeries.percentile(.p50, of: total, in: block),
                delayP99Ns: IntervalSeries.percentile(.p99, of: total, in: block))
        }
    }

    func put(into image: inout StatisticsImage) {
        image.put(count)
        for index in 0..<count {
            let counts = counts[index]
            image.put(counts.sent, counts.skipped, counts.refused, counts.lost, counts.wrong)
            let block = slots + index * IntervalSeries.slotCount
            image.put(table: IntervalSeries.slotCount) { Int(block[$0]) }
        }
    }

    /// Adds another host's stages.
    /// - Parameter tooLongNs: By how much every delay there was recorded too long.
    func add(
        _ reader: inout StatisticsImageReader, tooLongNs: Int64
    ) throws(StatisticsImage.Fault) {
        let others = try reader.takeCount()
        guard others == count else {
            throw StatisticsImage.Fault(description: "\(others) stages, where there are \(count)")
        }
        for index in 0..<count {
            var other = Counts()
            other.sent = try reader.takeCount()
            other.skipped = try reader.takeCount()
            other.refused = try reader.takeCount()
            other.lost = try reader.takeCount()
            other.wrong = try reader.takeCount()
            add(other, to: index)
            let block = slots + index * IntervalSeries.slotCount
            try reader.takeTable(IntervalSeries.slotCount) { slot, count in
                let place = IntervalSeries.slot(ofSlot: slot, tooLongNs: tooLongNs)
                block[place] &+= UInt32(truncatingIfNeeded: count)
            }
        }
    }
}

/// One stage of a stream. Its datagrams are those that were sent in it.
package struct StageFigures: Codable, Sendable, Equatable {
    /// The start, relative to the stream's start.
    package var startNs: Int
    package var sent: Int
    /// The slots that the sender could not reach in time, and the datagrams that its kernel
    /// refused.
    package var skipped: Int
    /// The datagrams that were due and not sent because of a reset.
    package var refused: Int
    /// The datagrams late or never received.
    package var lost: Int
    /// The requests with a wrong answer.
    package var wrong: Int
    /// The delays to 0.8 %: round trips, or one-way towards a sink; nil without arrivals.
    package var delayP50Ns: Int?
    package var delayP99Ns: Int?

    package init(
        startNs: Int, sent: Int, skipped: Int, refused: Int, lost: Int, wrong: Int,
        delayP50Ns: Int?, delayP99Ns: Int?
    ) {
        self.startNs = startNs
        self.sent = sent
        self.skipped = skipped
        self.refused = refused
        self.lost = lost
        self.wrong = wrong
        self.delayP50Ns = delayP50Ns
        self.delayP99Ns = delayP99Ns
    }
}
