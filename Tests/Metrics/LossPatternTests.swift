import Testing

@testable import Metrics

/// The worked examples of RFC 3357.
struct LossPatternTests {
    private func figures(
        lost: [UInt64], sent: Int, noticeableDistance: Int = 99
    ) -> LossFigures {
        var pattern = LossPattern()
        var totals = LossTotals(noticeableDistance: noticeableDistance)
        for sequence in lost { pattern.recordLost(first: sequence, count: 1, into: &totals) }
        pattern.close(end: UInt64(sent) + 1, into: &totals)
        return totals.figures(sent: sent, late: 0, never: lost.count)
    }

    @Test func theExampleOfTenProbesHasFourPeriods() {
        let figures = figures(lost: [2, 5, 7, 9, 10], sent: 10, noticeableDistance: 2)
        #expect(figures.count == 5)
        #expect(figures.ratio == 0.5)
        #expect(figures.periods == 4)
        #expect(figures.longestBurst == 2)
        #expect(figures.lengthCounts.prefix(3) == [3, 1, 0])
        #expect(figures.longerCount == 0)
        // Between the periods: 3, 2, 2.
        #expect(figures.gapMean == 7.0 / 3)
        #expect(figures.gapMin == 2)
        #expect(figures.gapMax == 3)
        #expect(figures.noticeableDistance == 2)
        #expect(figures.noticeableRate == 3.0 / 5)
        // 9 is followed by a loss; 2, 5, 7 are not; 10 has no successor.
        #expect(figures.conditionalProbability == 0.25)
    }

    @Test func theThreeLossesFrom125AreNoticeable() {
        #expect(figures(lost: [50, 125, 126, 127], sent: 200).noticeableRate == 3.0 / 4)
    }

    @Test func aSpreadOfAHundredIsNotNoticeableAndACloserOneIs() {
        #expect(figures(lost: [100, 200, 300, 400, 500], sent: 500).noticeableRate == 0)
        // Distances 0, 75, 100, 15, 110.
        #expect(figures(lost: [100, 175, 275, 290, 400], sent: 500).noticeableRate == 2.0 / 5)
    }

    @Test func aBlockCountsLikeItsMembers() {
        var pattern = LossPattern()
        var totals = LossTotals()
        pattern.recordLost(first: 5, count: 1, into: &totals)
        pattern.recordLost(first: 6, count: 1_000_000, into: &totals)
        pattern.recordLost(first: 2_000_000, count: 3, into: &totals)
        pattern.close(end: 3_000_000, into: &totals)
        let figures = totals.figures(sent: 3_000_000, late: 0, never: 1_000_004)
        #expect(figures.periods == 2)
        #expect(figures.longestBurst == 1_000_001)
        #expect(figures.longerCount == 1)
        #expect(figures.lengthCounts[2] == 1)
        #expect(figures.gapMin == 2_000_000 - 1_000_005)
        #expect(figures.conditionalProbability == 1_000_002.0 / 1_000_004)
    }

    @Test func withoutLossThereAreNoSharesOfIt() {
        let none = figures(lost: [], sent: 10)
        #expect(none.ratio == 0)
        #expect(none.noticeableRate == nil)
        #expect(none.conditionalProbability == nil)
        #expect(none.meanBurst == nil)
        #expect(none.gapMin == nil)
        #expect(figures(lost: [], sent: 0).ratio == nil)
    }
}
