import Datagrams
import Load
import Metrics

@testable import Loops

/// What a sender hears: answers, and whatever else reaches its sockets.
enum SenderTarget {
    private static let limitNs: Int64 = 20_000_000_000

    static func test(_ octets: [UInt8], _ findings: Findings) {
        var input = InputReader(octets)
        let wire = Wire(&input)
        let (settings, count) = (input.byte(), Int(input.byte() % 33))
        let flows = 1 + Int(settings & 3)
        let sender = SenderDefinition(
            name: "probes", flows: flows, rate: .max, payloadBytes: wire.payloadBytes,
            length: .count(count), startSequence: Int(wire.firstSequence))
        var phase = SenderPhase(
            sender, flows: flows, timeoutNs: 5_000_000,
            startNs: SimulatedClock.startNs + 100_000, firstSession: Wire.firstSession,
            windowCapacity: 16)
        phase.rate = .paced(streamPps: 10_000)
        phase.countLimit = count
        phase.spinNs = 0
        phase.coalesces = settings & 4 != 0
        phase.expectsAltered = settings & 8 != 0
        if settings & 16 != 0 {
            phase.room = RoomPhase(
                members: flows, firstSession: Int(Wire.firstSession), messages: count)
        }
        let network = SimulatedNetwork(flows: flows)
        // Whether anybody answers, beside what the input makes up.
        if settings & 32 != 0 { network.backward.loss = 1 }
        var atNs = SimulatedClock.startNs
        for step in WireStep.script(&input, wire) {
            atNs += step.pauseNs
            network.forge(step.octets, flow: step.source % flows, atNs: atNs)
        }
        run(phase, wire, over: network, findings)
    }

    private static func run(
        _ phase: SenderPhase, _ wire: Wire, over network: SimulatedNetwork, _ findings: Findings
    ) {
        let control = LoopControl()
        network.firstSequence = phase.firstSequence
        network.timeoutNs = phase.timeoutNs
        network.payloadBytes = phase.payloadBytes
        network.coalesces = phase.coalesces
        network.clock.alarm(atNs: SimulatedClock.startNs + limitNs) {
            fatalError("the loop does not end")
        }
        var loop = SenderLoop<SimulatedKernel, SimulatedClock, ProbeLayout>(
            phase: phase, content: wire.layout, clock: network.clock, control: control, log: nil)
        var kernel = SimulatedKernel(network)
        loop.run(&kernel)
        findings.require(loop.fault == nil, "a datagram is a fault of the host")
        let figures = loop.statistics.summary()
        let sent = loop.accounts.ledger.sent
        findings.require(sent == network.sentByFlow.reduce(0, +), "sent \(sent)")
        findings.require(figures.sent == sent, "figures of \(figures.sent)")
        findings.require(figures.loss.count == sent - figures.inTime, "\(figures.loss)")
        findings.require(figures.inTime + figures.late + figures.never == sent, "\(figures)")
        if let room = loop.roomResult {
            let most = phase.flows * sent
            findings.require((0...most).contains(room.delivered), "\(room.delivered) of \(most)")
        } else {
            // Every datagram that came is in one account.
            let came = network.record.delivered.count + network.record.deliveredAltered
            let counted =
                figures.inTime + figures.late + figures.duplication.count
                + loop.accounts.rejected.total
            findings.require(came == counted, "\(came) came, \(counted) were counted")
        }
        var responder = LedgerBuilder.Responder()
        responder.received = network.record.atResponder.count
        let sender = LedgerBuilder.Sender(loop.accounts.ledger, figures, socketDrops: 0)
        let ledger = LedgerBuilder.roundTrip(sender: sender, responder: responder)
        // Answers that nobody gave, with their checks in order, are more than were lost.
        findings.require(
            ledger.imbalances().isEmpty || figures.received > 0, "\(ledger.imbalances())")
    }
}
