import Testing

@testable import Metrics

extension StreamConfiguration {
    /// A timeout of 1 ms and payloads of 100 B from time 0, unless said otherwise.
    static func test(
        timeoutNs: Int64 = 1_000_000, intervalNs: Int64 = 1_000_000, maxIntervals: Int = 64,
        recordsIntervals: Bool = true, hasIntendedTimes: Bool = false,
        direction: Direction = .roundTrip
    ) -> StreamConfiguration {
        StreamConfiguration(
            timeoutNs: timeoutNs, payloadBytes: 100, startNs: 0, intervalNs: intervalNs,
            maxIntervals: maxIntervals, recordsIntervals: recordsIntervals,
            hasIntendedTimes: hasIntendedTimes, direction: direction)
    }
}

extension ProbeWindow {
    init(capacity: Int, firstSequence: UInt64 = 0) {
        self.init(
            capacity: capacity, firstSequence: firstSequence, timeoutNs: 1_000_000,
            hasIntendedTimes: false)
    }

    /// Sends one probe that is due when it is sent.
    mutating func send(atNs timeNs: Int64, into statistics: inout StreamStatistics) {
        recordSent(count: 1, sentNs: timeNs, intendedNs: timeNs, into: &statistics)
    }

    mutating func arrive(
        _ sequence: UInt64, stampNs: Int64, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) -> Arrival {
        recordArrival(
            wireSequence: UInt32(truncatingIfNeeded: sequence), stampNs: stampNs,
            receivedNs: receivedNs, into: &statistics)
    }
}

/// The reordering figures of first copies that arrive in this order, at these times.
func reordering(of sequences: [UInt64], atNs times: [Int64]? = nil) -> ReorderingFigures {
    let ring = CheckedMemory<ReorderingTracker.Run>.allocate(
        capacity: ReorderingTracker.lookBackRuns)
    defer { ring.deallocate() }
    var tracker = ReorderingTracker(ring: ring)
    var totals = ReorderingTotals()
    for (index, sequence) in sequences.enumerated() {
        _ = tracker.record(
            first: sequence, count: 1, receivedNs: times?[index] ?? Int64(index),
            payloadBytes: 100, into: &totals)
    }
    return totals.figures(received: sequences.count)
}

/// Whether two figures differ by no more than rounding.
func isClose(_ one: Double?, _ other: Double?, tolerance: Double = 1e-9) -> Bool {
    switch (one, other) {
    case (nil, nil): return true
    case (let one?, let other?):
        return abs(one - other) <= tolerance * max(1, abs(one), abs(other))
    default: return false
    }
}
