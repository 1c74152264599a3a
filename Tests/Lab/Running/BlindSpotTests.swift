import Metrics
import Reports
import Testing

@testable import Lab

/// What this host cannot count is never told as loss of the network: no gate fails for it.
@Suite struct BlindSpotTests {
    struct Spot: Sendable, CustomTestStringConvertible {
        let name: String
        let says: String
        let change: @Sendable (inout StreamReport) -> Void

        var testDescription: String { name }
    }

    static let spots = [
        Spot(name: "the responder's buffer", says: "overflowed the responder's receive buffer") {
            $0.lose(5, into: \.forwardLost, isForward: true)
            $0.ledger.responderOverflow = nil
        },
        Spot(name: "the sender's buffer", says: "overflowed the sender's receive buffer") {
            $0.lose(5, into: \.backwardLost, isForward: false)
            $0.ledger.senderOverflow = nil
        },
        Spot(name: "the sending queue", says: "it refuses IP_RECVERR") {
            $0.lose(5, into: \.forwardLost, isForward: true)
            $0.features.errorQueue = .unsupported
        },
        Spot(name: "failed receive calls", says: "9 receive calls of sender calls failed") {
            $0.lose(5, into: \.backwardLost, isForward: false)
            $0.receiveErrors = ["EIO": 9]
        },
    ]

    @Test("T4 what this host cannot count fails no gate, and is named", arguments: spots)
    func t4(spot: Spot) throws {
        var stream = JudgedSamples.stream()
        spot.change(&stream)
        let judged = RunVerdict(
            scenario: try JudgedSamples.scenario(thresholds: ["loss.ratio < 1%"])
        ).judged(JudgedSamples.run(streams: [stream]))
        #expect(judged.judgement.verdict == .inconclusive, "\(judged.judgement.reasons)")
        #expect(
            judged.judgement.reasons.contains { $0.contains(spot.says) },
            "\(judged.judgement.reasons)")
    }
}
