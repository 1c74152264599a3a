import Metrics
import Testing

@testable import Lab
@testable import Reports

/// What the trouble of others cost those who were well.
@Suite struct CollateralLossTests {
    private static let second: Int64 = 1_000_000_000
    private static let startNs: Int64 = 7_000_000_000

    /// Ten probes a second and part, for ten seconds; those at these seconds are lost.
    private static func losses(parts: Int, lostAt: [[Int]]) -> PartLosses {
        var losses = PartLosses(
            PartLosses.Grid(parts: parts, durationNs: 9_950_000_000), startNs: startNs)
        for part in 0..<parts {
            for probe in 0..<100 {
                let sentNs = startNs + Int64(probe) * second / 10
                losses.recordSent(1, part: part, atNs: sentNs)
                if lostAt[part].contains(probe / 10) {
                    losses.recordLost(part: part, sentNs: sentNs)
                }
            }
        }
        return losses
    }

    private static func absence(_ from: Double, _ until: Double?) -> ResponderAbsence {
        ResponderAbsence(
            fromNs: startNs + Int64(from * 1e9), untilNs: until.map { startNs + Int64($0 * 1e9) })
    }

    private static func report(
        _ lostAt: [[Int]], absences: [[ResponderAbsence]], strikes: [Range<Int64>] = []
    ) -> CollateralReport? {
        CollateralLoss(
            losses: losses(parts: lostAt.count, lostAt: lostAt), flows: lostAt.count * 3,
            absences: absences, strikes: strikes, timeoutNs: second
        ).report()
    }

    @Test("who is away loses its own probes and nobody else's")
    func none() throws {
        let found = try #require(
            Self.report([[3, 4], [], []], absences: [[Self.absence(3, 5)], [], []]))
        #expect(found.flows == 6)
        // From 3.0 s to 5.0 s of two parts; the bin of the return counts.
        #expect(found.sent == 2 * 21)
        #expect(found.lost == 0)
        #expect(found.baselineRatio == 0)
        #expect(found.loss == 0)
    }

    @Test("losses of the others beyond what they lose anyway are collateral")
    func some() throws {
        let found = try #require(
            Self.report([[], [3, 8]], absences: [[Self.absence(3, 3.95)], []]))
        #expect(found.flows == 3)
        #expect(found.sent == 10)
        #expect(found.lost == 10)
        // Part 0 is away from 2 s to 4.95 s, a timeout before and after: 70 other probes of it,
        // 90 of part 1, of which 10 are lost.
        let baseline = try #require(found.baselineRatio)
        #expect(abs(baseline - 10.0 / 160) < 1e-9)
        #expect(found.loss == 9)
    }

    @Test("two that are away at different times are each other's others")
    func both() throws {
        let found = try #require(
            Self.report(
                [[1], [6]], absences: [[Self.absence(1, 2)], [Self.absence(6, nil)]]))
        #expect(found.flows == 6)
        #expect(found.lost == 0)
        #expect(found.sent == 11 + 40)
    }

    @Test("a storm is everybody's trouble, and without any trouble there is nothing to say")
    func storm() throws {
        let storm = Self.startNs + 2 * Self.second..<Self.startNs + 4 * Self.second - 1
        let found = try #require(Self.report([[2]], absences: [[]], strikes: [storm]))
        #expect(found.flows == 3)
        #expect(found.sent == 20)
        #expect(found.lost == 10)
        #expect(found.loss == 10)
        #expect(Self.report([[2]], absences: [[]]) == nil)
        #expect(Self.report([[2]], absences: [[Self.absence(2, 3)]]) == nil)
        let always = Self.startNs..<Self.startNs + 20 * Self.second
        let whole = try #require(Self.report([[2]], absences: [[]], strikes: [always]))
        #expect(whole.baselineRatio == nil)
        #expect(whole.loss == 10)
    }

    @Test("bins hold everything that is recorded, however long a run becomes")
    func bins() {
        let grid = PartLosses.Grid(parts: 2, durationNs: 3_600 * Self.second)
        #expect(grid.bins <= PartLosses.Grid.binsLimit)
        var losses = PartLosses(grid, startNs: Self.startNs)
        for atNs in [Int64(0), Self.startNs, Self.startNs + 4_000 * Self.second] {
            losses.recordSent(2, part: 1, atNs: atNs)
            losses.recordLost(part: 1, sentNs: atNs)
        }
        #expect(losses.sent.reduce(0, +) == 6)
        #expect(losses.lost.reduce(0, +) == 3)
        #expect(losses.sent[grid.bins - 1 + grid.bins] == 2)
        var sum = losses
        sum.merge(losses)
        #expect(sum.lost.reduce(0, +) == 6)
    }
}
