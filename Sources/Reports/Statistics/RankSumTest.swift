import Glibc

/// A test whether two samples of runs differ, by their ranks alone (Mann and Whitney 1947).
///
/// The runs are taken as two samples and not as pairs of a repeat, although runs interleave. The
/// smallest p that n pairs can give is 2 / 2ⁿ, that of two samples of n is 2 / C(2n, n): 0.0625 and
/// 0.0079 for five repeats, so that pairs would need twice the runs for any answer. The purpose of
/// interleaving, that a drift of the machine affects both sides alike, is fulfilled without pairs:
/// a drift then widens both samples, which makes the test more conservative and never less.
package struct RankSumTest: Sendable, Equatable {
    /// The maximum number of values for the exact distribution; for more values it is the normal
    /// one with the correction for ties and continuity (Hollander and Wolfe, Nonparametric
    /// Statistical Methods, §4.1).
    package static let exactValuesMax = 50

    /// The two-sided p-value: twice the smaller tail.
    package let p: Double
    /// The least p that any division of these values could give: 1 if all are equal. A test that
    /// cannot reject needs no correction (Tarone 1990).
    package let pLeast: Double
    /// Cliff's δ: the share of the pairs in which b is larger, minus the share in which it is
    /// smaller; −1…1.
    package let delta: Double

    /// Tests two samples; nil if one is empty.
    package init?(_ a: [Double], _ b: [Double]) {
        guard !a.isEmpty, !b.isEmpty else { return nil }
        let ranks = Self.doubledRanks(a + b)
        let sum = ranks.prefix(a.count).reduce(0, +)
        if ranks.count <= Self.exactValuesMax {
            let distribution = RankSumDistribution(ranks: ranks, choosing: a.count)
            p = Self.twoSided(distribution.atMost(sum), distribution.atLeast(sum))
            pLeast = Self.twoSided(
                distribution.atMost(distribution.least),
                distribution.atLeast(distribution.largest))
        } else {
            let normal = NormalRankSum(ranks: ranks, count: a.count)
            p = normal.p(sum)
            pLeast = normal.p(ranks.sorted().prefix(a.count).reduce(0, +))
        }
        // The mean of b's rank among all, against that of a: U without the pairs.
        let pairs = a.count * b.count
        let above = sum - a.count * (a.count + 1)  // Twice Mann and Whitney's U of a.
        delta = 1 - Double(above) / Double(pairs)
    }

    private static func twoSided(_ lower: Double, _ upper: Double) -> Double {
        min(1, 2 * min(lower, upper))
    }

    /// Returns twice the rank of each value, the smallest being 1; equal values share their mean
    /// rank.
    static func doubledRanks(_ values: [Double]) -> [Int] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Int](repeating: 0, count: values.count)
        var first = 0
        while first < order.count {
            var last = first
            while last + 1 < order.count, values[order[last + 1]] == values[order[first]] {
                last += 1
            }
            for place in first...last { ranks[order[place]] = first + last + 2 }
            first = last + 1
        }
        return ranks
    }

    /// Returns the least p that samples of these sizes can give: 2 / C(a + b, a).
    package static func pLeast(_ a: Int, _ b: Int) -> Double {
        var ways = 1.0
        for index in 0..<min(a, b) { ways *= Double(a + b - index) / Double(index + 1) }
        return min(1, 2 / ways)
    }

    /// Returns the number of runs per side from which a test can reject at a level above 0.
    package static func runsNeeded(level: Double) -> Int {
        precondition(level > 0, "no number of runs rejects at level 0")
        var runs = 1
        while pLeast(runs, runs) > level { runs += 1 }
        return runs
    }
}

/// The normal approximation of a sum of doubled ranks.
private struct NormalRankSum {
    private let mean: Double
    private let deviation: Double

    init(ranks: [Int], count: Int) {
        let all = Double(ranks.count)
        let (a, b) = (Double(count), all - Double(count))
        var ties = 0.0
        for group in Dictionary(grouping: ranks, by: { $0 }).values {
            let size = Double(group.count)
            ties += size * size * size - size
        }
        mean = a * (all + 1)
        let variance = a * b / 12 * (all + 1 - ties / (all * (all - 1)))
        deviation = 2 * max(0, variance).squareRoot()
    }

    /// Returns the p-value of a sum; half a rank is 1 here.
    func p(_ sum: Int) -> Double {
        guard deviation > 0 else { return 1 }
        let distance = max(0, abs(Double(sum) - mean) - 1) / deviation
        return min(1, erfc(distance / 2.0.squareRoot()))
    }
}
