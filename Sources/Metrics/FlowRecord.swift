/// What both kinds of window keep of their flow besides the slots: arrival order, jitter, losses.
struct FlowRecord: ~Copyable {
    /// First copies, in time or late.
    private(set) var received = 0
    var order = ReorderingTracker()
    var jitter = JitterEstimator()
    var losses = LossPattern()
    /// Of a sender's flow: only the side that sends knows when.
    var outage = OutageTracker()

    /// `count` first copies, consecutive from `first`, with one delay and one receive time.
    @inline(__always)
    mutating func recordFirstCopies(
        first: UInt64, run: DelayRun, isLate: Bool, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) {
        let (count, delayNs) = (run.count, run.greatestNs)
        received &+= count
        if isLate {
            statistics.lateCount &+= count
        } else {
            statistics.inTimeCount &+= count
        }
        statistics.delays.record(run)
        if count == 1 {
            jitter.record(delayNs: delayNs)
        } else {
            jitter.record(delayNs: delayNs, count: count)
        }
        let reordered = order.record(
            first: first, count: count, receivedNs: receivedNs,
            payloadBytes: statistics.configuration.payloadBytes, into: &statistics.reordering)
        statistics.intervals.recordReceived(
            count, delayNs: delayNs, reordered: reordered, atNs: receivedNs)
    }

    /// `count` first copies whose send time is not known: they are in time, and have no delay.
    @inline(__always)
    mutating func recordUndated(
        first: UInt64, count: Int, receivedNs: Int64, into statistics: inout StreamStatistics
    ) {
        received &+= count
        statistics.inTimeCount &+= count
        let reordered = order.record(
            first: first, count: count, receivedNs: receivedNs,
            payloadBytes: statistics.configuration.payloadBytes, into: &statistics.reordering)
        statistics.intervals.recordReceived(count, reordered: reordered, atNs: receivedNs)
    }

    /// Another copy of what `slot` holds.
    mutating func recordDuplicate(
        _ slot: inout UInt64, receivedNs: Int64, into statistics: inout StreamStatistics
    ) {
        statistics.duplicateCount += 1
        if slot & Slot.replicated == 0 {
            slot |= Slot.replicated
            statistics.replicatedCount += 1
        }
        statistics.intervals.recordDuplicate(atNs: receivedNs)
    }

    /// The flow has ended before `end`; all its losses have been recorded.
    mutating func close(end: UInt64, into statistics: inout StreamStatistics) {
        losses.close(end: end, into: &statistics.losses)
        statistics.recordJitter(jitter)
    }
}
