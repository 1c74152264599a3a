import Load
import Metrics
import Testing

@testable import Loops

/// The share of probes that are answered, over time.
@Suite struct AvailabilityTests {
    @Test(
        "availability falls while the port is closed, and what is refused counts against it",
        arguments: [
            RetryPolicy.always,
            .backoff(.init(firstNs: 1_000_000, factor: 2, limitNs: 5_000_000)), .once,
        ])
    func overTime(policy: RetryPolicy) {
        let network = SimulatedNetwork(flows: 1)
        network.isPortClosed = SenderResetTests.away
        var phase = SenderRun.paced(count: 1_000, pps: 10_000, flows: 1)
        phase.sender.onReset = policy
        phase.recordsIntervals = true
        phase.intervalNs = 10_000_000
        phase.maxIntervals = 100
        let run = SenderRun(phase, over: network)
        run.expectExact()
        let intervals = run.figures.intervals
        #expect(intervals.reduce(0) { $0 + $1.refused } == run.accounts.ledger.refused)
        #expect(intervals.reduce(0) { $0 + $1.sent } == run.accounts.ledger.sent)
        let shares = intervals.prefix(10).map { $0.availability ?? -1 }
        #expect(shares.prefix(2).allSatisfy { $0 > 0.98 }, "\(shares)")
        #expect(shares[3...4].allSatisfy { $0 == 0 }, "\(shares)")
        // A flow that its policy ended does not come back.
        let isBack = policy.name != "once"
        #expect(shares[7...8].allSatisfy { isBack ? $0 == 1 : $0 == 0 }, "\(shares)")
    }
}
