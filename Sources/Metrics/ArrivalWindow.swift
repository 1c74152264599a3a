/// The far side's sequence window of one flow (echo responder and sink), which records arrivals
/// only.
///
/// A ring of `capacity` slots behind the highest sequence number seen; the probe with sequence
/// number s is in slot s mod capacity:
///
///     sequence      first ……… oldest ……………………………………………… next
///                   settled   in the window: arrived       one above the
///                             (see Slot) or not yet        highest seen
///     per slot      outcome 8 B · stamp 8 B, if the probes' stamps are used
///
/// A probe leaves the window when its slot is reused, or at ``close(sent:into:)``, and is settled
/// then, in sequence order. A gap of any size is settled as a whole, so that a sequence number that
/// jumps costs no more than one pass over the ring.
package struct ArrivalWindow: ~Copyable {
    /// The delay limit (18 min): a probe that claims a longer delay has no stamp of this run.
    package static let delayLimitNs: Int64 = 1 << 40

    /// The number of first copies so far.
    package private(set) var uniqueCount = 0
    /// The number of further copies so far.
    package private(set) var duplicateCount = 0
    /// One above the highest sequence number seen.
    package private(set) var nextSequence: UInt64
    private var oldest: UInt64
    private let firstSequence: UInt64
    private let mask: UInt64
    private let timeoutNs: Int64
    private let delayBiasNs: Int64
    private let outcomes: CheckedMemory<UInt64>
    private let stampsNs: CheckedMemory<Int64>?
    private let ownsMemory: Bool
    /// The stamp of the last settled probe that arrived, which dates the losses after it.
    private var settledStampNs: Int64?
    private var flow: FlowRecord
    private var isClosed = false

    /// - Parameters:
    ///   - capacity: A power of two, at least the probes that are sent within the timeout.
    ///   - firstSequence: The first number that the sender sends, below 2^62, so that a loss of the
    ///     first probes is counted.
    ///   - hasStamps: Whether the probes' stamps are used (sink): delay, its variation, lateness
    ///     and the intervals by send time. Without stamps, all arrivals are in time.
    ///   - flow: The flow's number in the stream.
    ///   - delayBiasNs: What every delay is recorded too long by: at least the largest error
    ///     between the clocks of both ends, so that no delay is below zero for its sake.
    ///   - shared: Memory of `words` words a probe for windows of this capacity, of which this is
    ///     number `index`; by default memory of its own.
    package init(
        capacity: Int, firstSequence: UInt64, timeoutNs: Int64, hasStamps: Bool,
        flow number: Int = 0, delayBiasNs: Int64 = 0, in shared: WindowMemory? = nil,
        at index: Int = 0
    ) {
        checkWindow(capacity: capacity, firstSequence: firstSequence, timeoutNs: timeoutNs)
        nextSequence = firstSequence
        oldest = firstSequence
        self.firstSequence = firstSequence
        let memory =
            shared
            ?? .allocate(
                windows: 1, capacity: capacity, words: Self.words(hasStamps: hasStamps))
        ownsMemory = shared == nil
        flow = FlowRecord(flow: number, ring: memory.runs(of: index))
        mask = UInt64(capacity - 1)
        self.timeoutNs = timeoutNs
        self.delayBiasNs = delayBiasNs
        outcomes = memory.slots(of: index, word: 0, as: UInt64.self)
        stampsNs = hasStamps ? memory.slots(of: index, word: 1, as: Int64.self) : nil
    }

    deinit {
        guard ownsMemory else { return }
        outcomes.deallocate()
        flow.order.deallocateRing()
    }

    /// Returns the words of ``WindowMemory`` that each probe takes.
    package static func words(hasStamps: Bool) -> Int { hasStamps ? 2 : 1 }

    package var capacity: Int { Int(mask) + 1 }

    @inline(__always)
    private func slot(of sequence: UInt64) -> Int {
        Int(truncatingIfNeeded: sequence & mask)
    }

    // MARK: Arrivals

    /// Records one probe.
    /// - Parameters:
    ///   - stampNs: Its send time on the clock of `receivedNs`; not nil when the window has stamps,
    ///     else ignored.
    package mutating func recordArrival(
        wireSequence: UInt32, stampNs: Int64?, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) -> Arrival {
        let stamp = usedStamp(stampNs)
        let delayNs = stamp.map { receivedNs &- $0 &+ delayBiasNs } ?? 0
        guard let sequence = unwrapped(wireSequence, near: nextSequence), sequence >= oldest,
            !isClosed
        else { return discardUnknown(wireSequence, into: &statistics) }
        if let wrong = Self.fault(delayNs: delayNs) { return discard(wrong, into: &statistics) }
        if sequence < nextSequence, outcomes[slot(of: sequence)] != Slot.empty {
            return recordCopy(
                slot(of: sequence), stamp: stamp, receivedNs: receivedNs, into: &statistics)
        }
        let isLate = delayNs > timeoutNs
        if sequence >= nextSequence {
            advance(to: sequence, end: sequence &+ 1, into: &statistics)
        }
        recordFirstCopies(
            first: sequence, run: DelayRun(delayNs), stamp: stamp, isLate: isLate,
            receivedNs: receivedNs, into: &statistics)
        return isLate ? .late : .inTime
    }

    /// Records `count` ≥ 1 probes with consecutive sequence numbers, stamps `stampStepNs` ≥ 0 apart
    /// and one receive time: the content of one coalesced buffer. The figures equal those of one
    /// call per probe, except that percentiles may be a few nanoseconds greater.
    package mutating func recordArrivals(
        wireSequence: UInt32, count: Int, stampNs: Int64?, stampStepNs: Int64 = 0,
        receivedNs: Int64, into statistics: inout StreamStatistics
    ) -> ArrivalCounts {
        let stamp = usedStamp(stampNs)
        let run = DelayRun(
            greatestNs: stamp.map { receivedNs &- $0 &+ delayBiasNs } ?? 0,
            stepNs: stamp == nil ? 0 : stampStepNs, count: count)
        var counts = ArrivalCounts()
        if count > 1, count < capacity, Self.fault(delayNs: run.greatestNs) == nil,
            run.leastNs >= 0, run.isOnOneSide(of: timeoutNs), !isClosed,
            let first = unwrapped(wireSequence, near: nextSequence), first >= nextSequence
        {
            let isLate = run.greatestNs > timeoutNs
            advance(to: first, end: first &+ UInt64(count), into: &statistics)
            recordFirstCopies(
                first: first, run: run, stamp: stamp, isLate: isLate, receivedNs: receivedNs,
                into: &statistics)
            counts.add(isLate ? .late : .inTime, count: count)
            return counts
        }
        for offset in 0..<count {
            let arrival = recordArrival(
                wireSequence: wireSequence &+ UInt32(truncatingIfNeeded: offset),
                stampNs: stampNs.map { $0 &+ Int64(offset) &* stampStepNs },
                receivedNs: receivedNs, into: &statistics)
            counts.add(arrival)
        }
        return counts
    }

    @inline(__always)
    private func usedStamp(_ stampNs: Int64?) -> Int64? {
        guard stampsNs != nil else { return nil }
        precondition(stampNs != nil, "a window with stamps is given one for each probe")
        return stampNs
    }

    @inline(__always)
    private static func fault(delayNs: Int64) -> Arrival? {
        if delayNs < 0 { return .impossible }
        return delayNs < delayLimitNs ? nil : .corrupt
    }

    private mutating func recordCopy(
        _ slot: Int, stamp: Int64?, receivedNs: Int64, into statistics: inout StreamStatistics
    ) -> Arrival {
        if let stamp, let stampsNs, stampsNs[slot] != stamp {
            return discard(.corrupt, into: &statistics)
        }
        duplicateCount += 1
        flow.recordDuplicate(&outcomes[slot], receivedNs: receivedNs, into: &statistics)
        return .duplicate
    }

    /// Writes the slots of first copies within the window, then records their figures.
    @inline(__always)
    private mutating func recordFirstCopies(
        first: UInt64, run: DelayRun, stamp: Int64?, isLate: Bool, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) {
        let count = run.count
        let end = first &+ UInt64(truncatingIfNeeded: count)
        var delayNs = run.greatestNs
        for sequence in first..<end {
            outcomes[slot(of: sequence)] = Slot.arrived(delayNs: delayNs, isLate: isLate)
            delayNs &-= run.stepNs
        }
        uniqueCount &+= count
        guard let stamp, let stampsNs else {
            flow.recordUndated(
                first: first, count: count, receivedNs: receivedNs, into: &statistics)
            return
        }
        var stampNs = stamp
        for sequence in first..<end {
            stampsNs[slot(of: sequence)] = stampNs
            stampNs &+= run.stepNs
        }
        recordVariation(
            first: first, end: end, oldest: oldest, next: nextSequence, run: run,
            in: outcomes, mask: mask, into: &statistics)
        flow.recordFirstCopies(
            first: first, run: run, isLate: isLate, receivedNs: receivedNs, into: &statistics)
    }

    // MARK: Settling

    /// Moves the window so that it ends with `end`, where `first ..< end` has just arrived and the
    /// probes between the window and `first` have not.
    @inline(__always)
    private mutating func advance(
        to first: UInt64, end: UInt64, into statistics: inout StreamStatistics
    ) {
        if end &- oldest > mask &+ 1 { settle(before: end &- mask &- 1, into: &statistics) }
        var sequence = max(nextSequence, oldest)
        while sequence < first {
            outcomes[slot(of: sequence)] = Slot.empty
            sequence &+= 1
        }
        nextSequence = end
    }

    /// Settles the probes `oldest ..< end`, which leave the window; those from `nextSequence` on
    /// have not been seen.
    private mutating func settle(before end: UInt64, into statistics: inout StreamStatistics) {
        let seenEnd = min(end, nextSequence)
        while oldest < seenEnd {
            settleOldest(into: &statistics)
            oldest &+= 1
        }
        if oldest < end {
            settleNever(Int(end - oldest), into: &statistics)
            oldest = end
        }
    }

    @inline(__always)
    private mutating func settleOldest(into statistics: inout StreamStatistics) {
        let slot = slot(of: oldest)
        let outcome = outcomes[slot]
        if outcome == Slot.empty {
            settleNever(1, into: &statistics)
            return
        }
        let isLost = !Slot.isInTime(outcome)
        if isLost {
            flow.recordLost(
                first: oldest, count: 1, sentNs: stampsNs?[slot] ?? 0, isLate: true,
                into: &statistics)
        }
        guard let stampsNs else { return }
        statistics.intervals.recordSettled(1, lost: isLost ? 1 : 0, sentNs: stampsNs[slot])
        if isLost, !statistics.stages.isEmpty {
            statistics.stages.recordLost(1, sentNs: stampsNs[slot])
        }
        settledStampNs = stampsNs[slot]
    }

    /// Settles `count` probes from `oldest` on as lost.
    private mutating func settleNever(_ count: Int, into statistics: inout StreamStatistics) {
        statistics.neverCount += count
        let sentNs =
            stampsNs == nil ? 0 : settledStampNs ?? statistics.configuration.startNs
        flow.recordLost(
            first: oldest, count: count, sentNs: sentNs, isLate: false, into: &statistics)
        guard stampsNs != nil else { return }
        statistics.intervals.recordSettled(count, lost: count, sentNs: sentNs)
        if !statistics.stages.isEmpty { statistics.stages.recordLost(count, sentNs: sentNs) }
    }

    /// Settles the remaining probes at the end of the drain; later arrivals are `beyondWindow`.
    /// - Parameter sent: The number of probes that the sender reports as sent: the lost tail
    ///   counts, and arrivals with higher numbers are subtracted from the counts.
    /// - Returns: The numbers of first copies of probes that were not sent, in time and late.
    @discardableResult
    package mutating func close(
        sent: UInt64, into statistics: inout StreamStatistics
    ) -> (inTime: Int, late: Int) {
        precondition(!isClosed, "a window is closed once")
        precondition(sent < 1 << 62, "a possible number of probes")
        let end = firstSequence + sent
        let unsent = takeBack(from: end)
        settle(before: end, into: &statistics)
        statistics.inTimeCount -= unsent.inTime
        statistics.lateCount -= unsent.late
        statistics.sentCount += Int(sent)
        flow.close(end: max(end, oldest), into: &statistics)
        isClosed = true
        return unsent
    }

    /// Subtracts the first copies of numbers from `end` on, as far as the ring still holds them.
    private mutating func takeBack(from end: UInt64) -> (inTime: Int, late: Int) {
        var unsent = (inTime: 0, late: 0)
        var sequence = max(end, oldest)
        while sequence < nextSequence {
            let outcome = outcomes[slot(of: sequence)]
            if outcome != Slot.empty {
                if Slot.isInTime(outcome) { unsent.inTime += 1 } else { unsent.late += 1 }
            }
            sequence &+= 1
        }
        uniqueCount -= unsent.inTime + unsent.late
        return unsent
    }

    @inline(never)
    private func discardUnknown(
        _ wireSequence: UInt32, into statistics: inout StreamStatistics
    ) -> Arrival {
        if let sequence = unwrapped(wireSequence, near: nextSequence), sequence >= firstSequence {
            return discard(.beyondWindow, into: &statistics)
        }
        return discard(.fromFuture, into: &statistics)
    }

    private func discard(
        _ arrival: Arrival, into statistics: inout StreamStatistics
    ) -> Arrival {
        statistics.discard(arrival)
        return arrival
    }
}
