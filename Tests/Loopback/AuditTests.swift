import Datagrams
import Metrics
import Testing

@testable import Loops

/// The figures of a whole run against a slow recomputation from its datagram log.
@Suite struct AuditTests {
    @Test("120,000 datagrams across a bad network: log and figures agree", arguments: [1, 2_026])
    func audit(seed: UInt64) throws {
        let count = seed == 1 ? 120_000 : 20_000
        var phase = LoopbackRun.phase(count: count, flows: 2, window: 64)
        phase.endsWithLastAnswer = false
        phase.timeoutNs = 500_000_000
        let file = try TemporaryFile()
        let responder = try ResponderThread(phase, echoes: true)
        let relay = try TestRelay(to: responder.address, seed: seed)
        let log = try DatagramLog(path: file.path, flowPrefix: "")
        let sender = try SenderThread(phase, to: relay.address, log: log)
        try responder.start()
        try sender.start()
        let outcome = sender.join()
        relay.end()
        _ = responder.stop(sent: outcome.sentByFlow)
        #expect(log.finish() == LostRows())
        let audit = SlowAudit(log: file.contents(), timeoutNs: Int(phase.timeoutNs))
        #expect(outcome.accounts.ledger.sent == count)
        Self.expectCounts(outcome.figures, audit)
        Self.expectTimes(outcome.figures, audit)
        let ledger = LedgerBuilder.roundTrip(sender: outcome.builderInput, responder: nil)
        #expect(ledger.imbalances() == [])
        // The relay did what it is for.
        for figure in [audit.duplicates, audit.reordered, count - audit.received] {
            #expect(figure > count / 100)
        }
    }

    private static func expectCounts(_ figures: StreamFigures, _ audit: SlowAudit) {
        #expect(figures.sent == audit.sent)
        #expect(figures.inTime == audit.inTime)
        #expect(figures.late == audit.late)
        #expect(figures.never == audit.sent - audit.received)
        #expect(audit.unknown == 0)
        #expect(figures.loss.count == audit.sent - audit.inTime)
        #expect(figures.loss.ratio == Double(audit.sent - audit.inTime) / Double(audit.sent))
        #expect(figures.loss.periods == audit.periods.count)
        #expect(figures.loss.longestBurst == audit.periods.max() ?? 0)
        #expect(figures.duplication.count == audit.duplicates)
        #expect(
            figures.duplication.replicatedRate
                == Double(audit.replicated) / Double(audit.received))
        #expect(figures.reordering.count == audit.reordered)
        #expect(figures.reordering.extent.max == audit.extentMax)
        #expect(figures.reordering.extent.unknown == 0)
        let shares = audit.nReordered.map { Double($0) / Double(audit.received) }
        #expect(figures.reordering.nReordering.n1 == shares[0])
        #expect(figures.reordering.nReordering.n2 == shares[1])
        #expect(figures.reordering.nReordering.n3 == shares[2])
    }

    private static func expectTimes(_ figures: StreamFigures, _ audit: SlowAudit) {
        let rtt = figures.rttNs ?? DelaySummary()
        #expect(rtt.count == audit.roundTripsNs.count)
        #expect(rtt.min == audit.roundTripsNs.first)
        #expect(rtt.max == audit.roundTripsNs.last)
        let mean = Double(audit.roundTripsNs.reduce(0, +)) / Double(audit.roundTripsNs.count)
        #expect(isNear(rtt.mean, mean))
        for (figure, percent) in [
            (rtt.p50, 50), (rtt.p90, 90), (rtt.p99, 99), (rtt.p999, 99.9), (rtt.p9999, 99.99),
        ] {
            #expect(
                isNear(figure.map(Double.init), Double(audit.percentile(percent) ?? 0)),
                "p\(percent)")
        }
        #expect(figures.ipdvNs.count == audit.variationsNs.count)
        #expect(figures.ipdvNs.min == audit.variationsNs.min())
        #expect(figures.ipdvNs.max == audit.variationsNs.max())
    }

    /// Within 0.2 %: the histogram's three digits.
    private static func isNear(_ figure: Double?, _ reference: Double) -> Bool {
        guard let figure else { return false }
        return abs(figure - reference) <= abs(reference) * 0.002
    }
}
