/// The arrival order of one flow's first copies (RFC 4737), remembered as runs.
///
/// A run is a stretch of arrivals with consecutive ascending sequence numbers. Traffic in order
/// only lengthens the last run, which is a counter and takes no memory; a loss or a reordered
/// arrival begins a new run. The last ``lookBackRuns`` of them are kept, the very last beside the
/// ring, so that a flow in order writes nothing to the ring:
///
///     arrivals  1 2 3 | 7 8 9 10 | 4 5 6 | 11      (s = 1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11)
///     first     1       7          4       11      sequence number it begins with
///     index     0       3          7       10      arrivals before it: its length is the
///                                                  difference to the next run's
///     bound     0       4          11      11      NextExp when it began: all before is below
///
/// The discontinuity of a reordered s, the earliest arrival j with s[j] > s, is always the first
/// of its run: if the arrival before it were s[j] − 1, that would be s, which has not arrived
/// before, or above s and earlier than j. And `bound` never falls, so a binary search finds it.
struct ReorderingTracker: ~Copyable {
    /// The number of remembered runs: at 1 % loss, about 100,000 arrivals. Behind a window of
    /// fewer than half as many probes, as many as ``runs(capacity:)``.
    static let lookBackRuns = 1024

    struct Run: BitwiseCopyable {
        var first: UInt64 = 0
        var index = 0
        var bound: UInt64 = 0
        var firstNs: Int64 = 0
        /// Whether a reordered arrival has proved the run's first arrival to be a reordering
        /// discontinuity.
        var isDiscontinuity = false
    }

    /// A power of two; run k is at `ring[k mod ring.count]`, and the last one in `last`.
    private let ring: CheckedMemory<Run>
    private var last = Run()
    /// Runs begun so far.
    private var runCount = 0
    /// The sequence number that would lengthen the last run.
    private var nextInRun: UInt64 = 0
    /// The last run's first sequence number less its arrival index, so that the arrivals so far
    /// need no counter of their own.
    private var runOffset: UInt64 = 0
    /// Whether the last run holds the highest number seen: NextExp of §3.3 is then `nextInRun`.
    private var isHighest = false
    /// NextExp while the last run is a reordered one; undefined (0) before the first arrival.
    private var nextExpectedAside: UInt64 = 0
    /// The arrivals up to and with the last reordered one: later arrivals are the free run of
    /// §4.6.3.
    private var reorderedEnd = 0
    /// Arrival index of the latest reordering discontinuity that has left the ring; −1: none has.
    private var forgottenDiscontinuity = -1

    /// - Parameter ring: The memory of the runs, a power of two of them, which the caller owns.
    init(ring: CheckedMemory<Run>) { self.ring = ring }

    /// Deallocates the ring, for an owner that keeps no other reference to it.
    func deallocateRing() { ring.deallocate() }

    /// Returns the number of runs that a window of `capacity` probes can ask for, and no more than
    /// ``lookBackRuns``: with a window of C probes twice C runs are all.
    ///
    /// A first copy s counts while next − C ≤ s, where `next` is one above the highest number. The
    /// arrivals since the earliest j with s[j] > s are distinct numbers above s − C, because the
    /// window ended above s then, and below s + C.
    static func runs(capacity: Int) -> Int { min(lookBackRuns, 2 * capacity) }

    /// The number of first copies so far.
    private var arrivalCount: Int { Int(nextInRun &- runOffset) }

    private var nextExpected: UInt64 { isHighest ? nextInRun : nextExpectedAside }

    /// Records the first copies of `first ..< first + count`, arrived in this order.
    /// - Returns: The number of reordered arrivals among them.
    @inline(__always)
    mutating func record(
        first: UInt64, count: Int, receivedNs: Int64, payloadBytes: Int,
        into totals: inout ReorderingTotals
    ) -> Int {
        if first == nextInRun, isHighest {
            // `&+`: sequence numbers start below 2^62.
            nextInRun = first &+ UInt64(truncatingIfNeeded: count)
            return 0
        }
        return recordBreak(
            first: first, count: count, receivedNs: receivedNs, payloadBytes: payloadBytes,
            into: &totals)
    }

    /// Records arrivals that do not just lengthen a run in order.
    @inline(never)
    private mutating func recordBreak(
        first: UInt64, count: Int, receivedNs: Int64, payloadBytes: Int,
        into totals: inout ReorderingTotals
    ) -> Int {
        if first >= nextExpected {
            if runCount > 0, first > nextExpected {
                totals.recordSequenceDiscontinuity(size: first - nextExpected)
            }
            append(first: first, count: count, receivedNs: receivedNs)
            isHighest = true
            return 0
        }
        for sequence in first..<first + UInt64(count) {
            recordReordered(
                sequence, receivedNs: receivedNs, payloadBytes: payloadBytes, into: &totals)
            append(first: sequence, count: 1, receivedNs: receivedNs)
            reorderedEnd = arrivalCount
        }
        return count
    }

    /// Adds arrivals to the last run, or begins a run with them.
    private mutating func append(first: UInt64, count: Int, receivedNs: Int64) {
        if first != nextInRun || runCount == 0 {
            if runCount >= ring.count {
                let oldest = self[runCount - ring.count]
                if oldest.isDiscontinuity { forgottenDiscontinuity = oldest.index }
            }
            if runCount > 0 { (ring + slot(of: runCount - 1)).initialize(to: last) }
            let index = arrivalCount
            nextExpectedAside = nextExpected
            isHighest = false
            last = Run(first: first, index: index, bound: nextExpectedAside, firstNs: receivedNs)
            runCount += 1
            // `&-`: the difference wraps when a run begins below its arrival index.
            runOffset = first &- UInt64(index)
        }
        nextInRun = first + UInt64(count)
    }

    private mutating func recordReordered(
        _ sequence: UInt64, receivedNs: Int64, payloadBytes: Int,
        into totals: inout ReorderingTotals
    ) {
        totals.endFreeRun(length: arrivalCount - reorderedEnd)
        let discontinuity = discontinuityRun(of: sequence)
        let above = arrivalsAbove(sequence, from: discontinuity ?? oldestRun)
        totals.recordDegree(above.trailing)
        guard let run = discontinuity else {
            totals.recordUnknownExtent()
            return
        }
        totals.recordExtent(
            arrivalCount - self[run].index, bytes: above.all * payloadBytes,
            // Kernel stamps of one socket may differ from the queue's order by a hair.
            lateNs: max(0, receivedNs - self[run].firstNs))
        markDiscontinuity(run, into: &totals)
    }

    /// Returns the run that begins with the earliest arrival above `sequence`; nil if that arrival
    /// lies beyond the look-back.
    private func discontinuityRun(of sequence: UInt64) -> Int? {
        // The first run that began when a larger number had already been seen …
        var low = oldestRun
        var high = runCount
        while low < high {
            let middle = (low + high) / 2
            if self[middle].bound > sequence { high = middle } else { low = middle + 1 }
        }
        // … is the one after the run that brought it.
        return low > oldestRun ? low - 1 : nil
    }

    /// Returns the number of arrivals since run `start` above `sequence`: in all, and in an
    /// unbroken row before now (the n of §5.3). No run has members on both sides of a new sequence
    /// number.
    private func arrivalsAbove(_ sequence: UInt64, from start: Int) -> (all: Int, trailing: Int) {
        var all = 0
        var trailing = 0
        var isUnbroken = true
        var end = arrivalCount
        for run in stride(from: runCount - 1, through: start, by: -1) {
            let length = end - self[run].index
            end = self[run].index
            guard self[run].first > sequence else {
                isUnbroken = false
                continue
            }
            all += length
            if isUnbroken { trailing += length }
        }
        return (all, trailing)
    }

    /// Records the gap to the nearest earlier reordering discontinuity, if this discontinuity is
    /// new (§4.5.4).
    private mutating func markDiscontinuity(_ run: Int, into totals: inout ReorderingTotals) {
        guard !self[run].isDiscontinuity else { return }
        if run == runCount - 1 {
            last.isDiscontinuity = true
        } else {
            ring[slot(of: run)].isDiscontinuity = true
        }
        totals.discontinuities += 1
        var before = forgottenDiscontinuity
        for earlier in stride(from: run - 1, through: oldestRun, by: -1)
        where self[earlier].isDiscontinuity {
            before = self[earlier].index
            break
        }
        if before >= 0 { totals.recordGap(self[run].index - before) }
    }

    private var oldestRun: Int { max(0, runCount - ring.count) }

    private func slot(of run: Int) -> Int { run & (ring.count - 1) }

    private subscript(run: Int) -> Run { run == runCount - 1 ? last : ring[slot(of: run)] }
}
