import Datagrams
import Load
import Metrics
import Testing

@testable import Loops

/// A sender and a responder of the shipped kind at work with each other, and both their counts.
struct LoopbackRun {
    let sender: SenderOutcome
    let responder: ResponderOutcome

    init(
        _ phase: SenderPhase, family: SocketAddress.Family = .ipv4,
        during: ([SignalTarget]) throws -> Void = { _ in }
    ) throws {
        let responder = try ResponderThread(phase, echoes: !phase.isOneWay, family: family)
        let sender = try SenderThread(phase, to: responder.address)
        try responder.start()
        try sender.start()
        try during([sender.target, responder.target])
        self.sender = sender.join()
        self.responder = responder.stop(sent: self.sender.sentByFlow)
    }

    /// A closed loop: as fast as it goes, `window` outstanding.
    static func phase(
        count: Int, flows: Int = 1, payloadBytes: Int = 64, window: Int? = 32,
        isOneWay: Bool = false
    ) -> SenderPhase {
        let sender = SenderDefinition(
            name: "probes", flows: flows, rate: .max, payloadBytes: payloadBytes,
            length: .count(count))
        var phase = SenderPhase(
            sender, flows: flows, window: isOneWay ? nil : window, timeoutNs: 2_000_000_000,
            startNs: 0, firstSession: 3, windowCapacity: 1 << 17)
        phase.countLimit = count
        phase.isOneWay = isOneWay
        phase.endsWithLastAnswer = true
        phase.batch = 16
        return phase
    }

    static func paced(count: Int, pps: Double, flows: Int = 1, isOneWay: Bool = false)
        -> SenderPhase
    {
        var phase = phase(count: count, flows: flows, isOneWay: isOneWay)
        phase.rate = .paced(streamPps: pps)
        return phase
    }

    var echoLedger: Ledger {
        Self.echoLedger(sender, responder)
    }

    static func echoLedger(_ sender: SenderOutcome, _ responder: ResponderOutcome) -> Ledger {
        var far = LedgerBuilder.Responder()
        far.received = responder.counts.received
        far.echoFailed = responder.counts.echoFailed
        far.overflow =
            LedgerBuilder.provenOverflow(
                missing: [sender.accounts.ledger.sent - far.received], drops: responder.drops)[0]
        return LedgerBuilder.roundTrip(sender: sender.builderInput, responder: far)
    }

    static func sinkLedger(_ sender: SenderOutcome, _ responder: ResponderOutcome) -> Ledger {
        let overflow = LedgerBuilder.provenOverflow(
            missing: [sender.accounts.ledger.sent - responder.figures.received],
            drops: responder.drops)[0]
        return LedgerBuilder.oneWay(
            sender: sender.builderInput, inTime: responder.figures.inTime,
            late: responder.figures.late, overflow: overflow)
    }

    var sinkLedger: Ledger { Self.sinkLedger(sender, responder) }
}
