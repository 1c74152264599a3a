import Harness
import Testing

@testable import Reports

/// Against worked examples of books and of other programs.
@Suite("The statistics of runs")
struct StatisticsTests {
    /// Hollander and Wolfe, example 4.1 (and R's `?wilcox.test`): permeability of the human
    /// chorioamnion, at term and at 12 to 26 weeks. R 4.3: W = 35, p = 0.2544; the interval of
    /// 95 % is −0.76…0.15, the estimate −0.305.
    private let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    private let early = [1.15, 0.88, 0.90, 0.74, 1.21]

    private func isClose(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-12) -> Bool {
        a.map { abs($0 - b) <= tolerance } ?? false
    }

    @Test func theTestGivesThePublishedP() throws {
        let test = try #require(RankSumTest(term, early))
        // scipy 1.17.1, mannwhitneyu(method="exact").
        #expect(isClose(test.p, 0.254_412_254_412_254_4))
        // U = 35 of 50 pairs: δ of a above b is 0.4.
        #expect(isClose(test.delta, -0.4))
    }

    @Test func theTestGivesTheExampleOfSciPysManual() throws {
        let test = try #require(RankSumTest([19, 22, 16, 29, 24], [20, 11, 17, 12]))
        #expect(isClose(test.p, 1.0 / 9))
    }

    /// Counted by hand over all divisions of the pooled values, in Python.
    @Test(
        arguments: [
            ([0, 0, 0, 0, 1], [0, 0, 1, 2, 2], 0.285_714_285_714_285_7, 0.047_619_047_619_047_62),
            ([1, 2, 2, 3], [2, 3, 4, 4, 5], 0.111_111_111_111_111_1, 0.015_873_015_873_015_87),
            ([0, 0, 0, 0, 0], [0, 0, 0, 0, 1], 1, 1), ([1, 1, 1], [1, 1, 1], 1, 1),
            ([5, 5, 6], [1, 2, 2, 2], 0.057_142_857_142_857_14, 0.057_142_857_142_857_14),
        ] as [([Double], [Double], Double, Double)])
    func tiesShareTheirRanks(a: [Double], b: [Double], p: Double, pLeast: Double) throws {
        let test = try #require(RankSumTest(a, b))
        #expect(isClose(test.p, p))
        #expect(isClose(test.pLeast, pLeast))
    }

    @Test func manyRunsGiveTheNormalP() throws {
        let a = (1...40).map { Double($0) }
        let b = (1...36).map { Double($0) + 7.5 }
        // scipy 1.17.1, mannwhitneyu(method="asymptotic").
        #expect(isClose(RankSumTest(a, b)?.p, 0.046_349_190_228_172_17, 1e-9))
        #expect(isClose(RankSumTest(a, a)?.p, 1))
        let equal = [Double](repeating: 3, count: 40)
        #expect(RankSumTest(equal, equal)?.p == 1)
    }

    @Test func noSampleHasNoTest() {
        #expect(RankSumTest([], [1]) == nil)
        #expect(RankSumTest([1], []) == nil)
    }

    @Test func swappingTheSidesTurnsTheSignAndNothingElse() throws {
        let (there, back) = (RankSumTest(term, early), RankSumTest(early, term))
        #expect(isClose(there?.p, back?.p ?? -1))
        #expect(isClose(there?.delta, -(back?.delta ?? 0)))
        #expect(isClose(there?.pLeast, back?.pLeast ?? -1))
    }

    @Test func theLeastPIsThatOfTheNumberOfDivisions() {
        #expect(isClose(RankSumTest.pLeast(3, 3), 0.1))
        #expect(isClose(RankSumTest.pLeast(5, 5), 2.0 / 252))
        #expect(RankSumTest.pLeast(1, 1) == 1)
        #expect(RankSumTest.runsNeeded(level: 0.05) == 4)
        #expect(RankSumTest.runsNeeded(level: 0.05 / 6) == 5)
        #expect(RankSumTest.runsNeeded(level: 0.05 / 60) == 7)
    }

    @Test func theShiftIsThatOfHodgesAndLehmann() throws {
        let shift = try #require(Shift.difference(term, early))
        #expect(isClose(shift.estimate, -0.305))
        let interval = try #require(shift.interval)
        #expect(isClose(interval.low, -0.76))
        #expect(isClose(interval.high, 0.15))
        #expect(interval.confidence >= 0.95)
        #expect(interval.confidence < 0.98)
    }

    @Test func aShareOfNothingIsNoNumber() {
        #expect(Shift.relative([1, 0], [1, 2]) == nil)
        #expect(isClose(Shift.relative([100, 100], [110, 110])?.estimate, 0.1))
        #expect(Shift.difference([], [1]) == nil)
        #expect(Shift.difference([1], [3])?.interval == nil)
        #expect(Shift.difference([1], [3])?.estimate == 2)
    }

    @Test(arguments: [(3, 0.9), (4, 0.971_428_571_428_571_4), (5, 0.968_253_968_253_968_3)])
    func anIntervalSaysWhatItsRunsAllow(runs: Int, confidence: Double) throws {
        let ranks = try #require(RankInterval(runs, runs))
        #expect(isClose(ranks.confidence, confidence))
    }

    /// Hollander and Wolfe, table A.4 for the sign test: n = 10 has 2 P(B ≤ 1) = 0.0215.
    @Test func theMediansIntervalIsThatOfTheSignTest() throws {
        let ten = try #require(ConfidenceInterval.median((1...10).map { Double($0) }))
        #expect(ten.low == 2)
        #expect(ten.high == 9)
        #expect(isClose(ten.confidence, 1 - 2 * 11.0 / 1_024))
        let five = try #require(ConfidenceInterval.median([5, 3, 1, 2, 4]))
        #expect(five == ConfidenceInterval(low: 1, high: 5, confidence: 0.9375))
        #expect(ConfidenceInterval.median([1]) == nil)
        let many = try #require(ConfidenceInterval.median((1...2_000).map { Double($0) }))
        #expect(many.low == 956)
        #expect(many.high == 1_045)
    }

    /// Benjamini and Hochberg (1995), §4: 15 tests of a study of heart attacks, of which the four
    /// least are significant at a false discovery rate of 5 %, and three by Bonferroni.
    @Test func theCorrectionIsThatOfThePublishedExample() {
        let values = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0000,
        ]
        let corrected = Family.corrected(values)
        #expect(
            corrected.map { $0 <= 0.05 } == [true, true, true, true]
                + [Bool](
                    repeating: false, count: 11))
        // R 4.3: p.adjust(values, "BH").
        #expect(isClose(corrected[0], 0.0015) && isClose(corrected[3], 0.035_625))
        #expect(isClose(corrected[4], 0.0603) && isClose(corrected[14], 1))
        #expect(Family.corrected([]) == [])
    }

    private func test(_ p: Double, _ pLeast: Double = 0.001, primary: Bool = false) -> Family.Test {
        Family.Test(p: p, pLeast: pLeast, isPrimary: primary)
    }

    @Test func aTestThatCannotRejectCostsTheOthersNothing() {
        let family = Family([test(0.02), test(1, 1), test(1, 1), test(0.5, 0.4)])
        #expect(family.others.size == 1 && family.primary.size == 0)
        #expect(family.adjusted[0] == 0.02)
        #expect(family.adjusted.dropFirst().allSatisfy { $0 > Family.level })
    }

    @Test func primaryTestsAreCorrectedAmongThemselvesOnly() {
        let others = (0..<20).map { _ in test(0.9) }
        let alone = Family([test(0.03, primary: true)] + others)
        #expect(alone.adjusted[0] <= Family.level)
        #expect(Family([test(0.03)] + others).adjusted[0] > Family.level)
        // Together with ten others it is one of eleven.
        let many = (0..<10).map { _ in test(0.9, primary: true) }
        #expect(Family([test(0.03, primary: true)] + many).adjusted[0] > Family.level)
    }

    @Test func theOtherTestsHaveWhatThePrimaryOnesLeave() {
        let found = Family([test(0.001, primary: true), test(0.04)])
        #expect(found.others.level == Family.level && found.adjusted[1] == 0.04)
        let open = Family([test(0.9, primary: true), test(0.04)])
        #expect(isClose(open.others.level, Family.level - Family.primaryLevel))
        #expect(open.adjusted[1] > Family.level)
        let equal = Family([test(1, 1, primary: true), test(0.04)])
        #expect(equal.others.level == Family.level)
    }

    /// The promise of every interval, by drawing: it holds the true shift of 1 at least as often
    /// as it says. 2,000 draws with a fixed seed; three standard errors are 1.5 points.
    @Test(arguments: [(3, 3), (5, 5), (6, 4), (8, 8)])
    func theIntervalKeepsItsPromise(a: Int, b: Int) throws {
        var generator = SeededGenerator(seed: 7)
        var held = 0
        var promised = 0.0
        let draws = 2_000
        for _ in 0..<draws {
            let first = (0..<a).map { _ in Double.random(in: 0...3, using: &generator) }
            let second = (0..<b).map { _ in 1 + Double.random(in: 0...3, using: &generator) }
            let interval = try #require(Shift.difference(first, second)?.interval)
            promised = interval.confidence
            if interval.low <= 1, interval.high >= 1 { held += 1 }
        }
        #expect(Double(held) / Double(draws) >= promised - 0.015)
    }
}
