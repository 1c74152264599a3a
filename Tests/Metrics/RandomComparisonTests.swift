import Testing

@testable import Metrics

/// Seeded random streams against the slow definitions, for both windows, one by one and in runs.
struct RandomComparisonTests {
    private static let seeds: ClosedRange<UInt64> = 1...240

    @Test func theProbeWindowAgreesWithTheDefinitions() {
        var seen = (late: 0, never: 0, duplicates: 0, beyond: 0, reordered: 0, gaps: 0, n3: 0)
        for seed in Self.seeds {
            let stream = RandomStream(seed: seed)
            let capacity = seed % 3 == 0 ? 16 : 128
            let configuration = StreamConfiguration.test(hasIntendedTimes: true)
            let slow = stream.seenFromSender(capacity: capacity, configuration: configuration)
            let single = stream.measuredAtSender(capacity, configuration, inRuns: false)
            expect(single, agreesWith: slow, seenFromFarSide: false, seed: seed)
            let runs = stream.measuredAtSender(capacity, configuration, inRuns: true)
            expectSame(runs, single, seed: seed)
            seen.late += single.late
            seen.never += single.never
            seen.duplicates += single.duplication.count
            seen.beyond += single.discarded.beyondWindow
            seen.reordered += single.reordering.count
            seen.gaps += single.reordering.gaps.count
            seen.n3 += single.reordering.nReordering.max >= 3 ? 1 : 0
        }
        // The streams are as bad as they are meant to be.
        #expect(min(seen.late, seen.never, seen.duplicates, seen.reordered, seen.gaps) > 100)
        #expect(min(seen.beyond, seen.n3) > 20)
    }

    @Test func theArrivalWindowAgreesWithTheDefinitions() {
        for seed in Self.seeds {
            let stream = RandomStream(seed: seed)
            let capacity = seed % 3 == 0 ? 16 : 128
            let configuration = StreamConfiguration.test(direction: .oneWay)
            let slow = stream.seenFromFarSide(
                capacity: capacity, configuration: configuration, isDated: true)
            let single = stream.measuredAtFarSide(
                capacity, configuration, isDated: true, inRuns: false)
            expect(single, agreesWith: slow, seenFromFarSide: true, seed: seed)
            let runs = stream.measuredAtFarSide(
                capacity, configuration, isDated: true, inRuns: true)
            expectSame(runs, single, seed: seed)
        }
    }

    @Test func theArrivalWindowWithoutStampsAgreesWithTheDefinitions() {
        for seed in Self.seeds {
            let stream = RandomStream(seed: seed)
            let capacity = seed % 3 == 0 ? 16 : 128
            let configuration = StreamConfiguration.test(
                recordsIntervals: false, direction: .oneWay)
            let slow = stream.seenFromFarSide(
                capacity: capacity, configuration: configuration, isDated: false)
            let single = stream.measuredAtFarSide(
                capacity, configuration, isDated: false, inRuns: false)
            expect(single, agreesWith: slow, seenFromFarSide: true, seed: seed)
            let runs = stream.measuredAtFarSide(
                capacity, configuration, isDated: false, inRuns: true)
            expectSame(runs, single, seed: seed)
        }
    }

    @Test func mergedThreadsHaveTheFiguresOfOne() {
        for seed in Self.seeds where seed % 4 == 0 {
            let stream = RandomStream(seed: seed)
            let configuration = StreamConfiguration.test(hasIntendedTimes: true)
            let one = stream.measuredAtSender(128, configuration, inRuns: true)
            var merged = StreamStatistics(configuration: configuration)
            for flow in stream.probes.indices {
                var statistics = StreamStatistics(configuration: configuration)
                stream.measureAtSender(128, flows: [flow], inRuns: true, into: &statistics)
                merged.merge(statistics)
            }
            expectSame(merged.summary(), one, seed: seed)
        }
    }

    // MARK: Comparing

    private func expectSame(_ one: StreamFigures, _ other: StreamFigures, seed: UInt64) {
        var one = one
        #expect(isClose(one.rtpJitterNs, other.rtpJitterNs), "seed \(seed)")
        one.rtpJitterNs = other.rtpJitterNs
        #expect(one == other, "seed \(seed)")
    }

    private func expect(
        _ measured: StreamFigures, agreesWith slow: SlowStream, seenFromFarSide: Bool,
        seed: UInt64
    ) {
        var rest = measured
        let delay = seenFromFarSide ? measured.oneWayNs : measured.rttNs
        #expect((seenFromFarSide ? measured.rttNs : measured.oneWayNs) == nil)
        expect(delay, holds: slow.delays, "delay, seed \(seed)")
        expect(measured.ipdvNs, holds: slow.variations, "ipdv, seed \(seed)")
        expect(measured.reordering.lateTimeNs, holds: slow.lateTimes, "late, seed \(seed)")
        if slow.configuration.hasIntendedTimes {
            expect(measured.rttIntendedNs, holds: slow.intendedDelays, "intended, seed \(seed)")
            expect(measured.pacingErrorNs, holds: slow.pacingErrors, "pacing, seed \(seed)")
        }
        #expect(measured.pdvNs == delay?.shiftedToMinimum(), "seed \(seed)")
        #expect(isClose(measured.rtpJitterNs, slow.jitterNs), "seed \(seed)")
        if slow.configuration.recordsIntervals {
            expectIntervals(
                measured.intervals, slow.intervals(seenFromFarSide: seenFromFarSide), seed: seed)
        }
        rest.rttNs = nil
        rest.oneWayNs = nil
        rest.rttIntendedNs = nil
        rest.pacingErrorNs = nil
        rest.ipdvNs = DelaySummary()
        rest.pdvNs = DelaySummary()
        rest.reordering.lateTimeNs = DelaySummary()
        rest.rtpJitterNs = nil
        rest.intervals = []
        rest.intervalNs = nil
        #expect(rest == slow.figures(), "seed \(seed)")
    }

    private func expect(_ summary: DelaySummary?, holds values: [Int64], _ what: String) {
        guard let summary else {
            Issue.record("no summary: \(what)")
            return
        }
        #expect(summary.count == values.count, "\(what)")
        #expect(summary.min == values.min().map { Int($0) }, "\(what)")
        #expect(summary.max == values.max().map { Int($0) }, "\(what)")
        let sum = values.reduce(0, +)
        #expect(summary.mean == (values.isEmpty ? nil : Double(sum) / Double(values.count)))
        #expect(isClose(summary.stddev, deviation(values), tolerance: 1e-6), "\(what)")
        for (measured, tenThousandths) in [
            (summary.p50, 5_000), (summary.p75, 7_500), (summary.p90, 9_000),
            (summary.p95, 9_500), (summary.p99, 9_900),
            (summary.p999, 9_990), (summary.p9999, 9_999),
        ] {
            expect(
                measured, near: slowPercentile(values, tenThousandths), share: 1.0 / 1024, what)
        }
    }

    private func expect(_ measured: Int?, near exact: Int?, share: Double, _ what: String) {
        guard let measured, let exact else {
            #expect(measured == exact, "\(what)")
            return
        }
        let difference = abs(Double(measured - exact))
        #expect(difference <= abs(Double(exact)) * share, "\(what): \(measured), not \(exact)")
    }

    private func deviation(_ values: [Int64]) -> Double? {
        guard !values.isEmpty else { return nil }
        let count = Double(values.count)
        let mean = values.map { Double($0) }.reduce(0, +) / count
        let squares = values.map { (Double($0) - mean) * (Double($0) - mean) }
        return (squares.reduce(0, +) / count).squareRoot()
    }

    private func expectIntervals(
        _ measured: [IntervalFigures], _ slow: [IntervalFigures], seed: UInt64
    ) {
        #expect(measured.count == slow.count, "seed \(seed)")
        for (measured, slow) in zip(measured, slow) {
            expect(measured.rttP50Ns, near: slow.rttP50Ns, share: 0.008, "p50, seed \(seed)")
            expect(measured.rttP99Ns, near: slow.rttP99Ns, share: 0.008, "p99, seed \(seed)")
            var rest = measured
            rest.rttP50Ns = slow.rttP50Ns
            rest.rttP99Ns = slow.rttP99Ns
            // The slow stream has no lengths and no columns; a column has every arrival once.
            rest.lengthNs = nil
            rest.heat = nil
            if let heat = measured.heat {
                #expect(heat.counts.reduce(0, +) == measured.received, "seed \(seed)")
            }
            #expect(rest == slow, "seed \(seed)")
        }
    }
}
