/// A distribution of time differences of either sign, in nanoseconds: IPDV, pacing error.
///
/// Two sets of buckets, for the magnitudes from zero on and those below; exactness as in
/// ``DelayHistogram``, the three digits being those of the magnitude.
package struct SignedDelayHistogram: ~Copyable {
    private let buckets = BucketCounts(setCount: 2)
    private var moments = Moments()
    private var positiveOverflowCount = 0
    private var negativeOverflowCount = 0

    package init() {}

    /// The number of values recorded; adds up the buckets.
    package var count: Int {
        buckets.total(ofSet: 0) + buckets.total(ofSet: 1) + overflowCount
    }

    /// The number of values beyond the range of the buckets, on either side.
    package var overflowCount: Int { positiveOverflowCount + negativeOverflowCount }

    /// Records `copies` ≥ 1 of a difference.
    ///
    /// The sign is computed without a branch, because the sign of a delay variation cannot be
    /// predicted.
    @inline(__always)
    package mutating func record(_ valueNs: Int64, count copies: Int = 1) {
        let magnitude = valueNs.magnitude
        if magnitude < BucketCounts.limit {
            let set = Int(truncatingIfNeeded: UInt64(bitPattern: valueNs) &>> 63)
            buckets.record(magnitude, count: copies, set: set)
        } else if valueNs >= 0 {
            positiveOverflowCount += copies
        } else {
            negativeOverflowCount += copies
        }
        moments.record(valueNs, count: copies)
    }

    package mutating func merge(_ other: borrowing SignedDelayHistogram) {
        buckets.merge(other.buckets)
        moments.merge(other.moments)
        positiveOverflowCount += other.positiveOverflowCount
        negativeOverflowCount += other.negativeOverflowCount
    }

    /// Returns the figures.
    /// - Parameter buckets: The maximum number of buckets; nil for a summary without them.
    package func summary(buckets most: Int? = nil) -> DelaySummary {
        var summary = figures()
        summary.buckets = most.map { most in
            MergedBuckets.buckets(
                below: buckets.filledSlots(ofSet: 1), above: buckets.filledSlots(ofSet: 0),
                overflow: (negativeOverflowCount, positiveOverflowCount),
                greatest: summary.max ?? 0, most: most)
        }
        return summary
    }

    private func figures() -> DelaySummary {
        let negativeInRange = buckets.total(ofSet: 1)
        let negativeCount = negativeInRange + negativeOverflowCount
        let inRange = negativeCount + buckets.total(ofSet: 0)
        guard inRange + positiveOverflowCount > 0 else { return DelaySummary() }
        let above = buckets.distribution(ofSet: 0)
        let below = buckets.distribution(ofSet: 1)
        return DelaySummary(moments, count: inRange + positiveOverflowCount) { rank in
            if rank <= negativeCount {
                // Ascending values are descending magnitudes.
                let magnitudeRank = negativeCount - rank + 1
                guard magnitudeRank <= negativeInRange else { return nil }
                return -Int(below.value(atRank: magnitudeRank))
            }
            return rank <= inRange ? Int(above.value(atRank: rank - negativeCount)) : nil
        }
    }
}

extension SignedDelayHistogram {
    func put(into image: inout StatisticsImage) {
        image.put(count, positiveOverflowCount, negativeOverflowCount)
        buckets.put(into: &image)
        moments.put(into: &image)
    }

    mutating func add(_ reader: inout StatisticsImageReader) throws(StatisticsImage.Fault) {
        let count = try reader.takeCount()
        positiveOverflowCount += try reader.takeCount()
        negativeOverflowCount += try reader.takeCount()
        try buckets.add(&reader)
        try moments.add(&reader, count: count)
    }
}
