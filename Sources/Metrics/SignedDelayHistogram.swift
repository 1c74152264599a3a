/// A distribution of time differences of either sign, in nanoseconds: IPDV, pacing error.
///
/// Two sets of buckets, for the magnitudes below zero and from zero on; exactness as in
/// ``DelayHistogram``, the three digits being those of the magnitude.
package struct SignedDelayHistogram: ~Copyable {
    private let negative = BucketCounts()
    private let positive = BucketCounts()
    private var moments = Moments()
    private var negativeCount = 0
    private var negativeOverflowCount = 0
    private var positiveOverflowCount = 0

    package init() {}

    package var count: Int { moments.count }
    /// Values beyond the range of the buckets, on either side.
    package var overflowCount: Int { negativeOverflowCount + positiveOverflowCount }

    /// Records `copies` (1 … 2^26) of a difference.
    @inline(__always)
    package mutating func record(_ valueNs: Int64, count copies: Int = 1) {
        let magnitude = valueNs.magnitude
        guard magnitude < BucketCounts.limit else {
            recordOverflow(valueNs, count: copies)
            return
        }
        if valueNs >= 0 {
            positive.record(magnitude, count: copies)
        } else {
            negative.record(magnitude, count: copies)
            negativeCount &+= copies
        }
        moments.recordSmall(valueNs, count: copies)
    }

    private mutating func recordOverflow(_ valueNs: Int64, count copies: Int) {
        if valueNs >= 0 {
            positiveOverflowCount += copies
        } else {
            negativeOverflowCount += copies
            negativeCount += copies
        }
        moments.recordAny(valueNs, count: copies)
    }

    package mutating func merge(_ other: borrowing SignedDelayHistogram) {
        negative.merge(other.negative)
        positive.merge(other.positive)
        moments.merge(other.moments)
        negativeCount += other.negativeCount
        negativeOverflowCount += other.negativeOverflowCount
        positiveOverflowCount += other.positiveOverflowCount
    }

    package func summary() -> DelaySummary {
        guard moments.count > 0 else { return DelaySummary() }
        let below = negative.distribution()
        let above = positive.distribution()
        let inRange = moments.count - positiveOverflowCount
        return DelaySummary(moments) { rank in
            if rank <= negativeCount {
                // Ascending values are descending magnitudes.
                let magnitudeRank = negativeCount - rank + 1
                guard magnitudeRank <= negativeCount - negativeOverflowCount else { return nil }
                return -Int(below.value(atRank: magnitudeRank))
            }
            return rank <= inRange ? Int(above.value(atRank: rank - negativeCount)) : nil
        }
    }
}
