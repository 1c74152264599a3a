/// Corrects the p-values of the comparisons of one table, so that few of the winners that it names
/// are none: the false discovery rate of Benjamini and Hochberg (1995).
///
/// The primary figures are tested first, and corrected only among themselves. The other figures are
/// corrected together, at what the primary figures leave of the level: all of it if one of them has
/// a winner, or if none of them could have one, and otherwise the rest (the fallback procedure of
/// Wiens 2003). So a table of equal networks names a winner with a probability below the level.
///
/// Tests that could not reject whatever the division of their values, such as a figure that is the
/// same in every run, are in no group and cost nothing (Tarone 1990).
package struct Family: Sendable, Equatable {
    /// The false discovery rate of a whole table.
    package static let level = 0.05
    /// The level of the primary figures: two differences among three pairs of four runs are found.
    package static let primaryLevel = 0.043

    /// A test of the family.
    package struct Test: Sendable {
        package let p: Double
        /// The least p that any division of the values could give.
        package let pLeast: Double
        package let isPrimary: Bool

        package init(p: Double, pLeast: Double, isPrimary: Bool = false) {
            self.p = p
            self.pLeast = pLeast
            self.isPrimary = isPrimary
        }
    }

    /// The tests that are corrected together.
    package struct Group: Sendable, Equatable {
        /// The number of tests that the correction counts.
        package let size: Int
        /// The number of tests that it would count with more runs.
        package let asked: Int
        package let level: Double

        /// Returns the number of runs per side from which a difference is found that shows in
        /// `alike` of the tests.
        package func runsNeeded(alike: Int) -> Int {
            RankSumTest.runsNeeded(level: bound(alike: alike, of: asked))
        }

        /// Returns the greatest p-value of `alike` equal ones that the correction accepts.
        package func bound(alike: Int) -> Double { bound(alike: alike, of: size) }

        private func bound(alike: Int, of size: Int) -> Double {
            level * Double(min(alike, max(1, size))) / Double(max(1, size))
        }
    }

    /// The adjusted p-value of each test, in their order: significant if at most ``level``.
    package let adjusted: [Double]
    package let primary: Group
    package let others: Group

    package init(_ tests: [Test]) {
        var adjusted = tests.map { min(1, max($0.p, $0.pLeast) * Double(max(1, tests.count))) }
        func indices(_ isPrimary: Bool) -> [Int] {
            tests.indices.filter {
                tests[$0].isPrimary == isPrimary && tests[$0].pLeast <= Self.level
            }
        }
        func correct(_ indices: [Int], at level: Double) {
            let corrected = Self.corrected(indices.map { tests[$0].p })
            for (index, p) in zip(indices, corrected) {
                adjusted[index] = min(1, p * Self.level / level)
            }
        }
        let (first, second) = (indices(true), indices(false))
        correct(first, at: Self.primaryLevel)
        let leavesAll = first.isEmpty || first.contains { adjusted[$0] <= Self.level }
        func asked(_ isPrimary: Bool) -> Int {
            tests.count { $0.isPrimary == isPrimary && $0.pLeast < 1 }
        }
        primary = Group(size: first.count, asked: asked(true), level: Self.primaryLevel)
        others = Group(
            size: second.count, asked: asked(false),
            level: leavesAll ? Self.level : Self.level - Self.primaryLevel)
        correct(second, at: others.level)
        self.adjusted = adjusted
    }

    /// Returns the p-values after the step-up correction: the least p · n / rank of all at least as
    /// large.
    static func corrected(_ values: [Double]) -> [Double] {
        var corrected = values
        var least = 1.0
        let descending = values.indices.sorted { values[$0] > values[$1] }
        for (step, index) in descending.enumerated() {
            let rank = values.count - step
            least = min(least, values[index] * Double(values.count) / Double(rank))
            corrected[index] = least
        }
        return corrected
    }
}
