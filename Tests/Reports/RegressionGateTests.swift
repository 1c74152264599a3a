import Harness
import Testing

@testable import Reports

@Suite("Gates on a regression")
struct RegressionGateTests {
    private func gate(
        _ allowance: RegressionGate.Allowance, rise: Bool = true
    ) -> RegressionGate {
        RegressionGate(
            text: "rtt.p99 +10%", path: ["rtt_ns", "p99"], isOnRise: rise, allowance: allowance)
    }

    @Test func aShareIsOfTheBaseline() {
        let tenth = gate(.share(0.1))
        #expect(tenth.judge([100, 100, 100], [109, 109, 109]) == .kept)
        #expect(tenth.judge([100, 100, 100], [112, 112, 112]) == .broken(p: 0.1))
        #expect(tenth.judge([100, 100, 100], [50, 50, 50]) == .kept)
        #expect(tenth.judge([0, 0, 0], [0, 0, 0]) == .kept, "a tenth of nothing is nothing")
        #expect(tenth.judge([0, 0, 0], [1, 1, 1]) == .broken(p: 0.1))
    }

    @Test func anAbsoluteBoundIsInTheFiguresUnit() {
        let point = gate(.absolute(0.001))
        #expect(point.judge([0, 0, 0], [0.0005, 0, 0]) == .kept)
        #expect(point.judge([0.01, 0.01, 0.01], [0.02, 0.02, 0.02]) == .broken(p: 0.1))
        #expect(gate(.absolute(0)).judge([0, 0, 0], [0, 0, 0]) == .kept)
    }

    @Test func aFallIsBoundedDownwards() {
        let share = gate(.share(0.05), rise: false)
        #expect(share.judge([1_000, 1_000, 1_000], [960, 980, 1_000]) == .kept)
        #expect(share.judge([1_000, 1_000, 1_000], [900, 901, 902]) == .broken(p: 0.1))
        #expect(share.judge([1_000, 1_000, 1_000], [2_000, 2_000, 2_000]) == .kept)
        let absolute = gate(.absolute(10), rise: false)
        #expect(absolute.judge([100, 100, 100], [90, 91, 92]) == .kept)
        #expect(absolute.judge([100, 100, 100], [80, 80, 80]) == .broken(p: 0.1))
    }

    @Test func betweenTheTwoItCannotJudge() {
        let finding = gate(.absolute(0)).judge([1, 2, 3], [2, 3, 4])
        #expect(finding == .open(low: -1, high: 3))
    }

    @Test func fewerThanThreeRunsJudgeNothing() {
        for (a, b) in [(0, 0), (0, 3), (1, 1), (2, 2), (2, 3), (1, 9)] {
            let finding = gate(.absolute(1)).judge(
                [Double](repeating: 0, count: a), [Double](repeating: 99, count: b))
            #expect(finding == .tooFewRuns, "\(a) and \(b)")
        }
    }

    /// No more than one false alarm in twenty, even where the true change is all that is allowed.
    @Test(arguments: [3, 5, 8])
    func falseAlarmsAreRare(runs: Int) {
        var generator = SeededGenerator(seed: 11)
        var (alarms, passes) = (0, 0)
        let draws = 2_000
        for _ in 0..<draws {
            let a = (0..<runs).map { _ in Double.random(in: 0...1, using: &generator) }
            let b = (0..<runs).map { _ in 0.2 + Double.random(in: 0...1, using: &generator) }
            switch gate(.absolute(0.2)).judge(a, b) {
            case .broken(let p):
                if RegressionGate.corrected([p], of: 1)[0] <= Family.level { alarms += 1 }
            case .kept: passes += 1
            case .open, .tooFewRuns: break
            }
        }
        #expect(Double(alarms) / Double(draws) <= 0.065)
        #expect(Double(passes) / Double(draws) <= 0.065)
    }
}
