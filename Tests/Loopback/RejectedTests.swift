import Datagrams
import Glibc
import Metrics
import Testing

@testable import Loops
@testable import Terminal

/// What is no probe changes one counter each, at both ends, over real sockets.
@Suite struct RejectedTests {
    @Test("N16 empty, short and longer datagrams at the sender are counted and change nothing else")
    func n16Sender() throws {
        let peer = try TestPeer { datagram in
            [
                [], Array(datagram.octets.dropLast()), datagram.octets, datagram.octets + [0],
                [UInt8](repeating: 7, count: 9_000),
            ]
        }
        defer { peer.end() }
        var phase = LoopbackRun.phase(count: 200, window: 4)
        phase.endsWithLastAnswer = false
        phase.timeoutNs = 500_000_000
        let sender = try SenderThread(phase, to: peer.address)
        try sender.start()
        let outcome = sender.join()
        #expect(outcome.accounts.rejected.short == 400)
        #expect(outcome.accounts.rejected.truncated == 400)
        #expect(outcome.accounts.rejected.total == 800)
        #expect(outcome.figures.inTime == 200)
        #expect(outcome.figures.duplication.count == 0)
        #expect(outcome.figures.loss.count == 0)
    }

    @Test("N16 empty, short and longer datagrams at the responder are counted and not answered")
    func n16Responder() throws {
        let phase = LoopbackRun.phase(count: 200)
        let responder = try ResponderThread(phase, echoes: true)
        let sender = try SenderThread(phase, to: responder.address)
        let stranger = try DatagramSocket(family: .ipv4)
        stranger.setReceiveTimeout(ns: 1)
        // Session and all, but not the length.
        var probe = [UInt8](repeating: 0, count: 64)
        probe[15] = UInt8(phase.firstSession)
        try responder.start()
        try sender.start()
        for _ in 0..<50 {
            TestPeer.send([], on: stranger.descriptor, to: responder.address)
            TestPeer.send([1, 2, 3], on: stranger.descriptor, to: responder.address)
            TestPeer.send(
                Array(probe.dropLast()), on: stranger.descriptor, to: responder.address)
            TestPeer.send(probe + [0], on: stranger.descriptor, to: responder.address)
            TestPeer.send(
                probe + [UInt8](repeating: 0, count: 3_000), on: stranger.descriptor,
                to: responder.address)
        }
        let sent = sender.join()
        let far = responder.stop(sent: sent.sentByFlow)
        #expect(far.rejected.short == 150)
        #expect(far.rejected.truncated == 100)
        #expect(far.rejected.total == 250)
        #expect(far.counts.received == 200)
        #expect(sent.figures.received == 200)
        #expect(sent.accounts.rejected.total == 0)
        var octet: UInt8 = 0
        #expect(recv(stranger.descriptor, &octet, 1, Int32(MSG_DONTWAIT)) == -1)
    }

    @Test("H10 a datagram from another port than the responder's never reaches a flow")
    func h10Peer() throws {
        let stranger = try DatagramSocket(family: .ipv4)
        let descriptor = stranger.descriptor
        let peer = try TestPeer { datagram in
            // The very echo, from elsewhere, and then from here.
            TestPeer.send(datagram.octets, on: descriptor, to: datagram.peer)
            return [datagram.octets]
        }
        defer { peer.end() }
        let sender = try SenderThread(LoopbackRun.phase(count: 500, window: 4), to: peer.address)
        try sender.start()
        let outcome = sender.join()
        #expect(outcome.figures.inTime == 500)
        #expect(outcome.figures.duplication.count == 0)
        #expect(outcome.accounts.rejected.total == 0)
        withExtendedLifetime(peer) {}
        _ = consume stranger
    }

    @Test("N23 a probe from another source than its flow's is counted and not answered")
    func n23() throws {
        let phase = LoopbackRun.phase(count: 100)
        let responder = try ResponderThread(phase, echoes: true)
        let sender = try SenderThread(phase, to: responder.address)
        try responder.start()
        try sender.start()
        let sent = sender.join()
        // The last probe once more, from another port.
        let stranger = try DatagramSocket(family: .ipv4)
        let layout = ProbeLayout(
            payloadBytes: 64, runID: SenderThread.runID, anchorNs: SenderThread.anchorNs)
        var probe = [UInt8](repeating: 0, count: 64)
        probe.withUnsafeMutableBytes {
            guard let base = $0.baseAddress else { return }
            layout.prepare(base)
            layout.write(
                base, session: phase.firstSession, sequence: 99, sentNs: LinuxClock().nowNs())
        }
        TestPeer.send(probe, on: stranger.descriptor, to: responder.address)
        let far = responder.stop(sent: sent.sentByFlow)
        #expect(far.rejected.peer == 1)
        #expect(far.rejected.total == 1)
        #expect(far.counts.duplicates == 0)
        #expect(far.counts.received == 100)
    }

    @Test(
        "T13 T14 flipped copies from forged sources, both ways, move no figure of a running flow",
        .enabled(if: getuid() == 0, "forged sources need root"),
        arguments: [16, 20, 24, 28, 64], [true, false])
    func t13t14forgedSource(payloadBytes: Int, echoes: Bool) throws {
        var phase = LoopbackRun.phase(
            count: 1_000_000, payloadBytes: payloadBytes, isOneWay: !echoes)
        phase.rate = .paced(streamPps: 2_000)
        // So that the drain takes what the sockets hold, and not the last answer alone.
        phase.endsWithLastAnswer = false
        let responder = try ResponderThread(phase, echoes: echoes)
        let sender = try SenderThread(phase, to: responder.address)
        let source = try #require(try sender.localAddresses().first)
        let layout = ProbeLayout(
            payloadBytes: payloadBytes, runID: SenderThread.runID,
            anchorNs: SenderThread.anchorNs)
        try responder.start()
        try sender.start()
        let bits = payloadBytes < 32 ? payloadBytes * 8 : 28 * 8
        for bit in 0..<bits {
            var probe = [UInt8](repeating: 0, count: payloadBytes)
            probe.withUnsafeMutableBytes {
                guard let base = $0.baseAddress else { return }
                layout.prepare(base)
                // A wall time of its own, so that each run of the test forges the same.
                layout.write(
                    base, session: phase.firstSession, sequence: UInt64(bit),
                    sentNs: 1_700_000_000_000_000_000 - SenderThread.anchorNs)
            }
            probe[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            try ForgedDatagram.send(probe, from: source, to: responder.address)
            if echoes { try ForgedDatagram.send(probe, from: responder.address, to: source) }
        }
        // Without a probe of its own a sender has nothing to wait for.
        while sender.control.latest().sent == 0 { usleep(1_000) }
        sender.control.stop(drainNs: 200_000_000)
        let sent = sender.join()
        let far = responder.stop(sent: sent.sentByFlow)
        let count = sent.accounts.ledger.sent
        #expect(far.rejected.total == bits)
        #expect(far.counts.received == count)
        #expect(far.counts.duplicates == 0)
        #expect(far.figures.loss.count == 0)
        #expect(far.figures.reordering.count == 0)
        guard echoes else { return }
        #expect(sent.accounts.rejected.total == bits)
        #expect(sent.figures.received == count)
        #expect(sent.figures.loss.count == 0)
        #expect(sent.figures.duplication.count == 0)
    }

    @Test("the stand-alone echo returns datagrams of every size as they came")
    func standAloneEcho() throws {
        let server = try ServerThread()
        let client = try DatagramSocket(family: .ipv4)
        try client.connect(to: server.address)
        client.setReceiveTimeout(ns: 5_000_000_000)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        for size in [0, 1, 15, 16, 1_472, 9_000, 65_507] {
            let octets = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
            #expect(Glibc.send(client.descriptor, octets, size, 0) == size)
            let got = recv(client.descriptor, &buffer, buffer.count, 0)
            #expect(got == size)
            #expect(got == size && Array(buffer[..<size]) == octets)
        }
        let counts = server.end()
        #expect(counts == EchoServer.Counts(received: 7, returned: 7, failed: 0))
    }
}
