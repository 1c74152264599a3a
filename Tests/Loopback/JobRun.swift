import Datagrams
import Load
import Metrics
import Synchronization
import Testing

@testable import Loops

/// A sender's and a responder's job as a worker process has them, with all their threads, over
/// loopback.
struct JobRun {
    /// What differs from one run to the other.
    struct Order: Sendable, CustomTestStringConvertible {
        var echoes = true
        var flows = 3
        var countPerFlow = 2_500
        var payloadBytes = 64
        /// Per flow; `nil` is as fast as it goes.
        var ratePps: Double?
        var maxBurst = 1
        var threads = 1
        var sendmmsg = true
        var recvmmsg = true
        var gso = false
        var gro = false
        var warmUpNs: Int64 = 0

        var segments: Int { gso ? 16 : 1 }

        var testDescription: String {
            let knobs = [
                ("sendmmsg", sendmmsg), ("recvmmsg", recvmmsg), ("gso", gso), ("gro", gro),
            ].filter(\.1).map(\.0).joined(separator: "+")
            let rate = ratePps.map { "\($0)pps" } ?? "max"
            return "\(echoes ? "echo" : "sink") \(rate) \(knobs.isEmpty ? "plain" : knobs)"
        }
    }

    static let runID = 0x0123_4567_89ab_cdef
    static let timeoutNs: Int64 = 2_000_000_000

    let order: Order
    let sender: SenderResult
    let responder: ResponderResult
    let senderReady: Ready
    let responderReady: Ready

    init(_ order: Order, logPath: String? = nil) throws {
        let anchorNs = WallTime.anchorNs()
        let responderControl = LoopControl()
        let responder = try ResponderJob(
            Self.responder(order, anchorNs: anchorNs), control: responderControl)
        responderReady = responder.ready()
        let target = try #require(responderReady.addresses.first)
        let sender = try SenderJob(
            Self.sender(order, target: target, anchorNs: anchorNs, logPath: logPath),
            control: LoopControl())
        senderReady = try sender.ready()
        let startNs = LinuxClock().nowNs() + 5_000_000
        let answering = try responder.start(startNs: startNs) {}
        let ends = Atomic(0)
        let sending = try sender.start(startNs: startNs) { ends.add(1, ordering: .relaxed) }
        for thread in sending { thread.join() }
        #expect(ends.load(ordering: .relaxed) == 1, "told once, by the last thread")
        let result = try sender.result()
        let sent = order.warmUpNs > 0 ? [result.warmUpSentByFlow] : []
        responderControl.stop(drainNs: 0, sent: sent + [result.sentByFlow])
        for thread in answering { thread.join() }
        self.order = order
        self.sender = result
        self.responder = try responder.result()
    }

    var measured: ResponderStreamResult { responder.streams[responder.streams.count - 1] }

    var ledger: Ledger {
        let input = LedgerBuilder.Sender(
            sender.accounts, sender.figures, socketDrops: sender.drops)
        guard order.echoes else {
            return LedgerBuilder.oneWay(
                sender: input, inTime: measured.figures.inTime, late: measured.figures.late,
                overflow: overflow(measured.figures.received))
        }
        var far = LedgerBuilder.Responder()
        far.received = measured.counts.received
        far.echoFailed = measured.counts.echoFailed
        far.overflow = overflow(far.received)
        return LedgerBuilder.roundTrip(sender: input, responder: far)
    }

    private func overflow(_ received: Int) -> Int {
        let warmUp = sender.warmUpSentByFlow.reduce(0, +)
        let before = responder.streams.dropLast().reduce(warmUp) { $0 - $1.counts.received }
        // A coalesced buffer that is refused is one drop.
        return LedgerBuilder.provenOverflow(
            missing: [sender.accounts.sent - received, before], drops: responder.drops ?? 0,
            datagramsPerDrop: order.gro ? order.segments : 1)[0]
    }

    /// Everything once, nothing lost, nothing made up.
    func expectExact(at location: SourceLocation = #_sourceLocation) {
        let comment = Comment(rawValue: order.testDescription)
        let count = order.flows * order.countPerFlow
        let accounts = sender.accounts
        #expect(ledger.imbalances() == [], comment, sourceLocation: location)
        #expect(accounts.scheduled == count, comment, sourceLocation: location)
        #expect(accounts.sent + accounts.skipped == count, comment, sourceLocation: location)
        if order.ratePps == nil {
            #expect(accounts.sent == count, comment, sourceLocation: location)
        }
        #expect(
            sender.sentByFlow.reduce(0, +) == accounts.sent, comment, sourceLocation: location)
        #expect(sender.sentByFlow.count == order.flows, comment, sourceLocation: location)
        // Nothing but a full buffer can have kept one from arriving.
        #expect(ledger.forwardLost == 0, comment, sourceLocation: location)
        #expect(measured.counts.duplicates == 0, comment, sourceLocation: location)
        #expect(sender.rejected.total == 0, comment, sourceLocation: location)
        #expect(responder.rejected.total == 0, comment, sourceLocation: location)
        #expect(
            sender.largestBurst <= max(order.maxBurst, largestCall), comment,
            sourceLocation: location)
        let figures = order.echoes ? sender.figures : measured.figures
        #expect(figures.sent == accounts.sent, comment, sourceLocation: location)
        #expect(figures.duplication.count == 0, comment, sourceLocation: location)
        #expect(figures.reordering.count == 0, comment, sourceLocation: location)
        guard order.echoes else { return }
        #expect(measured.counts.received == accounts.sent, comment, sourceLocation: location)
        #expect(measured.counts.echoed == accounts.sent, comment, sourceLocation: location)
        #expect(figures.received == accounts.sent, comment, sourceLocation: location)
        expectTimes(at: location)
    }

    /// Room for the times of all probes of most orders.
    private static let maxEndTimes = 4_096

    /// Both ends kept the times of the same probes, and what they say together is possible.
    private func expectTimes(at location: SourceLocation) {
        let comment = Comment(rawValue: order.testDescription)
        let (near, far) = (sender.endTimes.entries, measured.endTimes.entries)
        let ways = EndTimes.ByProbe(near).ways(
            responder: EndTimes.ByProbe(far), responderAheadNs: 0)
        let answered = sender.figures.received
        #expect(near.count == far.count, comment, sourceLocation: location)
        #expect(ways.count == near.count, comment, sourceLocation: location)
        if answered <= Self.maxEndTimes {
            #expect(ways.count == answered, comment, sourceLocation: location)
        } else {
            #expect(ways.count > Self.maxEndTimes / 4, comment, sourceLocation: location)
        }
        #expect(
            ways.allSatisfy { $0.forwardNs >= 0 && $0.backwardNs >= 0 }, comment,
            sourceLocation: location)
        let longest = ways.map { $0.forwardNs + $0.backwardNs }.max() ?? 0
        #expect(
            longest <= sender.figures.rttNs?.max ?? 0, comment, sourceLocation: location)
    }

    /// Without a schedule a burst is what one call takes.
    private var largestCall: Int {
        order.ratePps == nil ? (order.sendmmsg ? 8 * 64 : 64) : 1
    }

    private static func sender(
        _ order: Order, target: String, anchorNs: Int64, logPath: String?
    ) -> SenderAssignment {
        var assignment = SenderAssignment(
            SenderDefinition(
                name: "probes", flows: order.flows,
                rate: order.ratePps.map { .perFlow(pps: $0) } ?? .max,
                payloadBytes: order.payloadBytes, length: .count(order.countPerFlow),
                maxBurst: order.maxBurst, threads: order.threads),
            targets: [target], runId: runID, anchorNs: anchorNs, timeoutNs: timeoutNs,
            firstSession: 1, windowSlots: 1 << 14)
        assignment.window = order.ratePps == nil && order.echoes ? 64 : nil
        assignment.warmUpNs = order.warmUpNs
        assignment.isOneWay = !order.echoes
        assignment.endsWithLastAnswer = order.echoes
        assignment.sendBatch = order.sendmmsg ? (order.gso ? 8 : 64) : 1
        assignment.receiveBatch = order.recvmmsg ? 16 : 1
        assignment.segments = order.segments
        assignment.coalesces = order.gro
        assignment.spinNs = 0
        assignment.logPath = logPath
        assignment.maxEndTimes = maxEndTimes
        return assignment
    }

    private static func responder(_ order: Order, anchorNs: Int64) -> ResponderAssignment {
        let phases = order.warmUpNs > 0 ? 2 : 1
        var assignment = ResponderAssignment(
            OwnResponder(order.echoes ? .echo : .sink, threads: order.threads),
            address: "127.0.0.1:0", runId: runID, anchorNs: anchorNs,
            streams: (0..<phases).map { phase in
                ExpectedStreamOrder(
                    firstSession: 1 + phase * order.flows, flows: order.flows,
                    payloadBytes: order.payloadBytes, firstSequence: 0, timeoutNs: timeoutNs,
                    windowCapacity: 1 << 14, intervalNs: 1_000_000_000, maxIntervals: 1)
            })
        assignment.coalesces = order.gro
        for phase in assignment.streams.indices {
            assignment.streams[phase].maxEndTimes = maxEndTimes
        }
        return assignment
    }
}
