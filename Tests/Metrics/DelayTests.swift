import Harness
import Histogram
import Testing

@testable import Metrics

/// Delay distributions: RFC 2330 percentiles, RFC 3393 and 5481 variation, RFC 3550 jitter.
struct DelayTests {
    private func summary(_ values: [Int64]) -> DelaySummary {
        var histogram = SignedDelayHistogram()
        for value in values { histogram.record(value) }
        return histogram.summary()
    }

    /// The smallest x with F(x) ≥ p, by counting.
    private func percentile(_ values: [Int64], tenThousandths: Int) -> Int? {
        values.sorted().first { x in
            values.count { $0 <= x } * 10_000 >= tenThousandths * values.count
        }.map { Int($0) }
    }

    @Test func thePercentilesOfRFC2330AreTheSmallestValuesThatReachThem() {
        let values: [Int64] = [-2, 7, 7, 4, 18, -5]
        #expect(percentile(values, tenThousandths: 2_500) == -2)
        let summary = summary(values)
        #expect(summary.p50 == 4)
        #expect(summary.p90 == 18)
        #expect(summary.max == 18)
        #expect(summary.min == -5)
        #expect(summary.count == 6)
    }

    @Test func percentilesOfSmallCountsAgreeWithCounting() {
        for count in 1...120 {
            var generator = SeededGenerator(seed: UInt64(count))
            let values = (0..<count).map { _ in Int64.random(in: -40...40, using: &generator) }
            let summary = summary(values)
            #expect(summary.p50 == percentile(values, tenThousandths: 5_000), "count \(count)")
            #expect(summary.p90 == percentile(values, tenThousandths: 9_000), "count \(count)")
            #expect(summary.p99 == percentile(values, tenThousandths: 9_900), "count \(count)")
            #expect(summary.p999 == percentile(values, tenThousandths: 9_990), "count \(count)")
            #expect(summary.p9999 == percentile(values, tenThousandths: 9_999), "count \(count)")
        }
    }

    @Test func everyRankIsFoundAtEveryCount() {
        for count in [1, 2, 3, 10, 999, 1_000, 1_001, 2_047] {
            var histogram = Histogram<UInt64>(
                highestTrackableValue: 1 << 20, numberOfSignificantValueDigits: .three)
            for value in 0..<count { histogram.record(UInt64(value)) }
            for rank in 1...count {
                #expect(histogram.value(atRank: rank) == UInt64(rank - 1))
            }
        }
    }

    @Test func ranksOfLargeCountsAreExact() {
        #expect(Percentile.p999.rank(of: 1_000) == 999)
        #expect(Percentile.p9999.rank(of: 10_000) == 9_999)
        #expect(Percentile.p9999.rank(of: 10_001) == 10_000)
        #expect(Percentile.p50.rank(of: 1) == 1)
        #expect(Percentile.p99.rank(of: 1_000_000_000_000_000_000) == 990_000_000_000_000_000)
    }

    @Test func theBucketsAreThoseOfTheHistogram() {
        let histogram = Histogram<UInt64>(
            highestTrackableValue: BucketCounts.limit - 1, numberOfSignificantValueDigits: .three)
        var generator = SeededGenerator(seed: 7)
        var values: [UInt64] = []
        for exponent in 0..<37 {
            let power: UInt64 = 1 << exponent
            values += [power, power - 1, power + 1]
        }
        values += (0..<2_000).map { _ in
            UInt64.random(in: 0..<BucketCounts.limit, using: &generator)
                >> UInt64.random(in: 0..<37, using: &generator)
        }
        for value in values where value < BucketCounts.limit {
            let slot = BucketCounts.slot(of: value)
            #expect(slot < BucketCounts.slotCount)
            #expect(
                BucketCounts.greatestMagnitude(inSlot: slot)
                    == histogram.highestEquivalentForValue(value))
        }
    }

    @Test func largeValuesKeepThreeDigitsAndExactEnds() throws {
        var histogram = DelayHistogram()
        var sum: Int64 = 0
        var generator = SeededGenerator(seed: 11)
        let values = (0..<1_001).map { _ in
            Int64.random(in: 1_000_000...90_000_000_000, using: &generator)
        }
        for value in values {
            histogram.record(value)
            sum += value
        }
        let summary = histogram.summary()
        let sorted = values.sorted()
        #expect(summary.min == Int(sorted[0]))
        #expect(summary.max == Int(sorted[1_000]))
        #expect(summary.mean == Double(sum) / 1_001)
        let median = try #require(summary.p50)
        #expect(abs(Double(median) / Double(sorted[500]) - 1) < 0.001)
    }

    @Test func aSmallSpreadAroundALargeMeanIsNotCancelled() {
        var histogram = DelayHistogram()
        for offset in [-10, 10] { histogram.record(1_000_000_000 + Int64(offset), count: 50_000) }
        #expect(isClose(histogram.summary().stddev, 10))
        #expect(histogram.summary().mean == 1_000_000_000)
    }

    @Test func valuesBeyondTheRangeAreCountedAndNeverPresentedAsAPercentile() {
        var histogram = DelayHistogram()
        histogram.record(5)
        histogram.record(200_000_000_000, count: 3)
        let summary = histogram.summary()
        #expect(histogram.overflowCount == 3)
        #expect(summary.count == 4)
        #expect(summary.min == 5)
        #expect(summary.max == 200_000_000_000)
        #expect(summary.p50 == nil)
        // The last rank is the maximum, which is known.
        #expect(summary.p99 == 200_000_000_000)
        #expect(summary.mean == 150_000_000_001.25)
    }

    @Test func differencesBeyondTheRangeAreCountedOnTheirSide() {
        var histogram = SignedDelayHistogram()
        for value in [-200_000_000_000, -7, -7, 3, 200_000_000_000] as [Int64] {
            histogram.record(value)
        }
        let summary = histogram.summary()
        #expect(histogram.overflowCount == 2)
        #expect(summary.p50 == -7)
        #expect(summary.min == -200_000_000_000)
        #expect(summary.p90 == 200_000_000_000)
    }

    @Test func copiesCountLikeSingleRecords() {
        var together = SignedDelayHistogram()
        var single = SignedDelayHistogram()
        for value in [-3_000, 0, 12_345_678] as [Int64] {
            together.record(value, count: 41)
            for _ in 0..<41 { single.record(value) }
        }
        #expect(together.summary() == single.summary())
    }

    @Test func variationOfTheExampleIsIPDVAndPDV() {
        // D = 20, 10, 20, 25, 20: IPDV −10, 10, 5, −5; PDV 10, 0, 10, 15, 10.
        let delays: [Int64] = [20, 10, 20, 25, 20]
        let figures = figures(delays: delays)
        #expect(figures.ipdvNs.count == 4)
        #expect(figures.ipdvNs.min == -10)
        #expect(figures.ipdvNs.p50 == -5)
        #expect(figures.ipdvNs.mean == 0)
        #expect(figures.ipdvNs.max == 10)
        #expect(figures.pdvNs.count == 5)
        #expect(figures.pdvNs.min == 0)
        #expect(figures.pdvNs.p50 == 10)
        #expect(figures.pdvNs.max == 15)
        #expect(figures.pdvNs.mean == 9)
        #expect(figures.pdvNs.stddev == figures.rttNs?.stddev)
    }

    @Test func variationIsUndefinedNextToALoss() {
        #expect(figures(delays: [20, nil, 20]).ipdvNs == DelaySummary())
    }

    /// Probes 100 ns apart with these delays; nil is lost.
    private func figures(delays: [Int64?]) -> StreamFigures {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 16)
        for (index, delay) in delays.enumerated() {
            let sentNs = Int64(index) * 100
            window.send(atNs: sentNs, into: &statistics)
            guard let delay else { continue }
            _ = window.arrive(
                UInt64(index), stampNs: sentNs, receivedNs: sentNs + delay, into: &statistics)
        }
        window.close(into: &statistics)
        return statistics.summary()
    }

    @Test func jitterFollowsRFC3550() {
        func jitter(_ delays: [Int64]) -> Double {
            var estimator = JitterEstimator()
            for delay in delays { estimator.record(delayNs: delay) }
            return estimator.jitterNs
        }
        #expect(jitter([10, 10, 26]) == 1)
        #expect(isClose(jitter([10, 26, 10]), 1 + (16.0 - 1) / 16))
    }

    @Test func jitterOfARunIsThatOfItsMembers() {
        var run = JitterEstimator()
        var single = JitterEstimator()
        for (delay, count) in [(10, 3), (500, 64), (20, 1), (77, 127)] as [(Int64, Int)] {
            run.record(delayNs: delay, count: count)
            for _ in 0..<count { single.record(delayNs: delay) }
        }
        #expect(isClose(run.jitterNs, single.jitterNs))
        #expect(run.isDefined)
    }
}
