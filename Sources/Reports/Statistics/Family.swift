/// Corrects the p-values of many comparisons: the probability that any of them names a winner where
/// there is none stays below the level.
///
/// The correction is Holm's step-down procedure (1979), over only those tests that could reject at
/// all (Tarone 1990): figures that are the same in every run, such as no duplicates anywhere, cost
/// nothing.
package struct Family: Sendable, Equatable {
    /// The family-wise error rate of a whole report.
    package static let level = 0.05

    /// The adjusted p-value of each test, in their order: significant if at most the level.
    package let adjusted: [Double]
    /// The number of tests that the correction counts.
    package let size: Int

    package init(_ tests: [(p: Double, pLeast: Double)], level: Double = level) {
        var size = tests.isEmpty ? 0 : 1
        while tests.count(where: { $0.pLeast * Double(size) <= level }) > size { size += 1 }
        self.size = size
        // A test that cannot reject at this size does not reject: its p is far above the level.
        var adjusted = tests.map { min(1, $0.p * Double(size)) }
        let order = tests.indices
            .filter { tests[$0].pLeast * Double(size) <= level }
            .sorted { tests[$0].p < tests[$1].p }
        var highest = 0.0
        for (step, index) in order.enumerated() {
            highest = max(highest, min(1, tests[index].p * Double(size - step)))
            adjusted[index] = highest
        }
        self.adjusted = adjusted
    }
}
