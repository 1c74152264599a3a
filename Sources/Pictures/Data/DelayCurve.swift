import Metrics
import Reports

/// The percentiles of one distribution as a curve over 1/(1 − p): 10 is the 90th percentile, 100
/// the 99th. The last point is the maximum.
struct DelayCurve: Sendable, Equatable {
    /// The values of 1/(1 − p) at which curves are drawn and compared: eight per decade.
    static let grid = (0...40).map { powerOfTen(Double($0) / 8) }

    /// The points, in ascending order of both.
    let points: [(inverse: Double, ns: Double)]

    /// Makes the curve of a distribution: from its buckets, or without them from the percentiles
    /// that the report names. Nil for an empty distribution.
    init?(_ summary: DelaySummary) {
        guard summary.count > 0, let least = summary.min, let greatest = summary.max,
            least <= greatest
        else { return nil }
        let count = Double(summary.count)
        let named = Self.named(summary).filter { $0.inverse < count }
        var points = named
        if let buckets = summary.buckets, !buckets.isEmpty {
            let fine = Self.fine(buckets, summary.count, within: least...greatest)
            // The percentiles of the report are exact where buckets are merged.
            points += fine.filter { point in
                !named.contains { abs($0.inverse / point.inverse - 1) < 0.05 }
            }
        }
        points.append((1, Double(least)))
        points.append((max(count, 1.001), Double(greatest)))
        points.sort { $0.inverse < $1.inverse }
        // The end of a bucket may lie above the percentile that follows.
        for index in points.indices.dropLast().reversed() {
            points[index].ns = min(points[index].ns, points[index + 1].ns)
        }
        self.points = points
    }

    static func == (one: DelayCurve, other: DelayCurve) -> Bool {
        one.points.elementsEqual(other.points) { $0 == $1 }
    }

    /// Returns the value at 1/(1 − p), between the points on a logarithmic axis; nil beyond the
    /// last point.
    func value(at inverse: Double) -> Double? {
        guard let last = points.last, inverse <= last.inverse * 1.000_001 else { return nil }
        guard let above = points.firstIndex(where: { $0.inverse >= inverse * 0.999_999 }) else {
            return last.ns
        }
        guard above > 0 else { return points[0].ns }
        let (low, high) = (points[above - 1], points[above])
        let span = logarithm(high.inverse / low.inverse)
        let share = span > 0 ? logarithm(inverse / low.inverse) / span : 1
        return low.ns + (high.ns - low.ns) * min(1, max(0, share))
    }

    private static func named(_ summary: DelaySummary) -> [(inverse: Double, ns: Double)] {
        let named: [(Double, Int?)] = [
            (2, summary.p50), (4, summary.p75), (10, summary.p90), (20, summary.p95),
            (100, summary.p99), (1_000, summary.p999), (10_000, summary.p9999),
        ]
        return named.compactMap { inverse, value in value.map { (inverse, Double($0)) } }
    }

    private static func fine(
        _ buckets: [DelayBucket], _ count: Int, within range: ClosedRange<Int>
    ) -> [(inverse: Double, ns: Double)] {
        var points: [(inverse: Double, ns: Double)] = []
        var (index, sum) = (0, buckets[0].count)
        for inverse in grid where inverse < Double(count) {
            let rank = Double(count) * (1 - 1 / inverse)
            while Double(sum) < rank, index + 1 < buckets.count {
                index += 1
                sum = [sum, buckets[index].count].clampedSum
            }
            let value = min(max(buckets[index].upperNs, range.lowerBound), range.upperBound)
            points.append((inverse, Double(value)))
        }
        return points
    }
}
