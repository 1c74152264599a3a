import Testing

@testable import Reports

/// The E-model against the tables of its recommendation.
@Suite struct VoiceTests {
    @Test(
        "the mean opinion score of an R factor (ITU-T G.107, table B.1)",
        arguments: [(90.0, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1), (-5, 1)])
    func mos(r: Double, expected: Double) {
        #expect(abs(VoiceReport.mos(r) - expected) < 0.01)
    }

    @Test("a clean call has R 93.2, delay costs from 100 ms on, and losses more in bursts")
    func quality() {
        let clean = VoiceReport(oneWayP99Ns: 10_000_000, lossRatio: 0, meanBurst: nil)
        #expect(clean.rFactor == 93.2)
        #expect(abs(clean.mos - 4.41) < 0.01)
        #expect(clean.delayNs == 30_000_000 && clean.burstRatio == 1)
        #expect(VoiceReport.delayImpairment(ms: 100) == 0)
        var before = 0.0
        for ms in stride(from: 110.0, through: 1_000, by: 10) {
            let impairment = VoiceReport.delayImpairment(ms: ms)
            #expect(impairment > before, "\(ms)")
            before = impairment
        }
        // Ie-eff of 5 % independent losses: 95 · 5 / (5 + 25.1).
        let lossy = VoiceReport(oneWayP99Ns: 0, lossRatio: 0.05, meanBurst: 1 / 0.95)
        #expect(abs(lossy.rFactor - (93.2 - 475 / 30.1)) < 0.001)
        let bursty = VoiceReport(oneWayP99Ns: 0, lossRatio: 0.05, meanBurst: 4)
        #expect(bursty.rFactor < lossy.rFactor)
        let dead = VoiceReport(oneWayP99Ns: 5_000_000_000, lossRatio: 1, meanBurst: 1_000)
        #expect(dead.rFactor == 0 && dead.mos == 1)
    }
}
