/// The state of a flow, besides the slots, that both kinds of window keep: arrival order, jitter,
/// losses.
struct FlowRecord: ~Copyable {
    /// The number of first copies, in time or late.
    private(set) var received = 0
    var order: ReorderingTracker
    var jitter = JitterEstimator()
    private var losses = LossPattern()
    private var lossRun = LossRunTracker()
    /// The number of the flow in the loss runs.
    private let number: Int
    /// The outages of a sender's flow; only the sending side knows the send times.
    var outage = OutageTracker()

    init(flow number: Int, ring: CheckedMemory<ReorderingTracker.Run>) {
        self.number = number
        order = ReorderingTracker(ring: ring)
    }

    /// Records probes `first ..< first + count` (count ≥ 1), beyond all before, as lost.
    /// - Parameter sentNs: The send time as in ``LossRun``.
    mutating func recordLost(
        first: UInt64, count: Int, sentNs: Int64, isLate: Bool,
        into statistics: inout StreamStatistics
    ) {
        losses.recordLost(first: first, count: count, into: &statistics.losses)
        lossRun.recordLost(
            first: first, count: count, sentNs: sentNs, isLate: isLate, flow: number,
            into: &statistics.lossRuns)
    }

    /// Records `count` first copies, consecutive from `first`, with one delay and one receive time.
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
        if !statistics.stages.isEmpty {
            statistics.stages.recordDelay(count, delayNs: delayNs, sentNs: receivedNs - delayNs)
        }
    }

    /// Records `count` first copies with unknown send times: they are in time, and have no delay.
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

    /// Records another copy of the probe in `slot`.
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

    /// Ends the flow before `end`, after all its losses have been recorded.
    mutating func close(end: UInt64, into statistics: inout StreamStatistics) {
        losses.close(end: end, into: &statistics.losses)
        lossRun.close(into: &statistics.lossRuns)
        statistics.recordJitter(jitter)
    }
}
