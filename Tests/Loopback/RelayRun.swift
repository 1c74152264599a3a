import Datagrams
import Impairment
import Metrics
import Testing

@testable import Loops

/// A sender, the shipped relay and a responder at work with each other over real sockets, and what
/// each of them counted.
struct RelayRun {
    let sender: SenderOutcome
    let relay: RelayResult
    let responder: ResponderOutcome

    init(
        _ phase: SenderPhase, forward: Impairment = Impairment(),
        backward: Impairment = Impairment(), seed: Int = 5, logPath: String? = nil
    ) throws {
        let responder = try ResponderThread(phase, echoes: !phase.isOneWay)
        let control = RelayControl()
        let job = try RelayJob(
            RelayAssignment(
                listen: "127.0.0.1:0", targets: [responder.address.description], forward: forward,
                backward: backward, seed: seed,
                runId: Int(truncatingIfNeeded: SenderThread.runID),
                streams: [Self.order(phase)], kernelTimestamps: true, logPath: logPath),
            control: control)
        let sender = try SenderThread(phase, to: job.address)
        try responder.start()
        let relaying = try job.start(startNs: LinuxClock().nowNs()) {}
        try sender.start()
        self.sender = sender.join()
        // What is held still leaves.
        control.loop.stop(drainNs: 50_000_000)
        for thread in relaying { thread.join() }
        relay = try job.result()
        self.responder = responder.stop(sent: self.sender.sentByFlow)
    }

    private static func order(_ phase: SenderPhase) -> ExpectedStreamOrder {
        ExpectedStreamOrder(
            firstSession: Int(phase.firstSession), flows: phase.flows,
            payloadBytes: phase.payloadBytes, firstSequence: Int(phase.firstSequence),
            timeoutNs: phase.timeoutNs, windowCapacity: phase.windowCapacity,
            intervalNs: 1_000_000_000, maxIntervals: 1)
    }

    /// Each datagram is in an account, and no socket was too small.
    func expectBalance(at location: SourceLocation = #_sourceLocation) {
        for side in [relay.forward, relay.backward] {
            #expect(
                side.accounts.accounted == side.accounts.received, "\(side.accounts)",
                sourceLocation: location)
            #expect(side.drops == 0, "a busy machine", sourceLocation: location)
            #expect(side.accounts.sendFailed == 0, sourceLocation: location)
            #expect(side.accounts.foreign == 0 || side.accounts.altered > 0)
        }
        #expect(relay.forward.accounts.received == sender.accounts.ledger.sent)
        #expect(sender.drops == 0)
        #expect(responder.drops == 0)
    }
}
