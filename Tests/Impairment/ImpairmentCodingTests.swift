import JSON
import Testing

@testable import Impairment

/// An impairment travels to the relay's worker as JSON.
@Suite struct ImpairmentCodingTests {
    private static let losses: [LossModel?] = [
        nil, .bernoulli(probability: .percent(1)),
        .gilbertElliott(
            p: .percent(1), r: .percent(30), lossGood: .never, lossBad: .percent(99.9999999)),
        .periodic(every: 100, offset: 99), .burst(probability: .percent(0.1), length: 5),
        .list([0, 3, 9]),
    ]
    private static let delays: [DelayModel?] = [
        nil, .constant(ns: 4_000_000), .uniform(lowNs: 1, highNs: 60_000_000_000),
        .normal(meanNs: 20, deviationNs: 3), .pareto(scaleNs: 5, shape: 2.1, capNs: nil),
        .pareto(scaleNs: 5, shape: 0.1, capNs: 9), .trace(ns: [1, 2, 3]),
    ]

    @Test func whatWasWrittenIsReadBack() throws {
        for loss in Self.losses {
            for delay in Self.delays {
                let impairment = Impairment(
                    loss: loss, delay: delay,
                    jitter: loss == nil ? nil : JitterModel(amountNs: 7, keepsOrder: false),
                    reorder: ReorderModel(probability: .percent(1), depth: 2),
                    duplicate: DuplicateModel(probability: .percent(1), copies: 2),
                    alterations: [.corrupt(.percent(1), bits: 2)],
                    bottleneck: Bottleneck(bitsPerSecond: 1_000, queueBytes: 9),
                    blackholes: [TimeWindow(fromNs: 1, untilNs: 2)],
                    refusals: [TimeWindow(fromNs: 3, untilNs: 4)])
                let text = try JSONCoding.encode(impairment).text()
                let value = try JSONValue.parse(Array(text.utf8))
                #expect(try JSONCoding.decode(Impairment.self, from: value) == impairment)
            }
        }
    }

    @Test(arguments: [-1, 1_000_000_001])
    func aProbabilityOutsideItsRangeIsNotRead(billionths: Int) {
        let value = JSONValue.object([
            JSONMember(key: "probability", value: .integer(billionths)),
            JSONMember(key: "depth", value: .integer(1)),
        ])
        #expect(throws: (any Error).self) {
            try JSONCoding.decode(ReorderModel.self, from: value)
        }
    }

    @Test func aProbabilityIsTheNearestThousandMillionth() {
        #expect(Probability(0.1).billionths == 100_000_000)
        #expect(Probability(1).complement == .never)
        #expect(Probability.percent(0.5).ratio == 0.005)
        #expect(Probability.never < .always)
    }
}
