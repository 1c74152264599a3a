import Metrics
import Testing

@testable import Loops

/// Drops of the sender's own sockets: rows N9 and N11, as far as a simulated SO_MEMINFO goes.
@Suite struct OverflowTests {
    @Test("N9 what the sender's full socket drops is sender_overflow and not the network's")
    func n9() {
        let network = SimulatedNetwork()
        network.socketCapacity = 20
        network.sendScript = { call, _ in call % 50 == 49 ? .stall(5_000_000) : nil }
        network.backward.delayNs = 3_000_000...3_000_000
        let run = SenderRun(SenderRun.paced(count: 1_000), over: network)
        run.expectExact()
        #expect(run.drops == network.record.droppedAtSender.count)
        #expect(run.drops > 20)
        #expect(run.ledger.senderOverflow == run.drops)
        #expect(run.ledger.backwardLost == 0)
        #expect(run.ledger.forwardLost == 0)
    }

    @Test("N11 drops at the very end are counted")
    func n11() {
        let network = SimulatedNetwork()
        network.socketCapacity = 8
        let run = SenderRun(SenderRun.unpaced(count: 64, window: nil), over: network)
        run.expectExact()
        #expect(network.record.sendCalls == 1)
        #expect(run.drops == 56)
        #expect(run.figures.never == 56)
        #expect(run.ledger.senderOverflow == 56)
        #expect(run.ledger.backwardLost == 0)
    }
}
