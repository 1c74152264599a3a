/// The arrival order of one flow's first copies (RFC 4737), remembered as runs.
///
/// A run is a stretch of arrivals with consecutive ascending sequence numbers. Traffic in order
/// only lengthens the last run, which is a counter and takes no memory; a loss or a reordered
/// arrival begins a new run. The ring keeps the last ``lookBackRuns`` of them:
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
    /// The number of remembered runs: at 1 % loss, about 100,000 arrivals.
    static let lookBackRuns = 1024

    private struct Run {
        var first: UInt64
        var index: Int
        var bound: UInt64
        var firstNs: Int64
        /// Whether a reordered arrival has proved the run's first arrival to be a reordering
        /// discontinuity.
        var isDiscontinuity = false
    }

    private let ring: CheckedMemory<Run>
    /// Runs begun so far; run k is at `ring[k mod lookBackRuns]`.
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

    init() {
        ring = .allocate(capacity: Self.lookBackRuns)
    }

    deinit {
        ring.deallocate()
    }

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
            if runCount >= Self.lookBackRuns {
                let oldest = self[runCount - Self.lookBackRuns]
                if oldest.isDiscontinuity { forgottenDiscontinuity = oldest.index }
            }
            let index = arrivalCount
            nextExpectedAside = nextExpected
            isHighest = false
            self[runCount] = Run(
                first: first, index: index, bound: nextExpectedAside, firstNs: receivedNs)
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
    private func markDiscontinuity(_ run: Int, into totals: inout ReorderingTotals) {
        let slot = run % Self.lookBackRuns
        guard !ring[slot].isDiscontinuity else { return }
        ring[slot].isDiscontinuity = true
        totals.discontinuities += 1
        var before = forgottenDiscontinuity
        for earlier in stride(from: run - 1, through: oldestRun, by: -1)
        where self[earlier].isDiscontinuity {
            before = self[earlier].index
            break
        }
        if before >= 0 { totals.recordGap(ring[slot].index - before) }
    }

    private var oldestRun: Int { max(0, runCount - Self.lookBackRuns) }

    private subscript(run: Int) -> Run {
        get { ring[run % Self.lookBackRuns] }
        nonmutating set { (ring + run % Self.lookBackRuns).initialize(to: newValue) }
    }
}
