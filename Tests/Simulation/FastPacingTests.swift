import Metrics
import Testing

@testable import Workers

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
        #expect(run.accounts.skipped == 0)
        #expect(run.drops == 0)
        #expect(run.figures.inTime == 4_000)
    }
}
