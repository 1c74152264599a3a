import Datagrams
import Glibc
import Metrics
import Testing

@testable import Loops

/// Every errno of a send call ends in its account: rows N5, N8, N12, N13, N15, N17.
@Suite struct SendErrnoTests {
    @Test("N5 a refused datagram is sent once more, and leaves")
    func n5Retry() {
        let network = SimulatedNetwork()
        network.sendScript = { call, _ in call % 10 == 4 ? .fail(ECONNREFUSED) : nil }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        #expect(run.accounts.retried == network.record.failures[ECONNREFUSED])
        #expect(run.accounts.retried > 15)
        #expect(run.accounts.ledger.refused == 0)
        #expect(run.accounts.ledger.sent == 200)
    }

    @Test("N5 a datagram that is refused twice in a row is refused, and the next one has its retry")
    func n5Refused() {
        let network = SimulatedNetwork()
        network.sendScript = { call, _ in call % 10 < 2 ? .fail(ECONNREFUSED) : nil }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        let failures = network.record.failures[ECONNREFUSED] ?? 0
        #expect(run.accounts.retried + run.accounts.ledger.refused == failures)
        #expect(run.accounts.ledger.refused == run.accounts.retried)
        #expect(run.accounts.ledger.refused > 15)
    }

    @Test(
        "N5 towards a closed port every reset is counted and the run ends", arguments: [1, 8, 64])
    func n5ClosedPort(batch: Int) {
        let network = SimulatedNetwork(flows: 2)
        network.isPortClosed = { _ in true }
        network.forward.delayNs = 1_000...1_000
        let run = SenderRun(
            SenderRun.unpaced(count: 500, window: nil, flows: 2, batch: batch), over: network)
        run.expectExact()
        #expect(run.resets.seen > 0)
        #expect(run.resets.seen == network.record.resets)
        #expect(run.resets.unattributed == 0)
        #expect(run.figures.received == 0)
        #expect(run.figures.never == run.accounts.ledger.sent)
        let failures = network.record.failures[ECONNREFUSED] ?? 0
        #expect(run.accounts.retried + run.accounts.ledger.refused == failures)
    }

    @Test("N5 a responder that is away for a while costs what was sent meanwhile, no more")
    func n5Outage() {
        let network = SimulatedNetwork()
        let away = SimulatedClock.startNs + 5_000_000..<SimulatedClock.startNs + 11_000_000
        network.isPortClosed = { away.contains($0) }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        #expect(run.figures.never == network.record.refusedAtPort)
        #expect(run.figures.loss.periods == 1)
        #expect((50...70).contains(run.figures.never))
        #expect(run.resets.seen == network.record.resets)
    }

    @Test("N8 ENOBUFS is local_queue, and the loop backs off while it lasts")
    func n8() {
        let network = SimulatedNetwork()
        network.sendScript = { _, _ in .fail(ENOBUFS) }
        let run = SenderRun(SenderRun.paced(count: 10_000), over: network)
        run.expectExact()
        #expect(run.accounts.ledger.sent == 0)
        #expect(run.accounts.ledger.localQueue == network.record.failures[ENOBUFS])
        #expect(run.accounts.ledger.skipped == 10_000 - run.accounts.ledger.localQueue)
        // A second of a full queue: asked every 5 ms, after a shorter start.
        #expect(network.record.sendCalls < 220)
    }

    @Test("N8 after a full queue the loop is back at its rate")
    func n8Recovery() {
        let network = SimulatedNetwork()
        network.sendScript = { call, _ in (20..<26).contains(call) ? .fail(ENOBUFS) : nil }
        let run = SenderRun(SenderRun.paced(count: 2_000), over: network)
        run.expectExact()
        #expect(run.accounts.ledger.localQueue == 6)
        // 50, 100 … 1,600 µs of rest, 100 µs a slot.
        #expect((25...40).contains(run.accounts.ledger.skipped))
        #expect(run.accounts.ledger.sent == 2_000 - 6 - run.accounts.ledger.skipped)
    }

    @Test("EAGAIN waits for the socket, and the slots that pass meanwhile are skipped")
    func eagainPolls() {
        let network = SimulatedNetwork()
        network.sendScript = { call, _ in (10..<20).contains(call) ? .fail(EAGAIN) : nil }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        // Ten waits of 200 µs, 100 µs a slot.
        #expect((18...22).contains(run.accounts.ledger.skipped))
        #expect(run.accounts.ledger.sent == 200 - run.accounts.ledger.skipped)
        #expect(run.accounts.ledger.otherError == 0)
    }

    @Test("N12 EPERM is local_firewall")
    func n12() {
        let network = SimulatedNetwork()
        network.sendScript = { call, _ in call >= 100 ? .fail(EPERM) : nil }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        #expect(run.accounts.ledger.sent == 100)
        #expect(run.accounts.ledger.localFirewall == 100)
    }

    @Test(
        "T11 EMSGSIZE from the first datagram on is too_big, and the schedule goes on",
        arguments: [SenderRun.paced(count: 100), SenderRun.unpaced(count: 100, window: nil)])
    func t11(phase: SenderPhase) {
        let network = SimulatedNetwork()
        network.sendScript = { _, _ in .fail(EMSGSIZE) }
        let run = SenderRun(phase, over: network)
        run.expectExact()
        #expect(run.fault == nil)
        #expect(run.accounts.ledger.tooBig == 100)
    }

    @Test("T11 at full rate a path that is too narrow is not tried without a rest")
    func t11Rest() {
        let network = SimulatedNetwork()
        network.sendScript = { _, _ in .fail(EMSGSIZE) }
        var phase = SenderRun.unpaced(count: 1, window: nil)
        phase.countLimit = nil
        phase.durationNs = 1_000_000_000
        let run = SenderRun(phase, over: network)
        #expect(!run.ranAway && run.fault == nil)
        // A rest of 5 ms each, once the rests have grown.
        #expect((150...1_000).contains(network.record.sendCalls), run.comment)
    }

    @Test("N13 EMSGSIZE later is too_big and the rest goes on")
    func n13() {
        let network = SimulatedNetwork()
        network.sendScript = { call, _ in (50..<60).contains(call) ? .fail(EMSGSIZE) : nil }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        #expect(run.fault == nil)
        #expect(run.accounts.ledger.tooBig == 10)
        #expect(run.accounts.ledger.sent == 190)
    }

    @Test(
        "an unreachable network is other_error by name, and the run goes on",
        arguments: [EHOSTUNREACH, ENETUNREACH, ENETDOWN])
    func unreachable(errno: Int32) {
        let network = SimulatedNetwork()
        network.sendScript = { call, _ in (50..<60).contains(call) ? .fail(errno) : nil }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        #expect(run.fault == nil)
        #expect(run.accounts.ledger.otherError == 10)
        #expect(run.otherErrors == [SystemErrno(rawValue: errno).name: 10])
    }

    @Test("a fault of our own stops the run at once", arguments: [EBADF, EFAULT])
    func ownFault(errno: Int32) {
        let network = SimulatedNetwork()
        network.sendScript = { call, _ in call == 3 ? .fail(errno) : nil }
        let run = SenderRun(
            SenderRun.unpaced(count: 100, window: nil, batch: 10), over: network)
        run.expectExact()
        #expect(run.fault == .ownFault(SystemErrno(rawValue: errno)))
        #expect(network.record.sendCalls == 4)
        #expect(run.accounts.ledger.sent == 30)
    }

    @Test(
        "N15 a call that takes k of n is gone on with at k, for every k", arguments: [1, 2, 7, 64])
    func n15(batch: Int) {
        for taken in 1...batch {
            let network = SimulatedNetwork(seed: UInt64(taken))
            network.sendScript = { call, _ in call % 2 == 0 ? .take(taken) : nil }
            let run = SenderRun(
                SenderRun.unpaced(count: 3 * batch, window: nil, batch: batch), over: network)
            run.expectExact()
            #expect(run.accounts.ledger.sent == 3 * batch)
            #expect(run.figures.inTime == 3 * batch)
        }
    }

    @Test(
        "N15 an error behind the first k of n costs its own datagram and no other",
        arguments: [ENOBUFS, EPERM, EMSGSIZE, EHOSTUNREACH, ECONNREFUSED, EAGAIN])
    func n15Errors(errno: Int32) {
        let batch = 16
        for taken in 1..<batch {
            let network = SimulatedNetwork(seed: UInt64(taken))
            network.sendScript = { call, _ in
                call == 0 ? .take(taken) : call == 1 ? .fail(errno) : nil
            }
            let run = SenderRun(
                SenderRun.unpaced(count: 4 * batch, window: nil, batch: batch), over: network)
            run.expectExact()
            let isRepeated = errno == ECONNREFUSED || errno == EAGAIN
            #expect(run.accounts.ledger.sent == 4 * batch - (isRepeated ? 0 : 1))
        }
    }
}
