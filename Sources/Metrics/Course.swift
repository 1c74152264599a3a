/// The course of a figure over the intervals of a stream: steady, drifting, or with one step.
///
/// The rule, in which the noise is 1.4826 × the median distance of the values from what is
/// assumed:
///
/// - **step**: after the value that Pettitt's test (1979) finds, 2 exp(−6K² / (n³ + n²)) ≤ 10⁻⁴,
///   and the medians before and after it differ;
/// - **drift**: Mann and Kendall's test (1945) finds a trend, p ≤ 10⁻⁴, and the line with Theil and
///   Sen's slope (1968) rises or falls;
/// - each by at least four times the noise around it, and by the least change that matters.
///
/// Of both the one from which the values differ less is named; without either the course is
/// steady. All tests are of ranks: an outlier, or a burst of them, is neither a step nor a drift.
package struct Course: Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case steady, drift, step
    }

    package var kind: Kind
    /// The level before the step, at the begin of the drift, or of all values.
    package var before: Double
    /// The level after the step, at the end of the drift, or of all values.
    package var after: Double
    /// The index of the first value after the step.
    package var stepIndex: Int?

    /// The minimum number of values: with fewer no step would pass the test.
    package static let valuesLeast = 30
    private static let noisesLeast = 4.0
    /// ln(2 / 10⁻⁴)
    private static let pettittLimit = 9.903_487_552_536_127
    /// The quantile of the standard normal distribution for 10⁻⁴ on both sides, squared.
    private static let kendallLimit = 15.136_705

    /// Returns the course of values in the order of time; nil for fewer than ``valuesLeast``.
    /// - Parameter leastChange: The smallest change that matters, from the level before.
    package static func of(
        _ values: [Double], leastChange: (_ before: Double) -> Double
    ) -> Course? {
        guard values.count >= valuesLeast else { return nil }
        let found = [step(values), drift(values)].compactMap { $0 }.filter { one in
            let change = (one.course.after - one.course.before).magnitude
            return change > 0 && change >= noisesLeast * one.noise
                && change >= leastChange(one.course.before)
        }
        let level = median(values)
        return found.min { $0.noise < $1.noise }?.course
            ?? Course(kind: .steady, before: level, after: level)
    }

    private static func step(_ values: [Double]) -> (course: Course, noise: Double)? {
        let count = values.count
        let ranks = doubledRanks(values)
        // U = 2 × the sum of the first k ranks − k (n + 1), the ranks of equals being their mean.
        var (sum, greatest, index) = (0, 0, 0)
        for (place, rank) in ranks.dropLast().enumerated() {
            sum += rank - (count + 1)
            if sum.magnitude > greatest { (greatest, index) = (Int(sum.magnitude), place + 1) }
        }
        let (k, n) = (Double(greatest), Double(count))
        guard 6 * k * k >= pettittLimit * (n * n * n + n * n) else { return nil }
        let (before, after) = (median(values[..<index]), median(values[index...]))
        let noise = noise(
            values.indices.map { values[$0] - ($0 < index ? before : after) })
        return (Course(kind: .step, before: before, after: after, stepIndex: index), noise)
    }

    private static func drift(_ values: [Double]) -> (course: Course, noise: Double)? {
        var rises = 0
        var slopes: [Double] = []
        slopes.reserveCapacity(values.count * (values.count - 1) / 2)
        for first in values.indices {
            for second in values.indices[(first + 1)...] {
                let change = values[second] - values[first]
                rises += change > 0 ? 1 : change < 0 ? -1 : 0
                slopes.append(change / Double(second - first))
            }
        }
        let n = Double(values.count)
        let variance = n * (n - 1) * (2 * n + 5) / 18
        let excess = Double(max(0, Int(rises.magnitude) - 1))
        guard excess * excess >= kendallLimit * variance else { return nil }
        let slope = median(slopes)
        let start = median(values.indices.map { values[$0] - slope * Double($0) })
        let noise = noise(values.indices.map { values[$0] - start - slope * Double($0) })
        return (
            Course(kind: .drift, before: start, after: start + slope * (n - 1)), noise
        )
    }

    private static func noise(_ differences: [Double]) -> Double {
        1.4826 * median(differences.map(\.magnitude))
    }

    /// Returns twice the rank of each value, from 1 on.
    private static func doubledRanks(_ values: [Double]) -> [Int] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Int](repeating: 0, count: values.count)
        var first = 0
        while first < order.count {
            var end = first + 1
            while end < order.count, values[order[end]] == values[order[first]] { end += 1 }
            for place in first..<end { ranks[order[place]] = first + 1 + end }
            first = end
        }
        return ranks
    }

    private static func median(_ values: some Collection<Double>) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
