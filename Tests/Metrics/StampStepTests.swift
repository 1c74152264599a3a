import Testing

@testable import Metrics

/// Probes of one batch carry stamps a nanosecond apart; a coalesced run of them counts as its
/// members would one by one.
@Suite struct StampStepTests {
    private static func configuration(_ direction: StreamConfiguration.Direction)
        -> StreamConfiguration
    {
        StreamConfiguration(
            timeoutNs: 1_000_000, payloadBytes: 64, startNs: 0, direction: direction)
    }

    /// Everything but the percentiles, in which a run counts as if all were its greatest.
    private static func exact(_ figures: StreamFigures) -> StreamFigures {
        func exact(_ delays: DelaySummary?) -> DelaySummary? {
            guard var delays else { return nil }
            (delays.p50, delays.p75, delays.p90, delays.p95) = (nil, nil, nil, nil)
            (delays.p99, delays.p999, delays.p9999, delays.buckets) = (nil, nil, nil, nil)
            return delays
        }
        var figures = figures
        figures.rttNs = exact(figures.rttNs)
        figures.oneWayNs = exact(figures.oneWayNs)
        figures.ipdvNs = exact(figures.ipdvNs) ?? DelaySummary()
        figures.pdvNs = exact(figures.pdvNs) ?? DelaySummary()
        figures.rtpJitterNs = nil
        figures.intervals = []
        return figures
    }

    private func echoed(inRuns: Bool, delayNs: Int64) -> (StreamFigures, ArrivalCounts) {
        var statistics = StreamStatistics(configuration: Self.configuration(.roundTrip))
        var window = ProbeWindow(
            capacity: 256, firstSequence: 0, timeoutNs: 1_000_000, hasIntendedTimes: false)
        var counts = ArrivalCounts()
        for batch in 0..<3 {
            let sentNs = Int64(batch) * 10_000
            window.recordSent(
                count: 64, sentNs: sentNs, stampStepNs: 1, intendedNs: 0, into: &statistics)
            let first = UInt32(batch * 64)
            if inRuns {
                counts.add(
                    window.recordArrivals(
                        wireSequence: first, count: 64, stampNs: sentNs, stampStepNs: 1,
                        receivedNs: sentNs + delayNs, into: &statistics))
            } else {
                for index in 0..<64 {
                    counts.add(
                        window.recordArrival(
                            wireSequence: first + UInt32(index), stampNs: sentNs + Int64(index),
                            receivedNs: sentNs + delayNs, into: &statistics))
                }
            }
        }
        window.close(into: &statistics)
        return (statistics.summary(), counts)
    }

    @Test(
        "a run of stamps a nanosecond apart counts like its members",
        arguments: [63, 64, 5_000, 999_990, 1_000_020, 1_000_063, 2_000_000])
    func aRunCountsLikeItsMembers(delayNs: Int64) {
        let (run, runCounts) = echoed(inRuns: true, delayNs: delayNs)
        let (single, singleCounts) = echoed(inRuns: false, delayNs: delayNs)
        #expect(runCounts == singleCounts)
        #expect(Self.exact(run) == Self.exact(single))
    }

    @Test func anAlteredStampWithinARunIsCorrupt() {
        var statistics = StreamStatistics(configuration: Self.configuration(.roundTrip))
        var window = ProbeWindow(
            capacity: 64, firstSequence: 0, timeoutNs: 1_000_000, hasIntendedTimes: false)
        window.recordSent(
            count: 8, sentNs: 100, stampStepNs: 1, intendedNs: 0, into: &statistics)
        // The sequence number of the first, the stamp of the second.
        let arrival = window.recordArrival(
            wireSequence: 0, stampNs: 101, receivedNs: 500, into: &statistics)
        #expect(arrival == .corrupt)
    }

    @Test func theFarSideCountsARunLikeItsMembers() {
        func figures(inRuns: Bool) -> StreamFigures {
            var statistics = StreamStatistics(configuration: Self.configuration(.oneWay))
            var window = ArrivalWindow(
                capacity: 256, firstSequence: 0, timeoutNs: 1_000_000, hasStamps: true)
            for batch in 0..<3 {
                let (first, sentNs) = (UInt32(batch * 40), Int64(batch) * 1_000)
                if inRuns {
                    _ = window.recordArrivals(
                        wireSequence: first, count: 40, stampNs: sentNs, stampStepNs: 1,
                        receivedNs: sentNs + 700, into: &statistics)
                } else {
                    for index in 0..<40 {
                        _ = window.recordArrival(
                            wireSequence: first + UInt32(index), stampNs: sentNs + Int64(index),
                            receivedNs: sentNs + 700, into: &statistics)
                    }
                }
            }
            window.close(sent: 120, into: &statistics)
            return statistics.summary()
        }
        #expect(Self.exact(figures(inRuns: true)) == Self.exact(figures(inRuns: false)))
    }
}
