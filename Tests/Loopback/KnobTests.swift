import Datagrams
import Metrics
import Testing

@testable import Loops

/// Every combination of the four knobs, each held against its own datagram log.
@Suite(.serialized) struct KnobTests {
    static let orders: [JobRun.Order] = (0..<64).map { number in
        var order = JobRun.Order()
        order.sendmmsg = number & 1 != 0
        order.recvmmsg = number & 2 != 0
        order.gso = number & 4 != 0
        order.gro = number & 8 != 0
        order.echoes = number & 16 == 0
        if number & 32 != 0 {
            order.ratePps = 5_000
            order.countPerFlow = 500
            order.maxBurst = 4
        }
        return order
    }

    @Test("each combination of the knobs counts the same datagrams", arguments: orders)
    func counts(order: JobRun.Order) throws {
        let run = try JobRun(order)
        run.expectExact()
        #expect(run.senderReady.features.segments == order.gso)
        #expect(run.senderReady.features.coalesces == order.gro)
        #expect(run.responderReady.features.coalesces == order.gro)
        #expect(!run.sender.abandonedSegments)
    }

    @Test("each combination of the knobs agrees with its datagram log", arguments: orders)
    func agreesWithLog(order: JobRun.Order) throws {
        let file = try TemporaryFile()
        let run = try JobRun(order, logPath: file.path)
        run.expectExact()
        let audit = SlowAudit(log: file.contents(), timeoutNs: Int(JobRun.timeoutNs))
        #expect(audit.sent == run.sender.accounts.sent)
        #expect(audit.unknown == 0)
        #expect(audit.inTime == run.sender.figures.inTime)
        #expect(audit.late == run.sender.figures.late)
        #expect(audit.duplicates == 0)
        #expect(audit.reordered == 0)
        guard order.echoes else { return }
        let rtt = try #require(run.sender.figures.rttNs)
        #expect(rtt.count == audit.roundTripsNs.count)
        #expect(rtt.min == audit.roundTripsNs.first)
        #expect(rtt.max == audit.roundTripsNs.last)
        #expect(run.sender.figures.ipdvNs.count == audit.variationsNs.count)
        #expect(run.sender.figures.ipdvNs.min == audit.variationsNs.min())
        #expect(run.sender.figures.ipdvNs.max == audit.variationsNs.max())
    }
}
