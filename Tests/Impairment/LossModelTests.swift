import Testing

@testable import Impairment

@Suite struct LossModelTests {
    @Test("N1 independent loss is binomial, also at its ends", arguments: [0, 0.1, 1, 50, 100.0])
    func bernoulli(percent: Double) {
        let count = 100_000
        let lost = losses(.bernoulli(probability: .percent(percent)), count: count)
        #expect(isBinomial(lost.filter { $0 }.count, of: count, percent / 100))
    }

    @Test func lossesAreIndependentOfTheLossBefore() {
        let share = 0.2
        let lost = losses(.bernoulli(probability: Probability(share)), count: 100_001)
        var seen = [0, 0, 0, 0]
        for (one, two) in zip(lost, lost.dropFirst()) { seen[(one ? 2 : 0) + (two ? 1 : 0)] += 1 }
        let expected = [0.64, 0.16, 0.16, 0.04].map { $0 * 100_000 }
        #expect(chiSquare(seen, expected: expected) < chiSquareMax(freedom: 3))
    }

    @Test func lossesAreIndependentAcrossFlowsDirectionsAndSeeds() {
        let model = Impairment(loss: .bernoulli(probability: .percent(50)))
        var seen = [Int](repeating: 0, count: 16)
        let streams = [
            fates(model, seed: 1, flow: 0, count: 40_000),
            fates(model, seed: 1, flow: 1, count: 40_000),
            fates(model, seed: 1, .backward, flow: 0, count: 40_000),
            fates(model, seed: 2, flow: 0, count: 40_000),
        ]
        for n in 0..<40_000 {
            seen[
                streams.enumerated().reduce(0) { $0 + ($1.element[n].isLost ? 1 << $1.offset : 0) }] +=
                1
        }
        let expected = [Double](repeating: 2_500, count: 16)
        #expect(chiSquare(seen, expected: expected) < chiSquareMax(freedom: 15))
    }

    @Test func theFirstDatagramOfManyFlowsIsLostAsOftenAsAnyOther() {
        let chain = LossModel.gilbertElliott(
            p: .percent(2), r: .percent(8), lossGood: .never, lossBad: .always)
        let flows = (0..<20_000).map { losses(chain, flow: $0, count: 3) }
        for n in 0..<3 {
            #expect(isBinomial(flows.filter { $0[n] }.count, of: flows.count, 0.2))
        }
    }

    @Test(
        "Gilbert and Elliott: the share of losses is the stationary one",
        arguments: [
            (1.0, 30.0, 0.0, 100.0), (5, 20, 0.1, 50), (0.5, 10, 0, 100), (100, 100, 1, 2),
        ])
    func stationaryLoss(p: Double, r: Double, good: Double, bad: Double) {
        let count = 300_000
        let model = LossModel.gilbertElliott(
            p: .percent(p), r: .percent(r), lossGood: .percent(good), lossBad: .percent(bad))
        let lost = losses(model, count: count).filter { $0 }.count
        let inBad = p / (p + r)
        let share = ((1 - inBad) * good + inBad * bad) / 100
        // Neighbours are correlated by 1 − p − r, which widens the deviation of the mean.
        let correlation = max(1 - (p + r) / 100, 0)
        let widening = ((1 + correlation) / (1 - correlation)).squareRoot()
        #expect(isBinomial(lost, of: count, share, sigmas: 5 * widening))
    }

    @Test("Gilbert and Elliott: the lengths of bursts and gaps are geometric")
    func runLengthsOfAChain() {
        let (p, r) = (0.05, 0.3)
        let lost = losses(
            .gilbertElliott(
                p: Probability(p), r: Probability(r), lossGood: .never, lossBad: .always),
            count: 300_000)
        expectGeometric(runLengths(lost), leaving: r, bins: 12)
        expectGeometric(runLengths(lost.map { !$0 }), leaving: p, bins: 40)
    }

    private func expectGeometric(_ lengths: [Int], leaving: Double, bins: Int) {
        var seen = [Int](repeating: 0, count: bins)
        for length in lengths { seen[min(length, bins) - 1] += 1 }
        var expected: [Double] = []
        var left = Double(lengths.count)
        for _ in 1..<bins {
            expected.append(left * leaving)
            left -= left * leaving
        }
        expected.append(left)
        #expect(lengths.count > 5_000)
        #expect(chiSquare(seen, expected: expected) < chiSquareMax(freedom: bins - 1))
    }

    @Test func aChainThatIsNeverLeftStaysWhereItStarted() {
        let never = LossModel.gilbertElliott(
            p: .never, r: .never, lossGood: .never, lossBad: .always)
        let stuck = LossModel.gilbertElliott(
            p: .percent(1), r: .never, lossGood: .never, lossBad: .always)
        #expect(!losses(never, count: 1_000).contains(true))
        #expect(!losses(stuck, count: 1_000).contains(false))
    }

    @Test func aPeriodTakesOneDatagramOfEvery() {
        for (every, offset) in [(1, 0), (2, 1), (100, 99), (7, 0)] {
            let lost = losses(.periodic(every: every, offset: offset), count: 1_000)
            #expect(
                lost.indices.filter { lost[$0] }
                    == Array(stride(from: offset, to: 1_000, by: every)))
        }
    }

    @Test func aListTakesExactlyWhatItNames() {
        let lost = losses(.list([999, 0, 7, 8, 7, 5_000]), count: 1_000)
        #expect(lost.indices.filter { lost[$0] } == [0, 7, 8, 999])
        #expect(!losses(.list([]), count: 100).contains(true))
    }

    @Test func aBurstTakesItsLengthFromEachStart() {
        let length = 5
        let starts = losses(.burst(probability: .percent(2), length: 1), count: 20_000)
        let lost = losses(.burst(probability: .percent(2), length: length), count: 20_000)
        for n in lost.indices {
            #expect(lost[n] == starts[max(0, n - length + 1)...n].contains(true))
        }
        #expect(runLengths(lost).dropLast().allSatisfy { $0 >= length })
    }

    @Test func theShareThatBurstsTakeIsAsStated() {
        // Blocks of a length that is far above the burst's are independent enough.
        let lost = losses(.burst(probability: .percent(1), length: 4), count: 400_000)
        var share = 1.0
        for _ in 0..<4 { share *= 0.99 }
        #expect(isBinomial(lost.filter { $0 }.count, of: lost.count, 1 - share, sigmas: 5 * 2))
    }
}
