import Datagrams
import Harness
import Metrics
import Testing

@testable import Loops

/// The closed loop of several flows that share a window, on a simulated network.
@Suite struct TurnsTests {
    private func phase(
        count: Int, window: Int, flows: Int, batch: Int = 64, windowCapacity: Int = 4_096
    ) -> SenderPhase {
        var phase = SenderRun.unpaced(count: count, window: window, flows: flows, batch: batch)
        phase.sharedWindow = window
        phase.windowCapacity = windowCapacity
        return phase
    }

    @Test("flows that share a window send whole batches, and all of them their count")
    func batches() {
        let (flows, each) = (200, 96)
        let run = SenderRun(
            phase(count: flows * each, window: 128, flows: flows),
            over: SimulatedNetwork(flows: flows, seed: 1))
        run.expectExact()
        #expect(run.sentByFlow == Array(repeating: each, count: flows))
        // A window of each flow's own would be one datagram, and a call for each.
        #expect(run.network.record.sendCalls <= flows * 2)
        #expect(run.accounts.largestBurst == 64)
    }

    @Test("the flows never have more in flight than the window", arguments: [1, 2, 7, 64, 300])
    func window(window: Int) {
        let network = SimulatedNetwork(flows: 30, seed: 2)
        var most = 0
        network.sendScript = { [unowned network] _, count in
            let inFlight = network.sentByFlow.reduce(0, +) - network.record.delivered.count
            most = max(most, inFlight + count)
            return nil
        }
        let run = SenderRun(phase(count: 3_000, window: window, flows: 30), over: network)
        run.expectExact()
        #expect(most <= window && most >= min(window, 64) / 2)
        #expect(run.sentByFlow == Array(repeating: 100, count: 30))
    }

    @Test("a flow whose last answer is lost waits, and no other flow does")
    func lastAnswers() {
        for seed in UInt64(1)...20 {
            let network = SimulatedNetwork(flows: 40, seed: seed)
            network.forward = Weather(loss: 0.1)
            let run = SenderRun(phase(count: 4_000, window: 64, flows: 40), over: network)
            run.expectExact()
            #expect(run.accounts.ledger.sent == 4_000, run.comment)
            // Some hundred turns end with a loss: one after the other they would take 100 ms each.
            #expect(run.lastSentNs - run.firstSentNs < 3_000_000_000, run.comment)
        }
    }

    @Test("flows that are all lost go on by and by, and the loop ends")
    func allLost() {
        let network = SimulatedNetwork(flows: 20, seed: 3)
        network.forward = Weather(loss: 1)
        let run = SenderRun(phase(count: 400, window: 64, flows: 20), over: network)
        run.expectExact()
        #expect(run.accounts.ledger.sent == 400)
        #expect(run.figures.never == 400)
    }

    @Test("a window of sequence numbers smaller than a batch is filled, and not passed")
    func smallWindow() {
        let run = SenderRun(
            phase(count: 640, window: 128, flows: 5, windowCapacity: 16),
            over: SimulatedNetwork(flows: 5, seed: 4))
        run.expectExact()
        #expect(run.accounts.ledger.sent == 640)
        #expect(run.accounts.largestBurst == 16)
    }
}
