import Testing

@testable import Metrics

/// A generator whose whole state is its seed, so that a failure can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

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
    var tracker = ReorderingTracker()
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
