import Testing

@testable import Impairment

@Suite struct DelayMeanTests {
    private static func mean(_ delay: DelayModel?, jitterNs: Int64 = 0) -> DelayMean {
        DelayMean(
            Impairment(
                delay: delay,
                jitter: jitterNs > 0 ? JitterModel(amountNs: jitterNs, keepsOrder: true) : nil))
    }

    @Test("T9 jitter above the delay: 1 ± 5 ms has a mean of 1.8 ms, and not of 1 ms")
    func t9JitterAboveTheDelay() {
        let mean = Self.mean(.constant(ns: 1_000_000), jitterNs: 5_000_000)
        #expect(mean.askedNs == 1_000_000)
        #expect(mean.resultingNs.rounded() == 1_800_000)
        #expect(mean.isShifted)
        #expect(Self.mean(nil, jitterNs: 5_000_000).resultingNs.rounded() == 1_250_000)
    }

    @Test func whatIsNotClippedHasTheMeanThatWasAskedFor() {
        for mean in [
            Self.mean(nil), Self.mean(.constant(ns: 0)), Self.mean(.constant(ns: 5_000_000)),
            Self.mean(.constant(ns: 5_000_000), jitterNs: 5_000_000),
            Self.mean(.uniform(lowNs: 0, highNs: 20_000_000)),
            Self.mean(.uniform(lowNs: 5_000_000, highNs: 20_000_000), jitterNs: 5_000_000),
            Self.mean(.normal(meanNs: 20_000_000, deviationNs: 3_000_000), jitterNs: 2_000_000),
            Self.mean(.pareto(scaleNs: 1_000_000, shape: 2.5, capNs: 50_000_000)),
            Self.mean(.pareto(scaleNs: 1_000_000, shape: 2.5, capNs: nil)),
            Self.mean(.trace(ns: [1, 2, 3_000_000])), Self.mean(.trace(ns: [])),
        ] {
            #expect(!mean.isShifted, "\(mean)")
        }
    }

    @Test("the resulting mean is that of what is drawn")
    func drawn() {
        let cases: [(DelayModel?, Int64)] = [
            (nil, 5_000_000), (.constant(ns: 1_000_000), 5_000_000),
            (.constant(ns: Impairment.delayMaxNs), 10_000_000_000),
            (.uniform(lowNs: 0, highNs: 4_000_000), 3_000_000),
            (.normal(meanNs: 1_000_000, deviationNs: 5_000_000), 0),
            (.normal(meanNs: 1_000_000, deviationNs: 5_000_000), 4_000_000),
            (.pareto(scaleNs: 1_000_000, shape: 2.5, capNs: nil), 9_000_000),
            (.pareto(scaleNs: 1_000_000_000, shape: 1, capNs: nil), 0),
            (.pareto(scaleNs: 1_000_000, shape: 0.5, capNs: 1_000_000_000), 0),
            (.trace(ns: [0, 0, 4_000_000]), 2_000_000),
        ]
        for (delay, jitterNs) in cases {
            let impairment = Impairment(
                delay: delay,
                jitter: jitterNs > 0 ? JitterModel(amountNs: jitterNs, keepsOrder: false) : nil)
            let drawn = fates(impairment, seed: 5, count: 200_000).map { Double($0.delayNs) }
            let mean = drawn.reduce(0, +) / Double(drawn.count)
            let square = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let error =
                (square / Double(drawn.count)).squareRoot() / Double(drawn.count).squareRoot()
            let expected = DelayMean(impairment).resultingNs
            #expect(abs(mean - expected) <= 5 * error + 1, "\(impairment): \(mean), \(expected)")
        }
    }

    @Test func aDistributionWithoutAMeanIsCutOffAtTheLongestDelay() {
        let mean = Self.mean(.pareto(scaleNs: 1_000_000, shape: 0.9, capNs: nil))
        #expect(mean.askedNs == .infinity)
        #expect(mean.isShifted)
        #expect(mean.resultingNs < Double(Impairment.delayMaxNs))
    }
}
