import Glibc
import Metrics
import Testing

@testable import Loops

/// Super-packets out (UDP_SEGMENT) and coalesced messages in (UDP_GRO): row N14, and N15 for
/// messages of several datagrams.
@Suite struct OffloadTests {
    private static func phase(count: Int, segments: Int, batch: Int = 4) -> SenderPhase {
        var phase = SenderRun.unpaced(count: count, window: nil, batch: batch)
        phase.segments = segments
        phase.coalesces = true
        return phase
    }

    @Test("super-packets carry every probe once, also when the last is shorter")
    func superPackets() {
        for count in [1, 7, 8, 9, 31, 32, 33, 500] {
            let network = SimulatedNetwork()
            let run = SenderRun(Self.phase(count: count, segments: 8), over: network)
            run.expectExact()
            #expect(run.accounts.ledger.sent == count)
            #expect(run.figures.inTime == count)
            #expect(network.record.sendCalls == (count + 31) / 32)
        }
    }

    @Test(
        "N14 a super-packet that is refused at the n-th call leaves singly, and none twice",
        arguments: [EIO, EINVAL, EMSGSIZE])
    func n14(errno: Int32) {
        for failing in 0..<6 {
            let network = SimulatedNetwork(seed: UInt64(failing))
            network.sendScript = { call, _ in call == failing ? .fail(errno) : nil }
            let run = SenderRun(Self.phase(count: 200, segments: 8), over: network)
            run.expectExact()
            #expect(run.fault == nil)
            #expect(run.accounts.ledger.sent == 200)
            #expect(run.accounts.ledger.tooBig == 0)
            #expect(run.accounts.ledger.otherError == 0)
            #expect(run.figures.inTime == 200)
        }
    }

    @Test("N14 where singles are refused as well the errno has its own account")
    func n14Singles() {
        let network = SimulatedNetwork()
        network.sendScript = { _, _ in .fail(EMSGSIZE) }
        var run = SenderRun(Self.phase(count: 200, segments: 8), over: network)
        run.expectExact()
        #expect(run.fault == nil)
        #expect(run.accounts.ledger.tooBig == 200)
        let broken = SimulatedNetwork()
        broken.sendScript = { call, _ in call > 0 ? .fail(EINVAL) : nil }
        run = SenderRun(Self.phase(count: 200, segments: 8), over: broken)
        run.expectExact()
        #expect(run.accounts.ledger.sent == 32)
        #expect(run.accounts.ledger.otherError == 168)
    }

    @Test("N15 a call that takes k of n super-packets is gone on with at k", arguments: [2, 8, 16])
    func n15(segments: Int) {
        for taken in 1...4 {
            let network = SimulatedNetwork(seed: UInt64(taken))
            network.sendScript = { call, _ in call % 2 == 0 ? .take(taken) : nil }
            let count = 12 * segments - 3
            let run = SenderRun(Self.phase(count: count, segments: segments), over: network)
            run.expectExact()
            #expect(run.accounts.ledger.sent == count)
        }
    }

    @Test("N22 a run of probes crosses 2^32 in one message", arguments: [16, 64])
    func n22(payloadBytes: Int) {
        for first in ((1 << 32) - 20)...(1 << 32) as ClosedRange<UInt64> {
            let network = SimulatedNetwork(seed: first)
            var phase = Self.phase(count: 100, segments: 8)
            phase.sender.payloadBytes = payloadBytes
            phase.sender.startSequence = Int(first)
            let run = SenderRun(phase, over: network)
            run.expectExact()
            #expect(run.figures.inTime == 100)
        }
    }

    @Test("a flipped bit in a coalesced message costs its own probe alone", arguments: [16, 44])
    func flippedBits(payloadBytes: Int) {
        let bits = payloadBytes * 8
        let network = SimulatedNetwork()
        var phase = Self.phase(count: bits, segments: 8)
        phase.sender.payloadBytes = payloadBytes
        network.forgery = { probe, octets in
            guard probe.index % 3 == 0 else { return [] }
            var octets = octets
            octets[probe.index / 8] ^= 1 << UInt8(probe.index % 8)
            return [.init(octets, after: 20_000)]
        }
        network.echoScript = { $0.index % 3 == 0 ? [] : [20_000] }
        let run = SenderRun(phase, over: network)
        run.expectExact()
        #expect(run.figures.never == (bits + 2) / 3)
        #expect(run.figures.loss.longestBurst == 1)
    }

    @Test("an echo sends a coalesced message back as it came, or piece by piece when it must")
    func echoPieces() {
        let stream = ResponderRun.stream()
        for errno in [nil, EIO, EINVAL] {
            let script = ResponderRun.steady(200, of: stream)
            for index in script.arrivals.indices {
                script.arrivals[index].atNs = script.arrivals[199].atNs
            }
            script.coalesces = true
            if let errno { script.sendScript = { call, n in call % 40 == 0 ? .fail(errno) : nil } }
            let run = ResponderRun(stream, echoes: true, over: script, sent: [200])
            #expect(run.counts.received == 200)
            #expect(run.counts.echoed + run.counts.echoFailed == 200)
            #expect(run.counts.echoed == script.answers.count)
            if errno == nil {
                #expect(script.answers.map(\.octets) == script.arrivals.map(\.octets))
            }
        }
    }

    @Test("a piece waits for a full send buffer as a whole message does")
    func pieceWaits() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(60, of: stream)
        for index in script.arrivals.indices {
            script.arrivals[index].atNs = script.arrivals[59].atNs
        }
        script.coalesces = true
        // The first message is refused whole, its pieces find the buffer full twice.
        script.sendScript = { call, _ in
            call == 0 ? .fail(EIO) : (1...2).contains(call) ? .fail(EAGAIN) : nil
        }
        let run = ResponderRun(stream, echoes: true, over: script, sent: [60])
        #expect(run.counts.echoed == 60)
        #expect(run.counts.echoFailed == 0)
        #expect(script.answers.map(\.octets) == script.arrivals.map(\.octets))
    }

    @Test("what is no probe in a coalesced message is not answered, and the others are")
    func strangersAmongPieces() {
        let stream = ResponderRun.stream()
        for offset in [14, 20] {
            let script = ResponderRun.steady(100, of: stream)
            for index in script.arrivals.indices {
                script.arrivals[index].atNs = script.arrivals[99].atNs
                // Every fifth is of another session, or of another run.
                if index % 5 == 2 { script.arrivals[index].octets[offset] ^= 0xff }
            }
            script.coalesces = true
            let run = ResponderRun(stream, echoes: true, over: script, sent: [100])
            #expect(run.rejected.total == 20)
            #expect(run.counts.received == 80)
            #expect(run.counts.echoed == 80)
            #expect(script.answers.count == 80)
        }
    }
}
