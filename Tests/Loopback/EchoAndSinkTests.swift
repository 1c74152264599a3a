import Datagrams
import Glibc
import Metrics
import Testing

@testable import Loops

/// Sender and responder over real sockets on loopback: all is counted, nothing is lost.
@Suite(.serialized) struct EchoAndSinkTests {
    @Test(
        "an echo over loopback loses nothing, at every payload size",
        arguments: [16, 44, 1_472, 65_507], [SocketAddress.Family.ipv4, .ipv6])
    func echo(payloadBytes: Int, family: SocketAddress.Family) throws {
        // Few large ones: they must fit into the buffers of this machine, whatever it grants.
        let isLarge = payloadBytes > 2_000
        let count = isLarge ? 300 : 5_000
        let run = try LoopbackRun(
            LoopbackRun.phase(
                count: count, flows: 2, payloadBytes: payloadBytes, window: isLarge ? 1 : 32),
            family: family)
        #expect(run.sender.accounts.ledger.scheduled == count)
        #expect(run.sender.accounts.ledger.sent == count)
        #expect(run.sender.figures.received == count)
        #expect(run.sender.figures.duplication.count == 0)
        #expect(run.sender.figures.reordering.count == 0)
        #expect(run.sender.accounts.rejected == RejectedCounts())
        #expect(run.responder.counts.received == count)
        #expect(run.responder.counts.echoed == count)
        #expect(run.responder.counts.echoFailed == 0)
        #expect(run.responder.rejected == RejectedCounts())
        #expect(run.responder.datagrams == count)
        #expect(run.echoLedger.imbalances() == [])
        #expect(run.echoLedger.forwardLost == 0)
        #expect(run.echoLedger.backwardLost == 0)
        #expect((run.sender.figures.rttNs?.min ?? 0) > 0)
    }

    @Test(
        "a sink over loopback has the one-way figures",
        arguments: [16, 44, 1_472, 65_507], [SocketAddress.Family.ipv4, .ipv6])
    func sink(payloadBytes: Int, family: SocketAddress.Family) throws {
        var phase = LoopbackRun.phase(
            count: payloadBytes > 2_000 ? 50 : 500, flows: 2, payloadBytes: payloadBytes,
            isOneWay: true)
        // Slow enough for any buffer.
        phase.rate = .paced(streamPps: payloadBytes > 2_000 ? 200 : 2_000)
        phase.sender.maxBurst = 8
        if payloadBytes > 2_000 { phase.batch = 1 }
        let run = try LoopbackRun(phase, family: family)
        let sent = run.sender.accounts.ledger.sent
        #expect(sent + run.sender.accounts.ledger.skipped == phase.countLimit)
        #expect(run.responder.figures.sent == sent)
        #expect(run.responder.figures.received + run.responder.drops == sent)
        #expect(run.sinkLedger.imbalances() == [])
        #expect(run.sinkLedger.forwardLost == 0)
        let oneWay = try #require(run.responder.figures.oneWayNs)
        #expect(oneWay.count == run.responder.figures.received)
        // One host, one clock: a delay is never negative, nor longer than the whole run.
        #expect((oneWay.min ?? 0) > 0)
        #expect((oneWay.max ?? .max) < 10_000_000_000)
    }

    @Test(
        "super-packets, coalesced messages and kernel timestamps change no count",
        arguments: [(8, false, false), (1, true, true), (8, true, false), (32, true, true)],
        [16, 64])
    func offload(knobs: (segments: Int, coalesces: Bool, timestamps: Bool), payloadBytes: Int)
        throws
    {
        // Half a call of super-packets short of a round number: the last ones are not full.
        let count = 20_000 - knobs.segments / 2
        var phase = LoopbackRun.phase(
            count: count, flows: 2, payloadBytes: payloadBytes, window: 4 * knobs.segments)
        phase.segments = knobs.segments
        phase.coalesces = knobs.coalesces
        phase.usesKernelTimestamps = knobs.timestamps
        phase.batch = 4
        let run = try LoopbackRun(phase)
        #expect(run.sender.accounts.ledger.sent == count)
        #expect(run.sender.figures.received == count)
        #expect(run.sender.figures.duplication.count == 0)
        #expect(run.sender.figures.reordering.count == 0)
        #expect(run.sender.accounts.rejected == RejectedCounts())
        #expect(run.responder.counts.received == count)
        #expect(run.responder.counts.echoed == count)
        #expect(run.responder.datagrams == count)
        #expect(run.responder.rejected == RejectedCounts())
        #expect(run.echoLedger.imbalances() == [])
        #expect((run.sender.figures.rttNs?.min ?? 0) > 0)
    }

    @Test("a sink under more than it can take: what is missing is its overflow")
    func sinkAtMax() throws {
        let run = try LoopbackRun(LoopbackRun.phase(count: 100_000, flows: 2, isOneWay: true))
        #expect(run.sender.accounts.ledger.sent == 100_000)
        #expect(run.responder.figures.sent == 100_000)
        #expect(run.responder.figures.received + run.responder.drops == 100_000)
        #expect(run.sinkLedger.imbalances() == [])
        #expect(run.sinkLedger.forwardLost == 0)
    }

    @Test("a paced schedule is accounted for slot by slot")
    func paced() throws {
        let run = try LoopbackRun(LoopbackRun.paced(count: 1_000, pps: 5_000, flows: 4))
        let accounts = run.sender.accounts
        #expect(accounts.ledger.scheduled == 1_000)
        #expect(accounts.ledger.sent + accounts.ledger.skipped == 1_000)
        #expect(run.sender.figures.pacingErrorNs?.count == accounts.ledger.sent)
        #expect((run.sender.figures.pacingErrorNs?.min ?? -1) >= 0)
        #expect(run.sender.figures.rttIntendedNs?.count == run.sender.figures.received)
        #expect(run.echoLedger.imbalances() == [])
        #expect(run.echoLedger.forwardLost == 0)
        #expect(run.echoLedger.backwardLost == 0)
    }

    @Test("more flows than one wait reports")
    func manyFlows() throws {
        let run = try LoopbackRun(
            LoopbackRun.phase(count: 3_000, flows: 150, window: 4))
        #expect(run.sender.accounts.ledger.sent == 3_000)
        #expect(run.sender.figures.received == 3_000)
        #expect(run.sender.sentByFlow.allSatisfy { $0 > 0 })
        #expect(run.echoLedger.imbalances() == [])
    }

    @Test("N17 a storm of signals changes no count", arguments: [false, true])
    func n17(isOneWay: Bool) throws {
        var storm: SignalStorm?
        var phase = LoopbackRun.phase(count: 30_000, flows: 2, isOneWay: isOneWay)
        // Long enough for some hundred signals; in a closed loop the echo sets the time.
        if isOneWay { phase.rate = .paced(streamPps: 60_000) }
        phase.sender.maxBurst = 64
        let run = try LoopbackRun(phase) { storm = try SignalStorm(over: $0) }
        let strikes = try #require(storm).end()
        #expect(strikes > 10)
        let accounts = run.sender.accounts
        #expect(accounts.ledger.scheduled == 30_000)
        #expect(accounts.ledger.sent + accounts.ledger.skipped == 30_000)
        #expect(accounts.ledger.otherError == 0)
        #expect(run.sender.otherErrors.isEmpty)
        if isOneWay {
            #expect(run.responder.figures.received + run.responder.drops == accounts.ledger.sent)
            #expect(run.sinkLedger.imbalances() == [])
        } else {
            #expect(run.sender.figures.received == 30_000)
            #expect(run.responder.counts.echoed == 30_000)
            #expect(run.echoLedger.imbalances() == [])
        }
    }

    @Test("N5 a closed port answers with resets, which are counted; nothing hangs")
    func n5() throws {
        for flows in [1, 3] {
            let address = try ResetTests.closedPort()
            var phase = LoopbackRun.paced(count: 300, pps: 3_000, flows: flows)
            phase.timeoutNs = 100_000_000
            let sender = try SenderThread(phase, to: address)
            try sender.start()
            let outcome = sender.join()
            let accounts = outcome.accounts
            #expect(outcome.fault == nil)
            #expect(outcome.resets.seen > 0)
            #expect(outcome.resets.seen <= accounts.ledger.sent)
            #expect(outcome.resets.unattributed == 0)
            #expect(outcome.figures.received == 0)
            #expect(outcome.figures.never == accounts.ledger.sent)
            let ledger = LedgerBuilder.roundTrip(sender: outcome.builderInput, responder: nil)
            #expect(ledger.imbalances() == [])
            #expect(ledger.lostUnsplit == accounts.ledger.sent)
        }
    }

    @Test("N5 at rate max a closed port leaves no datagram without an account")
    func n5AtMax() throws {
        var phase = LoopbackRun.phase(count: 5_000, flows: 2, window: 64)
        phase.timeoutNs = 100_000_000
        let sender = try SenderThread(phase, to: try ResetTests.closedPort())
        try sender.start()
        let outcome = sender.join()
        #expect(outcome.accounts.ledger.scheduled == 5_000)
        #expect(outcome.accounts.ledger.sent + outcome.accounts.ledger.refused == 5_000)
        #expect(outcome.resets.seen > 0)
        let ledger = LedgerBuilder.roundTrip(sender: outcome.builderInput, responder: nil)
        #expect(ledger.imbalances() == [])
    }

    @Test("T11 a payload one octet above the largest is too_big")
    func tooLong() throws {
        let address = try ResetTests.closedPort()
        var phase = LoopbackRun.phase(count: 10, payloadBytes: 65_508)
        phase.batch = 2
        let sender = try SenderThread(phase, to: address)
        try sender.start()
        let outcome = sender.join()
        #expect(outcome.fault == nil)
        #expect(outcome.accounts.ledger.tooBig == 10)
        #expect(outcome.accounts.ledger.sent == 0)
    }
}
