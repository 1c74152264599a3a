import Load
import Metrics
import Testing

@testable import Loops

/// Probes of several sizes through the shipped loop over a simulated network.
@Suite struct SizedProbeTests {
    static let sizes = PayloadSizes([
        .init(low: 28, high: 60, weight: 3), .init(low: 700, high: 700, weight: 1),
    ])

    static func run(
        _ network: SimulatedNetwork, count: Int = 2_000, sizes: PayloadSizes = sizes
    ) -> SenderRun {
        var phase = SenderRun.paced(
            count: count, flows: 2, payloadBytes: sizes.bytesMost, timeoutNs: 200_000_000)
        phase.sender.sizes = sizes
        let layout = ProbeLayout(
            payloadBytes: sizes.bytesMost, runID: SenderRun.runID, anchorNs: SenderRun.anchorNs,
            sizes: sizes)
        return SenderRun(phase, content: layout, over: network)
    }

    @Test("each probe has its own size, and its echo must have the same")
    func echoed() {
        let run = Self.run(SimulatedNetwork(flows: 2))
        run.expectExact()
        #expect(run.figures.loss.count == 0)
        #expect(run.accounts.rejected.total == 0)
        var expected = 0
        for flow in 0..<2 as Range<UInt16> {
            for sequence in 0..<1_000 as Range<UInt32> {
                expected += Self.sizes.bytes(session: 7 + flow, sequence: sequence)
            }
        }
        #expect(run.accounts.requestBytes == expected)
        #expect(run.accounts.answerBytes == expected)
    }

    private static var turn: PayloadSizes {
        var sizes = PayloadSizes(inTurn: [60, 28, 900, 28, 700])
        sizes.first = 3
        return sizes
    }

    @Test(
        "losses, copies and reordering of sized probes are those of the network",
        arguments: [sizes, turn])
    func weather(sizes: PayloadSizes) {
        for seed in 1...20 as ClosedRange<UInt64> {
            let network = SimulatedNetwork(flows: 2, seed: seed)
            network.forward.loss = 0.05
            network.backward = Weather(
                loss: 0.05, duplicate: 0.05, delayNs: 20_000...900_000)
            let run = Self.run(network, count: 600, sizes: sizes)
            run.expectExact()
            #expect(run.accounts.rejected.total == 0, "seed \(seed)")
        }
    }
}
