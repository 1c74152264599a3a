import Metrics
import Testing

@testable import Loops

/// Schedules whose slots are closer together than the loop needs to look at its queues.
@Suite struct FastPacingTests {
    @Test(
        "answers are taken in while the schedule leaves no time to wait",
        arguments: [100e3, 200e3, 260e3, 500e3])
    func answersAreTakenIn(pps: Double) {
        let network = SimulatedNetwork()
        network.socketCapacity = 100
        var phase = SenderRun.paced(count: 4_000, pps: pps)
        phase.spinNs = 50_000
        let run = SenderRun(phase, over: network)
        run.expectExact()
        #expect(run.accounts.ledger.skipped == 0)
        #expect(run.drops == 0)
        #expect(run.figures.inTime == 4_000)
    }

    @Test("N20 a stall is told from a wait, and only a long one")
    func stalls() {
        // Ten probes a second: each wait is longer than what is a stall.
        let calm = SenderRun(SenderRun.paced(count: 20, pps: 10), over: SimulatedNetwork())
        calm.expectExact()
        #expect(calm.stalls == StallCounts())
        for (ns, isStall) in [(9_000_000, false), (15_000_000, true), (10_000_000_000, true)] {
            let network = SimulatedNetwork()
            let atNs = SimulatedClock.startNs + 5_000_000
            network.clock.absence = (atNs, atNs + Int64(ns))
            let run = SenderRun(SenderRun.paced(count: 30_000, pps: 1_000), over: network)
            #expect(run.stalls.count == (isStall ? 1 : 0), "\(ns)")
            #expect(run.stalls.totalNs == run.stalls.longestNs)
            if isStall { #expect(abs(run.stalls.longestNs - Int64(ns)) < 2_000_000) }
            #expect(run.accounts.largestBurst == 1)
            #expect(run.ledger.imbalances() == [])
        }
    }
}
