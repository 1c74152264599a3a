import Datagrams
import Glibc
import Impairment
import Metrics
import Testing

@testable import Loops

/// Receive calls and waits that this host fails: each loop counts them by errno, survives a few,
/// and ends with the errno of what lasts.
@Suite struct ReceiveErrorTests {
    static let errnos = [EIO, ENOMEM, ENOSYS, EPERM]

    // MARK: - The sender

    @Test("T4 a sender ends with the call and the errno that last", arguments: errnos)
    func t4Sender(errno: Int32) {
        let network = SimulatedNetwork(flows: 2)
        network.receiveScript = { call in call >= 200 ? errno : nil }
        let run = SenderRun(SenderRun.paced(count: 10_000, flows: 2), over: network)
        #expect(!run.ranAway, run.comment)
        let fault = HostFault.cannotReceive(call: "recvmmsg", SystemErrno(rawValue: errno))
        #expect(run.fault == .host(fault), run.comment)
        let name = SystemErrno(rawValue: errno).name
        #expect(run.receiveErrors == [name: ReceiveErrors.inRowLimit], run.comment)
        #expect(network.record.receiveCalls == 200 + ReceiveErrors.inRowLimit, run.comment)
        // What was not sent any more is scheduled by nobody, or skipped: the ledger balances.
        #expect(run.ledger.imbalances() == [], run.comment)
        #expect(fault.sentence(of: "sender").contains("recvmmsg"))
        #expect(fault.sentence(of: "sender").contains(name))
    }

    @Test("T4 failures that pass cost no probe, and are counted", arguments: errnos)
    func t4Passing(errno: Int32) {
        let network = SimulatedNetwork()
        network.receiveScript = { call in call % 7 == 3 ? errno : nil }
        let run = SenderRun(SenderRun.paced(count: 500), over: network)
        run.expectExact()
        #expect(run.fault == nil, run.comment)
        #expect(run.figures.loss.count == 0, run.comment)
        let counted = run.receiveErrors[SystemErrno(rawValue: errno).name] ?? 0
        #expect(counted > 10, run.comment)
    }

    @Test("T4 what the network says of earlier datagrams ends no loop, however often")
    func t4Network() {
        let network = SimulatedNetwork()
        network.receiveScript = { call in call % 2 == 0 ? EHOSTUNREACH : ECONNREFUSED }
        var phase = SenderRun.paced(count: 300)
        phase.timeoutNs = 1_000_000
        let run = SenderRun(phase, over: network)
        #expect(!run.ranAway, run.comment)
        #expect(run.fault == nil, run.comment)
        #expect(run.accounts.ledger.sent == 300, run.comment)
        #expect(run.receiveErrors.keys.sorted() == ["EHOSTUNREACH"], run.comment)
    }

    @Test(
        "T4 a sender whose wait fails ends with the errno, whenever that begins",
        arguments: [0, 1_500_000, 20_000_000])
    func t4Wait(afterNs: Int64) {
        let network = SimulatedNetwork()
        network.waitFailure = (ENOSYS, SimulatedClock.startNs + afterNs)
        let run = SenderRun(SenderRun.paced(count: 10_000, flows: 1), over: network)
        #expect(!run.ranAway, run.comment)
        #expect(run.fault == .host(.cannotWait(SystemErrno(rawValue: ENOSYS))), run.comment)
        #expect(network.record.waitCalls < 10_000, run.comment)
    }

    // MARK: - The responder

    @Test("T4 a responder ends with the call and the errno that last", arguments: errnos)
    func t4Responder(errno: Int32) {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(100, of: stream)
        script.receiveScript = { call in call >= 20 ? errno : nil }
        let run = ResponderRun(stream, echoes: true, over: script, sent: [100])
        let fault = HostFault.cannotReceive(call: "recvmmsg", SystemErrno(rawValue: errno))
        #expect(run.fault == fault)
        #expect(script.receiveCalls == 20 + ReceiveErrors.inRowLimit)
        #expect(run.receiveErrors == [SystemErrno(rawValue: errno).name: ReceiveErrors.inRowLimit])
        #expect(run.resets.seen == 0)
    }

    @Test("T4 a responder survives failures that pass", arguments: errnos)
    func t4ResponderPassing(errno: Int32) {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(100, of: stream)
        script.receiveScript = { call in call % 3 == 0 ? errno : nil }
        let run = ResponderRun(stream, echoes: true, over: script, sent: [100])
        #expect(run.fault == nil)
        #expect(run.counts.received == 100)
        #expect(run.counts.echoed == 100)
        #expect(run.receiveErrors[SystemErrno(rawValue: errno).name, default: 0] > 10)
    }

    // MARK: - The relay

    @Test(
        "T4 a relay ends with the call and the errno that last, on either side",
        arguments: errnos, [true, false])
    func t4Relay(errno: Int32, isOfClients: Bool) {
        let network = SimulatedRelayNetwork()
        network.steady(500)
        network.echoAfterNs = 100_000
        network.receiveScript = { endpoint in
            (endpoint == RelayEndpoint.clients) == isOfClients ? errno : nil
        }
        let run = RelayRun(RelayRun.assignment(), over: network)
        let fault = HostFault.cannotReceive(call: "recvmmsg", SystemErrno(rawValue: errno))
        #expect(run.fault == fault)
        #expect(run.result.receiveErrors[SystemErrno(rawValue: errno).name] == 100)
        run.expectBalance()
    }

    @Test("T4 a relay whose wait fails ends with the errno")
    func t4RelayWait() {
        let network = SimulatedRelayNetwork()
        network.steady(10)
        network.waitFailure = EPERM
        let run = RelayRun(RelayRun.assignment(), over: network)
        #expect(run.fault == .cannotWait(.notPermitted))
    }
}
