/// The sender's sequence window of one flow: the probes sent, their send times and outcomes.
///
/// A ring of `capacity` slots; the probe with sequence number s is in slot s mod capacity:
///
///     sequence      first ……… oldest ………………………………………… next
///                   settled   in the window: answers     to be sent
///                             find their probe here
///     per slot      sent time 8 B · outcome 8 B (see Slot) · intended time 8 B, if there are any
///
/// A probe leaves the window when its slot is reused, or at ``close(into:)``, and is settled then,
/// in sequence order: lost unless a copy came in time. So memory is rate × timeout, whatever the
/// length of the run, and an answer can be told from a replay while its probe is in the window. A
/// later copy is `beyondWindow`.
package struct ProbeWindow: ~Copyable {
    /// The next sequence number to be sent; the wire carries its low 32 bits.
    package private(set) var nextSequence: UInt64
    /// The oldest sequence number still in the window.
    private var oldest: UInt64
    /// One above the highest answered sequence number, or the value set by ``assumeLost()``.
    private var answeredEnd: UInt64
    private let mask: UInt64
    private let timeoutNs: Int64
    private let sentNs: CheckedMemory<Int64>
    private let outcomes: CheckedMemory<UInt64>
    private let intendedNs: CheckedMemory<Int64>?
    private let ownsMemory: Bool
    private var flow: FlowRecord
    private let firstSequence: UInt64
    private let flowNumber: Int
    private let part: Int
    private var isClosed = false

    /// - Parameters:
    ///   - capacity: A power of two, at least the probes that are sent within the timeout.
    ///   - firstSequence: The first sequence number to be sent, below 2^62.
    ///   - hasIntendedTimes: As in the stream's configuration.
    ///   - flow: The flow's number in the stream.
    ///   - part: The part of the stream's flows that the flow belongs to: see ``PartLosses``.
    ///   - shared: Memory of `words` words a probe for windows of this capacity, of which this is
    ///     number `index`; by default memory of its own.
    package init(
        capacity: Int, firstSequence: UInt64, timeoutNs: Int64, hasIntendedTimes: Bool,
        flow flowNumber: Int = 0, part: Int = 0, in shared: WindowMemory? = nil,
        at index: Int = 0
    ) {
        checkWindow(capacity: capacity, firstSequence: firstSequence, timeoutNs: timeoutNs)
        nextSequence = firstSequence
        self.firstSequence = firstSequence
        let memory =
            shared
            ?? .allocate(
                windows: 1, capacity: capacity,
                words: Self.words(hasIntendedTimes: hasIntendedTimes))
        ownsMemory = shared == nil
        flow = FlowRecord(flow: flowNumber, ring: memory.runs(of: index))
        self.flowNumber = flowNumber
        self.part = part
        oldest = firstSequence
        answeredEnd = firstSequence
        mask = UInt64(capacity - 1)
        self.timeoutNs = timeoutNs
        sentNs = memory.slots(of: index, word: 0, as: Int64.self)
        outcomes = memory.slots(of: index, word: 1, as: UInt64.self)
        intendedNs = hasIntendedTimes ? memory.slots(of: index, word: 2, as: Int64.self) : nil
    }

    deinit {
        guard ownsMemory else { return }
        sentNs.deallocate()
        flow.order.deallocateRing()
    }

    /// Returns the words of ``WindowMemory`` that each probe takes.
    package static func words(hasIntendedTimes: Bool) -> Int { hasIntendedTimes ? 3 : 2 }

    package var capacity: Int { Int(mask) + 1 }

    /// The send time of the last probe; nil before the first.
    package var lastSentNs: Int64? {
        nextSequence > firstSequence ? sentNs[slot(of: nextSequence - 1)] : nil
    }

    /// The probes sent since the highest answered one, which a closed loop limits. Losses below an
    /// answered probe do not count.
    package var outstanding: Int { Int(nextSequence - answeredEnd) }

    /// The probes up to the highest answered one.
    package var answeredSpan: Int { Int(answeredEnd - firstSequence) }

    /// Resets ``outstanding`` after a stall; changes no figure.
    package mutating func assumeLost() {
        answeredEnd = nextSequence
    }

    /// The first copies received, in time or late.
    package var received: Int { flow.received }

    /// Whether `count` probes can be sent without overwriting a probe that may still be answered in
    /// time: unanswered, and sent no longer than the timeout ago.
    package func hasRoom(for count: Int, nowNs: Int64) -> Bool {
        guard count <= capacity else { return false }
        let end = nextSequence + UInt64(count)
        guard end - oldest > mask + 1 else { return true }
        // Send times ascend: scanning back from the youngest, all probes before one that is too old
        // are too old as well.
        var sequence = end - mask - 1
        while sequence > oldest {
            sequence -= 1
            let slot = slot(of: sequence)
            if nowNs - sentNs[slot] > timeoutNs { return true }
            if outcomes[slot] == Slot.empty { return false }
        }
        return true
    }

    @inline(__always)
    private func slot(of sequence: UInt64) -> Int {
        Int(truncatingIfNeeded: sequence & mask)
    }

    // MARK: Sending

    /// Records that `count` (1 … capacity) consecutive probes were sent at `sentNs`, of which the
    /// k-th (from 0) was due at `intendedNs + k × intendedStepNs` and carries the stamp `sentNs + k
    /// × stampStepNs`; settles the overwritten probes. Call ``hasRoom(for:nowNs:)`` first.
    package mutating func recordSent(
        count: Int, sentNs timeNs: Int64, stampStepNs: Int64 = 0, intendedNs dueNs: Int64,
        intendedStepNs: Int64 = 0, into statistics: inout StreamStatistics
    ) {
        precondition(count > 0 && count <= capacity, "as many probes as the window has slots")
        precondition(!isClosed, "nothing is sent after the close")
        let end = nextSequence &+ UInt64(truncatingIfNeeded: count)
        if end &- oldest > mask &+ 1 { settle(before: end &- mask &- 1, into: &statistics) }
        var due = dueNs
        var stamp = timeNs
        var sequence = nextSequence
        while sequence < end {
            let slot = slot(of: sequence)
            sentNs[slot] = stamp
            stamp &+= stampStepNs
            outcomes[slot] = Slot.empty
            if let intendedNs {
                // A probe sent ahead of its schedule has no negative lateness.
                intendedNs[slot] = min(due, timeNs)
                due += intendedStepNs
            }
            sequence &+= 1
        }
        nextSequence = end
        statistics.recordSent(
            count: count, sentNs: timeNs, intendedNs: dueNs, intendedStepNs: intendedStepNs)
        statistics.parts?.recordSent(count, part: part, atNs: timeNs)
    }

    /// Settles the probes `oldest ..< end`, which leave the window.
    @inline(__always)
    private mutating func settle(before end: UInt64, into statistics: inout StreamStatistics) {
        while oldest < end {
            let slot = slot(of: oldest)
            if !Slot.isInTime(outcomes[slot]) {
                settleLost(slot, into: &statistics)
            } else if flow.outage.isOpen {
                endOutage(slot, into: &statistics)
            }
            oldest &+= 1
        }
    }

    private mutating func settleLost(_ slot: Int, into statistics: inout StreamStatistics) {
        guard !Slot.isWrong(outcomes[slot]) else {
            statistics.intervals.recordWrong(sentNs: sentNs[slot])
            if !statistics.stages.isEmpty { statistics.stages.recordWrong(sentNs: sentNs[slot]) }
            if flow.outage.isOpen { endOutage(slot, into: &statistics) }
            return
        }
        let isLate = outcomes[slot] != Slot.empty
        if !isLate { statistics.neverCount += 1 }
        flow.recordLost(
            first: oldest, count: 1, sentNs: sentNs[slot], isLate: isLate, into: &statistics)
        statistics.intervals.recordLost(1, sentNs: sentNs[slot])
        if !statistics.stages.isEmpty { statistics.stages.recordLost(1, sentNs: sentNs[slot]) }
        statistics.parts?.recordLost(part: part, sentNs: sentNs[slot])
        flow.outage.recordLost(sentNs: sentNs[slot])
    }

    private mutating func endOutage(_ slot: Int, into statistics: inout StreamStatistics) {
        flow.outage.recordAnswered(
            sentNs: sentNs[slot], receivedNs: sentNs[slot] &+ Slot.delayNs(outcomes[slot]),
            flow: flowNumber, into: &statistics.outages)
    }

    /// Settles the remaining probes at the end of the drain; later arrivals are `beyondWindow`.
    package mutating func close(into statistics: inout StreamStatistics) {
        precondition(!isClosed, "a window is closed once")
        settle(before: nextSequence, into: &statistics)
        flow.close(end: nextSequence, into: &statistics)
        flow.outage.close(flow: flowNumber, into: &statistics.outages)
        isClosed = true
    }

    // MARK: Arrivals

    /// Records one answer.
    /// - Parameters:
    ///   - stampNs: The send time in the answer, which must equal the recorded one.
    ///   - receivedNs: The receive time on the same clock.
    package mutating func recordArrival(
        wireSequence: UInt32, stampNs: Int64, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) -> Arrival {
        guard let sequence = unwrapped(wireSequence, near: nextSequence),
            sequence < nextSequence, sequence >= oldest
        else { return discardUnknown(wireSequence, into: &statistics) }
        let slot = slot(of: sequence)
        if sentNs[slot] != stampNs { return discard(.corrupt, into: &statistics) }
        let delayNs = receivedNs &- stampNs
        if delayNs < 0 { return discard(.impossible, into: &statistics) }
        if outcomes[slot] != Slot.empty {
            flow.recordDuplicate(&outcomes[slot], receivedNs: receivedNs, into: &statistics)
            return .duplicate
        }
        let isLate = delayNs > timeoutNs
        outcomes[slot] = Slot.arrived(delayNs: delayNs, isLate: isLate)
        recordFirstCopies(
            first: sequence, run: DelayRun(delayNs), isLate: isLate, receivedNs: receivedNs,
            into: &statistics)
        return isLate ? .late : .inTime
    }

    /// Records an answer whose content is the service's own, so that it carries no stamp.
    /// - Parameters:
    ///   - isRight: Whether the answer is what was asked for. The first answer decides: a wrong one
    ///     is in `wrong` and has no delay, and each later one is a duplicate.
    ///   - receivedNs: The receive time on the clock of the send times.
    /// - Returns: The outcome; `inTime` of a wrong answer as well.
    package mutating func recordAnswer(
        sequence: UInt64, isRight: Bool, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) -> Arrival {
        guard sequence < nextSequence, sequence >= firstSequence else {
            return discard(.fromFuture, into: &statistics)
        }
        guard sequence >= oldest else { return discard(.beyondWindow, into: &statistics) }
        let slot = slot(of: sequence)
        guard !isRight, outcomes[slot] == Slot.empty, receivedNs >= sentNs[slot] else {
            return recordArrival(
                wireSequence: UInt32(truncatingIfNeeded: sequence), stampNs: sentNs[slot],
                receivedNs: receivedNs, into: &statistics)
        }
        outcomes[slot] = Slot.wrong(delayNs: receivedNs &- sentNs[slot])
        statistics.wrongCount += 1
        if sequence >= answeredEnd { answeredEnd = sequence &+ 1 }
        return .inTime
    }

    /// The send time of a probe of the window; nil if it is not there.
    package func sentNs(of sequence: UInt64) -> Int64? {
        sequence >= oldest && sequence < nextSequence ? sentNs[slot(of: sequence)] : nil
    }

    /// Records `count` ≥ 1 answers with consecutive sequence numbers, stamps `stampStepNs` ≥ 0
    /// apart and one receive time: the content of one coalesced buffer. The figures equal those of
    /// one call per answer, except that percentiles may be a few nanoseconds greater.
    package mutating func recordArrivals(
        wireSequence: UInt32, count: Int, stampNs: Int64, stampStepNs: Int64 = 0,
        receivedNs: Int64, into statistics: inout StreamStatistics
    ) -> ArrivalCounts {
        var counts = ArrivalCounts()
        let run = DelayRun(
            greatestNs: receivedNs &- stampNs, stepNs: stampStepNs, count: count)
        if count > 1, run.leastNs >= 0, run.isOnOneSide(of: timeoutNs),
            let first = unwrapped(wireSequence, near: nextSequence),
            isFreshRun(first: first, count: count, stampNs: stampNs, stepNs: stampStepNs)
        {
            let isLate = run.greatestNs > timeoutNs
            var delayNs = run.greatestNs
            for sequence in first..<first &+ UInt64(count) {
                outcomes[slot(of: sequence)] = Slot.arrived(delayNs: delayNs, isLate: isLate)
                delayNs &-= stampStepNs
            }
            recordFirstCopies(
                first: first, run: run, isLate: isLate, receivedNs: receivedNs,
                into: &statistics)
            counts.add(isLate ? .late : .inTime, count: count)
            return counts
        }
        for offset in 0..<count {
            let arrival = recordArrival(
                wireSequence: wireSequence &+ UInt32(truncatingIfNeeded: offset),
                stampNs: stampNs &+ Int64(offset) &* stampStepNs, receivedNs: receivedNs,
                into: &statistics)
            counts.add(arrival)
        }
        return counts
    }

    /// Whether all probes of a run are in the window, unanswered, and were sent at the times of
    /// their stamps.
    @inline(__always)
    private func isFreshRun(first: UInt64, count: Int, stampNs: Int64, stepNs: Int64) -> Bool {
        guard first >= oldest, first < nextSequence,
            UInt64(count) <= nextSequence &- first
        else { return false }
        var difference: UInt64 = 0
        var stamp = stampNs
        for sequence in first..<first &+ UInt64(count) {
            let slot = slot(of: sequence)
            difference |= outcomes[slot] | UInt64(bitPattern: sentNs[slot] ^ stamp)
            stamp &+= stepNs
        }
        return difference == 0
    }

    /// Records the figures of first copies whose slots have been written.
    @inline(__always)
    private mutating func recordFirstCopies(
        first: UInt64, run: DelayRun, isLate: Bool, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) {
        let end = first &+ UInt64(truncatingIfNeeded: run.count)
        if end > answeredEnd { answeredEnd = end }
        recordVariation(
            first: first, end: end, oldest: oldest, next: nextSequence, run: run,
            in: outcomes, mask: mask, into: &statistics)
        if let intendedNs {
            for sequence in first..<end {
                statistics.intendedDelays.record(receivedNs - intendedNs[slot(of: sequence)])
            }
        }
        flow.recordFirstCopies(
            first: first, run: run, isLate: isLate, receivedNs: receivedNs, into: &statistics)
    }

    @inline(never)
    private func discardUnknown(
        _ wireSequence: UInt32, into statistics: inout StreamStatistics
    ) -> Arrival {
        if let sequence = unwrapped(wireSequence, near: nextSequence), sequence < oldest,
            sequence >= firstSequence
        {
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
