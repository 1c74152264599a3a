/// The distribution of a rank sum under the null hypothesis that the pooled values are divided at
/// random: the permutation distribution of Mann and Whitney, ties included.
///
/// The distribution is exact: it counts the ways to choose `count` of the ranks, by their sum. The
/// count takes O(ranks · count · largest sum) steps; ``RankSumTest/exactValuesMax`` bounds them.
struct RankSumDistribution {
    /// The number of ways by sum; whole numbers, exact in a `Double` up to 2^53.
    private let ways: [Double]
    private let total: Double

    /// Counts the ways.
    /// - Parameters:
    ///   - ranks: the ranks of all pooled values; doubled where ties share a rank, so that they are
    ///     whole.
    ///   - count: the size of the sample.
    init(ranks: [Int], choosing count: Int) {
        precondition(count > 0 && count <= ranks.count, "a sample of nothing has no ranks")
        let sumMax = ranks.sorted(by: >).prefix(count).reduce(0, +)
        let none = [Double](repeating: 0, count: sumMax + 1)
        var ways = [[Double]](repeating: none, count: count + 1)
        ways[0][0] = 1
        for rank in ranks {
            for taken in stride(from: count, to: 0, by: -1) {
                for sum in rank...max(rank, sumMax) where sum <= sumMax {
                    let before = ways[taken - 1][sum - rank]
                    if before > 0 { ways[taken][sum] += before }
                }
            }
        }
        self.ways = ways[count]
        total = ways[count].reduce(0, +)
    }

    /// Returns P(sum ≤ `sum`).
    func atMost(_ sum: Int) -> Double {
        guard sum >= 0 else { return 0 }
        return ways.prefix(sum + 1).reduce(0, +) / total
    }

    /// Returns P(sum ≥ `sum`).
    func atLeast(_ sum: Int) -> Double {
        ways.dropFirst(max(0, sum)).reduce(0, +) / total
    }

    var least: Int { ways.firstIndex { $0 > 0 } ?? 0 }
    var largest: Int { ways.lastIndex { $0 > 0 } ?? 0 }
}
