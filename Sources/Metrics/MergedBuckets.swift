/// The filled slots of a histogram, merged into the buckets of a report.
///
/// An octave of magnitudes has 64 buckets (values to 1.6 %, two significant digits), or half as
/// many, a quarter and so on where more would be filled than are wanted. The buckets are unions of
/// whole slots, so that each percentile of the histogram lies in the bucket in which its rank is.
enum MergedBuckets {
    /// The binary digits within an octave.
    private static let finestBits = 6

    /// Returns the buckets of values of both signs in ascending order.
    /// - Parameters:
    ///   - slots: The filled slots by their greatest magnitude, ascending, of the values below zero
    ///     and of the others.
    ///   - overflow: The numbers of values beyond the range on both sides.
    ///   - greatest: The greatest value.
    ///   - most: The wanted maximum; with a bucket an octave there may be more.
    static func buckets(
        below: [(magnitude: UInt64, count: Int)] = [], above: [(magnitude: UInt64, count: Int)],
        overflow: (below: Int, above: Int), greatest: Int, most: Int
    ) -> [DelayBucket] {
        var bits = finestBits
        let outside = (overflow.below > 0 ? 1 : 0) + (overflow.above > 0 ? 1 : 0)
        while bits > 0, filled(below, bits) + filled(above, bits) + outside > most { bits -= 1 }
        var buckets: [DelayBucket] = []
        func add(_ upperNs: Int, _ count: Int) {
            guard count > 0 else { return }
            if let last = buckets.last, last.upperNs == upperNs {
                buckets[buckets.count - 1].count += count
            } else {
                buckets.append(DelayBucket(upperNs: upperNs, count: count))
            }
        }
        add(-Int(BucketCounts.limit), overflow.below)
        for slot in below.reversed() {
            add(-Int(least(in: index(of: slot.magnitude, bits), bits)), slot.count)
        }
        for slot in above {
            add(Int(least(in: index(of: slot.magnitude, bits) + 1, bits)) - 1, slot.count)
        }
        // The last bucket ends with the greatest value, as far as the buckets reach.
        if let last = buckets.last, last.upperNs > greatest {
            buckets[buckets.count - 1].upperNs = greatest
        }
        add(greatest, overflow.above)
        return buckets
    }

    private static func filled(_ slots: [(magnitude: UInt64, count: Int)], _ bits: Int) -> Int {
        var (count, last) = (0, -1)
        for slot in slots {
            let index = index(of: slot.magnitude, bits)
            if index != last { count += 1 }
            last = index
        }
        return count
    }

    /// Returns the bucket of a magnitude: those below 2^(bits + 1) have one each, and those above
    /// 2^bits an octave.
    private static func index(of magnitude: UInt64, _ bits: Int) -> Int {
        let shift = 63 - bits - (magnitude | ((2 << UInt64(bits)) - 1)).leadingZeroBitCount
        return (shift << bits) + Int(magnitude >> UInt64(shift))
    }

    /// Returns the least magnitude of a bucket.
    private static func least(in index: Int, _ bits: Int) -> UInt64 {
        guard index >= 2 << bits else { return UInt64(index) }
        let shift = index >> bits - 1
        return UInt64(index - shift << bits) << UInt64(shift)
    }
}

extension [DelayBucket] {
    /// Returns at most `most` buckets: neighbours are merged, again and again.
    package func merged(to most: Int) -> [DelayBucket] {
        precondition(most > 0, "room for a bucket")
        var buckets = self
        while buckets.count > most {
            buckets = stride(from: 0, to: buckets.count, by: 2).map { index in
                guard index + 1 < buckets.count else { return buckets[index] }
                return DelayBucket(
                    upperNs: buckets[index + 1].upperNs,
                    count: buckets[index].count + buckets[index + 1].count)
            }
        }
        return buckets
    }
}
