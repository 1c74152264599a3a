/// A distribution of non-negative times in nanoseconds.
///
/// Count, minimum, maximum, mean and standard deviation are exact; percentiles have three digits up
/// to 2^37 ns (137 s). Greater values are counted, and included in the exact figures. Fixed memory
/// (224 KiB); recording allocates nothing.
package struct DelayHistogram: ~Copyable {
    private let buckets = BucketCounts()
    private var moments = Moments()
    /// The number of values beyond the range of the buckets.
    package private(set) var overflowCount = 0

    package init() {}

    /// The number of values recorded; adds up the buckets.
    package var count: Int { buckets.total() + overflowCount }

    /// Records `copies` ≥ 1 of a time of 0 ns or more.
    @inline(__always)
    package mutating func record(_ valueNs: Int64, count copies: Int = 1) {
        precondition(valueNs >= 0, "a delay is never negative")
        let magnitude = UInt64(truncatingIfNeeded: valueNs)
        if magnitude < BucketCounts.limit {
            buckets.record(magnitude, count: copies)
        } else {
            overflowCount += copies
        }
        moments.record(valueNs, count: copies)
    }

    /// Records a run: exactly in every moment, in the buckets with its greatest delay.
    @inline(__always)
    mutating func record(_ run: DelayRun) {
        record(run.greatestNs, count: run.count)
        if run.stepNs != 0, run.count > 1 { moments.spread(run) }
    }

    package mutating func merge(_ other: borrowing DelayHistogram) {
        buckets.merge(other.buckets)
        moments.merge(other.moments)
        overflowCount += other.overflowCount
    }

    /// Returns the figures.
    /// - Parameter buckets: The maximum number of buckets; nil for a summary without them.
    package func summary(buckets most: Int? = nil) -> DelaySummary {
        var summary = figures()
        summary.buckets = most.map { most in
            MergedBuckets.buckets(
                above: buckets.filledSlots(), overflow: (0, overflowCount),
                greatest: summary.max ?? 0, most: most)
        }
        return summary
    }

    private func figures() -> DelaySummary {
        let inRange = buckets.total()
        guard inRange + overflowCount > 0 else { return DelaySummary() }
        let distribution = buckets.distribution()
        return DelaySummary(moments, count: inRange + overflowCount) { rank in
            rank <= inRange ? Int(distribution.value(atRank: rank)) : nil
        }
    }
}

extension DelaySummary {
    /// Summarises a distribution whose `rank`-th smallest value is known to three digits, or
    /// unknown (nil) because it lies beyond the range.
    init(_ moments: Moments, count: Int, value: (_ rank: Int) -> Int?) {
        self.count = count
        guard count > 0 else { return }
        let least = Int(moments.least)
        let greatest = Int(moments.greatest)
        func percentile(_ percentile: Percentile) -> Int? {
            let rank = percentile.rank(of: count)
            if rank == count { return greatest }
            return value(rank).map { Swift.min(Swift.max($0, least), greatest) }
        }
        min = least
        mean = moments.mean(of: count)
        p50 = percentile(.p50)
        p75 = percentile(.p75)
        p90 = percentile(.p90)
        p95 = percentile(.p95)
        p99 = percentile(.p99)
        p999 = percentile(.p999)
        p9999 = percentile(.p9999)
        max = greatest
        stddev = moments.standardDeviation(of: count)
    }

    /// Returns the summary of the same values minus their minimum: PDV of RFC 5481 §4.2, whose
    /// distribution is the delay's, shifted.
    func shiftedToMinimum() -> DelaySummary {
        var shifted = self
        shifted.buckets = nil
        guard let least = min else { return shifted }
        shifted.min = 0
        shifted.mean = mean.map { $0 - Double(least) }
        shifted.p50 = p50.map { $0 - least }
        shifted.p75 = p75.map { $0 - least }
        shifted.p90 = p90.map { $0 - least }
        shifted.p95 = p95.map { $0 - least }
        shifted.p99 = p99.map { $0 - least }
        shifted.p999 = p999.map { $0 - least }
        shifted.p9999 = p9999.map { $0 - least }
        shifted.max = max.map { $0 - least }
        return shifted
    }
}

extension DelayHistogram {
    func put(into image: inout StatisticsImage) {
        image.put(count, overflowCount)
        buckets.put(into: &image)
        moments.put(into: &image)
    }

    /// Adds another host's delays; none of them is below zero when it is corrected.
    /// - Parameter tooLongNs: By how much each was recorded too long.
    mutating func add(
        _ reader: inout StatisticsImageReader, tooLongNs: Int64 = 0
    ) throws(StatisticsImage.Fault) {
        let count = try reader.takeCount()
        overflowCount += try reader.takeCount()
        try buckets.add(&reader, tooLongNs: tooLongNs)
        try moments.add(&reader, count: count, tooLong: tooLongNs)
    }
}
