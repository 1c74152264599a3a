import Testing

@testable import Impairment

/// What a seed has always meant, and has to mean on every machine. The values come from a second
/// implementation, in Python: a change here changes the runs of everybody's plans.
@Suite struct GoldenFatesTests {
    private static let everything = Impairment(
        loss: .bernoulli(probability: .percent(30)),
        delay: .uniform(lowNs: 10_000_000, highNs: 30_000_000),
        jitter: JitterModel(amountNs: 5_000_000, keepsOrder: false),
        reorder: ReorderModel(probability: .percent(25), depth: 3),
        duplicate: DuplicateModel(probability: .percent(25), copies: 2),
        alterations: [.corrupt(.percent(25), bits: 5)])

    @Test func theNumbersOfAStreamAreTheseForEver() {
        let loss = RandomStream(seed: 42, direction: .forward, flow: 7, purpose: .loss)
        let delay = RandomStream(seed: 42, direction: .forward, flow: 7, purpose: .delay)
        #expect(
            (0..<3).map { loss[$0] } == [
                0xEC7A_2E3C_1386_D6CC, 0xC1D9_0685_5F4A_F108, 0x5B35_5342_1E04_7BEE,
            ])
        #expect(
            (0..<3).map { delay[$0] } == [
                0xF9DD_7DFA_59FD_27F5, 0x4649_93D3_5E6D_5D75, 0x578A_0838_6252_F7BE,
            ])
    }

    @Test func theFatesOfASeedAreTheseForEver() {
        let found = fates(Self.everything, seed: 42, flow: 7, count: 12)
        #expect(found.indices.filter { found[$0].isLost } == [3, 4, 5, 6, 7])
        #expect(
            found.filter { !$0.isLost }.map(\.delayNs) == [
                31_336_525, 17_025_912, 18_383_293, 16_833_744, 15_701_906, 11_937_589, 9_451_557,
            ])
        #expect(found.map(\.holdDepth) == [0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 3])
        #expect(found.map(\.corruptedBits) == [0, 0, 5, 0, 0, 0, 0, 0, 5, 0, 0, 5])
        #expect(found[2].corruptionSeed == 0x92DE_5316_677C_EE07)
        #expect(found[11].corruptionSeed == 0xFC7A_B4A4_A3BE_4E3D)
    }

    @Test func theDelaysOfASeedAreTheseForEver() {
        let normal = Impairment(delay: .normal(meanNs: 20_000_000, deviationNs: 5_000_000))
        let pareto = Impairment(delay: .pareto(scaleNs: 2_000_000, shape: 1.5, capNs: nil))
        #expect(
            fates(normal, seed: 3, .backward, count: 6).map(\.delayNs) == [
                12_654_479, 13_724_091, 20_858_025, 12_277_073, 18_731_855, 21_876_870,
            ])
        #expect(
            fates(pareto, seed: 3, .backward, count: 6).map(\.delayNs) == [
                11_674_993, 9_002_874, 2_915_638, 12_875_149, 3_684_700, 2_675_490,
            ])
    }

    @Test func theLossesOfASeedAreTheseForEver() {
        let chain = LossModel.gilbertElliott(
            p: .percent(10), r: .percent(40), lossGood: .percent(5), lossBad: .percent(80))
        let burst = LossModel.burst(probability: .percent(6), length: 3)
        #expect(
            picture(chain)
                == "x............xxx.x...x......................x........x..........")
        #expect(
            picture(burst)
                == "xxx.xxx........xxx...xxx.............................xxx........")
    }

    private func picture(_ model: LossModel) -> String {
        fates(Impairment(loss: model), seed: 9, flow: 2, count: 64)
            .map { $0.isLost ? "x" : "." }.joined()
    }
}
