import Harness
import Testing

@testable import Metrics

@Suite("The buckets of a report's histograms")
struct BucketTests {
    /// Values of any magnitude, in clusters as delays have, some beyond the histogram's range.
    private static func values(
        seed: UInt64, count: Int, isSigned: Bool, using generator: inout SeededGenerator
    ) -> [Int64] {
        let clusters = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
            Int64(1) << Int64.random(in: 0...38, using: &generator)
        }
        return (0..<count).map { _ in
            let cluster = clusters.randomElement(using: &generator) ?? 1
            let value = cluster + Int64.random(in: 0...cluster, using: &generator)
            return isSigned && Bool.random(using: &generator) ? -value : value
        }
    }

    /// The ranks of the report's percentiles.
    private static func percentiles(_ summary: DelaySummary) -> [(rank: Int, value: Int?)] {
        let values = [
            summary.p50, summary.p75, summary.p90, summary.p95, summary.p99, summary.p999,
            summary.p9999,
        ]
        return zip(Percentile.allCases, values).map { ($0.rank(of: summary.count), $1) }
    }

    private static func expectSound(_ summary: DelaySummary, most: Int, seed: UInt64) throws {
        let buckets = try #require(summary.buckets)
        #expect(buckets.count <= most, "seed \(seed)")
        #expect(buckets.reduce(0) { $0 + $1.count } == summary.count, "seed \(seed)")
        #expect(buckets.allSatisfy { $0.count > 0 }, "seed \(seed)")
        #expect(buckets.last?.upperNs == summary.max, "seed \(seed)")
        let bounds = buckets.map(\.upperNs)
        #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count, "seed \(seed)")
        #expect(summary.min.map { $0 <= bounds[0] } == true, "seed \(seed)")
        for (rank, value) in percentiles(summary) {
            guard let value else { continue }
            var before = 0
            let place = try #require(
                buckets.firstIndex { bucket in
                    before += bucket.count
                    return before >= rank
                })
            #expect(value <= bounds[place], "seed \(seed)")
            if place > 0 { #expect(value > bounds[place - 1], "seed \(seed)") }
        }
    }

    @Test("every percentile lies in the bucket in which its rank is, and the counts add up")
    func percentilesFollow() throws {
        for seed in UInt64(1)...60 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 1...3_000, using: &generator)
            let most = [400, 100, 90].randomElement(using: &generator) ?? 400
            var plain = DelayHistogram()
            for value in Self.values(
                seed: seed, count: count, isSigned: false, using: &generator)
            { plain.record(value) }
            try Self.expectSound(plain.summary(buckets: most), most: most, seed: seed)
            var signed = SignedDelayHistogram()
            for value in Self.values(seed: seed, count: count, isSigned: true, using: &generator) {
                signed.record(value)
            }
            try Self.expectSound(signed.summary(buckets: most), most: most, seed: seed)
        }
    }

    @Test("the buckets of several threads are those of one")
    func merged() {
        for seed in UInt64(1)...20 {
            var generator = SeededGenerator(seed: seed)
            var whole = DelayHistogram()
            var one = DelayHistogram()
            var other = DelayHistogram()
            for value in Self.values(seed: seed, count: 500, isSigned: false, using: &generator) {
                whole.record(value)
                if Bool.random(using: &generator) { one.record(value) } else { other.record(value) }
            }
            one.merge(other)
            #expect(
                one.summary(buckets: 400).buckets == whole.summary(buckets: 400).buckets,
                "seed \(seed)")
        }
    }

    @Test func aBucketHasTwoSignificantDigits() throws {
        var histogram = DelayHistogram()
        for value in stride(from: Int64(1_000), to: 30_000, by: 7) { histogram.record(value) }
        let bounds = try #require(histogram.summary(buckets: 400).buckets).map(\.upperNs)
        for (bound, next) in zip(bounds, bounds.dropFirst()) {
            #expect(Double(next - bound) <= 0.02 * Double(next))
        }
    }

    @Test func anEmptyHistogramHasNoBuckets() {
        #expect(DelayHistogram().summary(buckets: 400).buckets == [])
        #expect(DelayHistogram().summary().buckets == nil)
        #expect(SignedDelayHistogram().summary(buckets: 400).buckets == [])
    }

    @Test func mergedNeighboursKeepTheirSumAndTheLastBound() {
        let buckets = (1...37).map { DelayBucket(upperNs: $0 * 10, count: $0) }
        for most in [1, 8, 36, 37, 400] {
            let merged = buckets.merged(to: most)
            #expect(merged.count <= most)
            #expect(merged.reduce(0) { $0 + $1.count } == 37 * 38 / 2)
            #expect(merged.last?.upperNs == 370)
        }
    }

    @Test func aBinOfTheHeatMapBeginsWhereTheOneBeforeEnds() {
        for bin in 0..<DelayColumn.binCount {
            let (low, high) = (
                DelayColumn.lowerNs(ofBin: bin), DelayColumn.lowerNs(ofBin: bin + 1)
            )
            #expect(low < high)
            #expect(DelayColumn.bin(of: low) == bin && DelayColumn.bin(of: high - 1) == bin)
        }
        #expect(DelayColumn.lowerNs(ofBin: DelayColumn.binCount) == 1 << 37)
        #expect(DelayColumn.bin(of: .max) == DelayColumn.binCount - 1)
    }

    @Test func columnsAreJoinedBinByBin() {
        let one = DelayColumn(first: 10, counts: [1, 0, 2])
        let other = DelayColumn(first: 8, counts: [5, 0, 0, 7])
        let joined = DelayColumn(first: 8, counts: [5, 0, 1, 7, 2])
        #expect(one.joined(with: other) == joined && other.joined(with: one) == joined)
        #expect(one.joined(with: DelayColumn()) == one && DelayColumn().joined(with: one) == one)
    }
}
