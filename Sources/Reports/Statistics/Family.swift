/// Many comparisons asked at once: the chance that any of them names a winner where there is none
/// stays below the level.
///
/// Holm's step-down procedure (1979), over those tests alone that could reject at all (Tarone
/// 1990): figures that are the same in every run, such as no duplicates anywhere, cost nothing.
package struct Family: Sendable, Equatable {
    /// The chance of one false winner, or more, in a whole report.
    package static let level = 0.05

    /// Per test, in their order: significant when at most the level.
    package let adjusted: [Double]
    /// How many tests had to be paid for.
    package let size: Int

    package init(_ tests: [(p: Double, pLeast: Double)], level: Double = level) {
        var size = tests.isEmpty ? 0 : 1
        while tests.count(where: { $0.pLeast * Double(size) <= level }) > size { size += 1 }
        self.size = size
        // What cannot reject at this size does not: its p is far above.
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
