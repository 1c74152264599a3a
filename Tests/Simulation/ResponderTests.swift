import Datagrams
import Glibc
import Metrics
import Testing

@testable import Loops

/// The responder loop, echo and sink, over scripted arrivals.
@Suite struct ResponderTests {
    @Test("an echo answers every probe as it came, once for each copy")
    func echoIsVerbatim() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(200, of: stream)
        script.arrivals.insert(script.arrivals[50], at: 51)
        let run = ResponderRun(stream, echoes: true, over: script, sent: [200])
        #expect(run.counts.received == 200)
        #expect(run.counts.duplicates == 1)
        #expect(run.counts.echoed == 200)
        #expect(script.answers.map(\.octets) == script.arrivals.map(\.octets))
    }

    @Test("a sink answers nothing and has the one-way figures")
    func sinkCounts() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(200, of: stream)
        script.arrivals.removeSubrange(10..<15)
        let run = ResponderRun(stream, echoes: false, over: script, sent: [200])
        #expect(script.answers.isEmpty)
        #expect(run.figures.sent == 200)
        #expect(run.figures.inTime == 195)
        #expect(run.figures.never == 5)
        #expect(run.figures.loss.longestBurst == 5)
        #expect(run.figures.oneWayNs?.count == 195)
        #expect((20_000...21_000).contains(run.figures.oneWayNs?.max ?? 0))
    }

    @Test("N4 a sink sees the loss of the first and the last probes")
    func n4() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(200, of: stream)
        script.arrivals.removeLast(7)
        script.arrivals.removeFirst(5)
        let run = ResponderRun(stream, echoes: false, over: script, sent: [200])
        #expect(run.figures.never == 12)
        #expect(run.figures.loss.periods == 2)
        #expect(run.figures.loss.longestBurst == 7)
    }

    @Test("N22 sequence numbers cross 2^32", arguments: [16, 64], [true, false])
    func n22(payloadBytes: Int, echoes: Bool) {
        for first in [(1 << 32) - 5, 1 << 32, (3 << 32) - 100] as [UInt64] {
            let stream = ResponderRun.stream(payloadBytes: payloadBytes, firstSequence: first)
            let script = ResponderRun.steady(200, of: stream)
            script.arrivals.removeSubrange(100..<110)
            let run = ResponderRun(stream, echoes: echoes, over: script, sent: [200])
            #expect(run.counts.received == 190)
            #expect(run.figures.sent == 200)
            #expect(run.figures.never == 10)
            #expect(run.figures.loss.periods == 1)
            #expect(run.rejected.total == 0)
            #expect(script.answers.count == (echoes ? 190 : 0))
        }
    }

    @Test("L15 no datagram and one datagram")
    func l15() {
        for (count, echoes) in [(0, true), (0, false), (1, true), (1, false)] {
            let stream = ResponderRun.stream()
            let script = ResponderRun.steady(count, of: stream)
            let run = ResponderRun(stream, echoes: echoes, over: script, sent: [count])
            #expect(run.counts.received == count)
            #expect(run.figures.sent == count)
            #expect(run.figures.loss.ratio == (count == 0 ? nil : 0))
        }
    }

    @Test("N15 a send that takes k of n is gone on with at k, for every k")
    func n15() {
        let stream = ResponderRun.stream()
        for taken in 1...64 {
            let script = ResponderRun.steady(192, of: stream)
            for index in script.arrivals.indices {
                script.arrivals[index].atNs = SimulatedClock.startNs + 20_000_000
            }
            script.sendScript = { call, _ in call % 2 == 0 ? .take(taken) : nil }
            let run = ResponderRun(stream, echoes: true, over: script, sent: [192])
            #expect(run.counts.echoed == 192)
            #expect(run.counts.echoFailed == 0)
            #expect(script.answers.map(\.octets) == script.arrivals.map(\.octets))
        }
    }

    @Test(
        "an answer that cannot be sent is echo_failed, and no other is",
        arguments: [EPERM, ENOBUFS])
    func echoFailed(errno: Int32) {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(200, of: stream)
        script.sendScript = { call, _ in call % 10 == 3 ? .fail(errno) : nil }
        let run = ResponderRun(stream, echoes: true, over: script, sent: [200])
        #expect(run.counts.received == 200)
        #expect(run.counts.echoFailed == 20)
        #expect(run.counts.echoed == 180)
    }

    @Test("a full send buffer is waited for, and not for ever")
    func fullSendBuffer() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(200, of: stream)
        script.sendScript = { call, _ in (10..<12).contains(call) ? .fail(EAGAIN) : nil }
        #expect(
            ResponderRun(stream, echoes: true, over: script, sent: [200]).counts.echoed == 200)
        let blocked = ResponderRun.steady(20, of: stream)
        blocked.sendScript = { _, _ in .fail(EAGAIN) }
        let run = ResponderRun(stream, echoes: true, over: blocked, sent: [20])
        #expect(run.counts.echoFailed == 20)
        #expect(run.endNs - SimulatedClock.startNs < 1_000_000_000)
    }

    @Test("N10 what the responder's full socket drops is known, N11 also at the very end")
    func n10() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(400, of: stream)
        script.capacity = 30
        script.sendScript = { call, _ in call == 50 || call == 120 ? .stall(10_000_000) : nil }
        // The last hundred at once: the drops at the end belong to it.
        for index in 300..<400 { script.arrivals[index].atNs = script.arrivals[399].atNs }
        let run = ResponderRun(stream, echoes: true, over: script, sent: [400])
        #expect(run.drops > 130)
        #expect(run.counts.received == 400 - run.drops)
        #expect(run.figures.never == run.drops)
    }

    @Test(
        "H2 every truncation of a probe is counted as short and not answered", arguments: [16, 64])
    func h2(payloadBytes: Int) {
        let stream = ResponderRun.stream(payloadBytes: payloadBytes)
        let script = ResponderRun.steady(200, of: stream)
        for length in 0..<payloadBytes {
            var short = script.arrivals[100]
            short.octets = Array(short.octets.prefix(length))
            script.arrivals.insert(short, at: 101)
        }
        var long = script.arrivals[100]
        long.octets += [0]
        script.arrivals.insert(long, at: 101)
        let run = ResponderRun(stream, echoes: true, over: script, sent: [200])
        #expect(run.rejected.short == payloadBytes)
        #expect(run.rejected.truncated == 1)
        #expect(run.rejected.total == payloadBytes + 1)
        #expect(run.counts.received == 200)
        #expect(run.counts.duplicates == 0)
        #expect(script.answers.count == 200)
    }

    @Test(
        "H10 forged probes are refused by reason, and the flow goes on", arguments: [true, false])
    func h10(echoes: Bool) {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(200, of: stream)
        func forge(at index: Int, _ change: (inout ResponderScript.Arrival) -> Void) {
            var forged = script.arrivals[index]
            change(&forged)
            script.arrivals.insert(forged, at: index + 1)
        }
        forge(at: 180) { $0.source = ResponderRun.stranger }
        forge(at: 160) { $0.octets[20] ^= 1 }
        forge(at: 140) { $0.octets[14] ^= 0xff }
        forge(at: 120) { $0.octets[0] = 0xff }
        let run = ResponderRun(stream, echoes: echoes, over: script, sent: [200])
        #expect(run.rejected.peer == 1)
        #expect(run.rejected.runId == 2)
        #expect(run.rejected.corrupt == 1)
        #expect(run.counts.received == 200)
        #expect(run.counts.duplicates == 0)
        #expect(run.figures.never == 0)
        #expect(run.figures.reordering.count == 0)
        #expect(script.answers.count == (echoes ? 200 : 0))
    }

    @Test(
        "H10 T14 a sequence number that was changed moves nothing", arguments: [16, 64],
        [true, false])
    func h10FarAhead(payloadBytes: Int, echoes: Bool) {
        let stream = ResponderRun.stream(payloadBytes: payloadBytes)
        for bit in 0..<32 {
            let script = ResponderRun.steady(200, of: stream)
            var forged = script.arrivals[100]
            forged.octets[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            script.arrivals.insert(forged, at: 101)
            let run = ResponderRun(stream, echoes: echoes, over: script, sent: [200])
            let comment: Comment = "bit \(bit)"
            #expect(run.rejected.corrupt == 1, comment)
            #expect(run.counts.received == 200, comment)
            #expect(script.answers.count == (echoes ? 200 : 0), comment)
            #expect(run.figures.loss.count == 0, comment)
        }
    }

    @Test(
        "an outage that is wider than the window costs what was sent in it",
        arguments: [true, false])
    func outageBeyondWindow(echoes: Bool) {
        let stream = ResponderRun.stream(firstSequence: (1 << 32) - 50)
        // Of the probes after the outage the last one alone, two, or many arrive.
        for left in [1, 2, 100] {
            let script = ResponderRun.steady(20_000, of: stream)
            script.arrivals.removeSubrange(100..<(20_000 - left))
            let run = ResponderRun(stream, echoes: echoes, over: script, sent: [20_000])
            #expect(run.counts.received == 100 + left)
            #expect(run.counts.echoed == (echoes ? 100 + left : 0))
            #expect(run.figures.inTime == 100 + left)
            #expect(run.figures.never == 19_900 - left)
            #expect(run.figures.loss.periods == 1)
            #expect(run.figures.reordering.count == 0)
            #expect(run.rejected.total == 0)
            #expect(script.answers.count == (echoes ? 100 + left : 0))
        }
    }

    @Test("a first probe after an outage whose answer fails is echo_failed, once")
    func leapEchoFailed() {
        let stream = ResponderRun.stream()
        for together in [true, false] {
            let script = ResponderRun.steady(20_000, of: stream)
            script.arrivals.removeSubrange(100..<19_950)
            if together { script.arrivals[100].atNs = script.arrivals[101].atNs }
            script.sendScript = { call, _ in call == 100 ? .fail(EPERM) : nil }
            let run = ResponderRun(stream, echoes: true, over: script, sent: [20_000])
            #expect(run.counts.received == 150)
            #expect(run.counts.echoFailed == 1)
            #expect(run.counts.echoed == 149)
        }
    }

    @Test("T17 a thread that a flow came to late has its first probe, and settles no other's")
    func t17LateThread() {
        let stream = ResponderRun.stream()
        for first in [0, 1] {
            // Another thread had what lies between.
            let script = ResponderRun.steady(2_001, of: stream)
            script.arrivals.removeSubrange(first..<2_000)
            let run = ResponderRun(
                stream, echoes: true, over: script, sent: [9_000], countsTail: false)
            #expect(run.counts.received == first + 1)
            #expect(run.counts.echoed == first + 1)
            #expect(run.figures.sent == 2_001)
            #expect(run.rejected.total == 0)
        }
    }

    @Test("H11 a probe from the future is impossible, and no delay")
    func h11() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(200, of: stream)
        script.arrivals[100].octets = ResponderRun.probe(
            100, of: stream, sentNs: script.arrivals[100].atNs + 1_000_000)
        let run = ResponderRun(stream, echoes: false, over: script, sent: [200])
        #expect(run.rejected.impossible == 1)
        #expect(run.figures.never == 1)
        #expect(run.figures.oneWayNs?.count == 199)
        #expect((run.figures.oneWayNs?.min ?? -1) >= 20_000)
    }

    @Test("what arrived before a stop is taken in, though the loop was away when both came")
    func arrivalsBeforeStop() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(20, of: stream)
        // The first receive finds nothing for 50 ms; then the loop is away until all is over.
        for index in script.arrivals.indices { script.arrivals[index].atNs += 60_000_000 }
        script.clock.absence = (
            SimulatedClock.startNs + 50_000_000, SimulatedClock.startNs + 100_000_000
        )
        let run = ResponderRun(
            stream, echoes: true, over: script, sent: [20],
            stopAtNs: SimulatedClock.startNs + 90_000_000)
        #expect(run.counts.received == 20)
        #expect(run.counts.echoed == 20)
    }

    @Test("a stop ends a quiet responder within one wait, and a flooded one as well")
    func stop() {
        let stream = ResponderRun.stream()
        let quiet = ResponderRun.steady(10, of: stream)
        let stopNs = SimulatedClock.startNs + 1_000_000_000
        var run = ResponderRun(
            stream, echoes: true, over: quiet, sent: [10], stopAtNs: stopNs)
        #expect(run.endNs < stopNs + 60_000_000)
        // Three seconds of what is no probe of ours, 20 µs apart.
        let flooded = ResponderScript()
        for index in 0..<150_000 {
            flooded.arrivals.append(
                .init(
                    atNs: SimulatedClock.startNs + Int64(index) * 20_000, octets: [1, 2, 3],
                    source: ResponderRun.stranger))
        }
        run = ResponderRun(
            stream, echoes: true, over: flooded, sent: [0], stopAtNs: stopNs,
            drainNs: 100_000_000)
        // Long before the flood is over.
        #expect(run.endNs < SimulatedClock.startNs + 2_700_000_000)
        #expect(run.rejected.short == run.datagrams)
    }
}
