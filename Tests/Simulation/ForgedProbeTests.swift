import Datagrams
import Harness
import Metrics
import Testing

@testable import Loops

/// Rows T13 and T14 at a responder: what arrives and is not what was sent, beside healthy traffic.
@Suite struct ForgedProbeTests {
    static let payloads = [16, 20, 24, 28, 64]

    /// Puts datagrams that nobody sent among the arrivals of `script`: each right before and right
    /// after the probe that it was made of.
    private static func insert(
        _ forgeries: (_ index: Int, _ octets: [UInt8]) -> [[UInt8]], into script: ResponderScript,
        from source: SocketAddress? = ResponderRun.peer
    ) -> Int {
        var arrivals: [ResponderScript.Arrival] = []
        var count = 0
        for (index, arrival) in script.arrivals.enumerated() {
            let forged = forgeries(index, arrival.octets).map {
                ResponderScript.Arrival(atNs: arrival.atNs, octets: $0, source: source)
            }
            arrivals += forged + [arrival] + forged
            count += 2 * forged.count
        }
        script.arrivals = arrivals
        return count
    }

    private static func flipped(_ octets: [UInt8], bit: Int) -> [UInt8] {
        var copy = octets
        copy[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        return copy
    }

    /// Holds a run with forgeries against the same one without them.
    private static func expectSame(
        _ run: ResponderRun, _ plain: ResponderRun, rejected: Int, _ comment: Comment
    ) {
        #expect(run.rejected.total == rejected, comment)
        #expect(run.counts.received == plain.counts.received, comment)
        #expect(run.counts.echoed == plain.counts.echoed, comment)
        #expect(run.counts.duplicates == 0, comment)
        #expect(run.counts.unsent == 0, comment)
        var figures = run.figures
        figures.discarded = plain.figures.discarded
        #expect(figures == plain.figures, comment)
        #expect(run.script.answers.map(\.octets) == plain.script.answers.map(\.octets), comment)
    }

    @Test(
        "T13 a probe with any one bit flipped is corrupt, before and after the good copy",
        arguments: payloads, [true, false])
    func t13everyBit(payloadBytes: Int, echoes: Bool) {
        let bits = payloadBytes * 8
        let stream = ResponderRun.stream(payloadBytes: payloadBytes, verifies: true)
        let plain = ResponderRun(
            stream, echoes: echoes, over: ResponderRun.steady(bits, of: stream), sent: [bits])
        for expectsAltered in [true, false] {
            let script = ResponderRun.steady(bits, of: stream)
            let forged = Self.insert({ [Self.flipped($1, bit: $0)] }, into: script)
            let run = ResponderRun(
                stream, echoes: echoes, over: script, sent: [bits],
                expectsAltered: expectsAltered)
            Self.expectSame(run, plain, rejected: forged, "\(payloadBytes) B")
            if expectsAltered { #expect(run.rejected.corrupt == forged) }
        }
    }

    @Test(
        "T13 flipped bits in coalesced messages cost only the probes that have them",
        arguments: payloads, [true, false])
    func t13coalesced(payloadBytes: Int, echoes: Bool) {
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let stream = ResponderRun.stream(payloadBytes: payloadBytes, verifies: true)
            let script = ResponderScript(seed: seed)
            script.coalesces = true
            var good: [[UInt8]] = []
            // Runs of twenty that lie in the socket together, stamps 1 ns apart.
            for index in 0..<400 {
                let sentNs =
                    SimulatedClock.startNs + Int64(index / 20 + 1) * 100_000 + Int64(index % 20)
                var octets = ResponderRun.probe(index, of: stream, sentNs: sentNs)
                if generator.chance(0.1) {
                    let bit = Int.random(in: 0..<payloadBytes * 8, using: &generator)
                    octets = Self.flipped(octets, bit: bit)
                } else {
                    good.append(octets)
                }
                script.arrivals.append(
                    .init(
                        atNs: SimulatedClock.startNs + Int64(index / 20 + 2) * 100_000,
                        octets: octets, source: ResponderRun.peer))
            }
            let run = ResponderRun(
                stream, echoes: echoes, over: script, sent: [400], expectsAltered: true)
            #expect(run.counts.received == good.count, "seed \(seed)")
            #expect(run.rejected.corrupt == 400 - good.count, "seed \(seed)")
            #expect(run.rejected.total == 400 - good.count, "seed \(seed)")
            #expect(run.figures.never == 400 - good.count, "seed \(seed)")
            #expect(script.answers.map(\.octets) == (echoes ? good : []), "seed \(seed)")
        }
    }

    @Test(
        "T14 future, next and past numbers, other sessions and other times, beside healthy traffic",
        arguments: payloads, [true, false])
    func t14(payloadBytes: Int, echoes: Bool) {
        // As many as in the report of the fault: 6,400 forged beside 7,882 real.
        let count = 7_882
        let stream = ResponderRun.stream(flows: 2, payloadBytes: payloadBytes)
        let plain = ResponderRun(
            stream, echoes: echoes, over: ResponderRun.steady(count, of: stream), sent: [count, 0])
        let script = ResponderRun.steady(count, of: stream)
        let changes: [(offset: Int, by: UInt8)] = [
            (0, 0x80), (0, 0x40), (2, 1), (3, 1), (3, 3), (15, 1), (15, 0x80), (4, 1), (11, 1),
            (12, 1),
        ]
        var left = 3_200
        let forged = Self.insert(
            { index, octets in
                guard index % 2 == 1, left > 0 else { return [] }
                left -= 1
                let change = changes[index / 2 % changes.count]
                var copy = octets
                copy[change.offset] &+= change.by
                return [copy]
            }, into: script)
        #expect(forged == 6_400)
        let run = ResponderRun(stream, echoes: echoes, over: script, sent: [count, 0])
        Self.expectSame(run, plain, rejected: forged, "\(payloadBytes) B")
    }

    @Test("T14 who guesses sessions takes no flow over, however early", arguments: payloads)
    func t14guessedSession(payloadBytes: Int) throws {
        let peer = try #require(ResponderRun.peer)
        for sources in [[], [peer]] {
            let stream = ResponderRun.stream(payloadBytes: payloadBytes, sources: sources)
            let script = ResponderRun.steady(500, of: stream)
            let guesses = (0..<2_000).map { number -> ResponderScript.Arrival in
                var octets = [UInt8](repeating: 0, count: payloadBytes)
                octets[3] = UInt8(truncatingIfNeeded: number)
                octets[2] = UInt8(truncatingIfNeeded: number >> 8)
                octets[15] = UInt8(stream.firstSession)
                return .init(
                    atNs: SimulatedClock.startNs + 1_000, octets: octets,
                    source: ResponderRun.stranger)
            }
            script.arrivals = guesses + script.arrivals
            let run = ResponderRun(stream, echoes: false, over: script, sent: [500])
            #expect(run.counts.received == 500)
            #expect(run.figures.loss.count == 0)
            #expect(run.rejected.total == 2_000)
            // From 24 B on a probe says which run it is of, and these say none.
            let isToldByPeer = !sources.isEmpty && payloadBytes < 24
            #expect(run.rejected.peer == (isToldByPeer ? 2_000 : 0))
        }
    }

    @Test("T14 a flow whose source is told believes no copy from elsewhere, not even the first")
    func t14replayed() throws {
        let peer = try #require(ResponderRun.peer)
        let stream = ResponderRun.stream(sources: [peer])
        let plain = ResponderRun(
            stream, echoes: true, over: ResponderRun.steady(100, of: stream), sent: [100])
        let script = ResponderRun.steady(100, of: stream)
        let replayed = Self.insert({ [$1] }, into: script, from: ResponderRun.stranger)
        let run = ResponderRun(stream, echoes: true, over: script, sent: [100])
        Self.expectSame(run, plain, rejected: replayed, "replayed")
        #expect(run.rejected.peer == replayed)
    }

    @Test(
        "T14 with the key of the run nobody gets ahead of what the sender can have sent",
        arguments: [true, false])
    func t14withTheKey(echoes: Bool) {
        let bound = SendingBound(
            ratePps: 10_000, count: 200, lengthNs: nil, beginsNs: SimulatedClock.startNs)
        let stream = ResponderRun.stream(bound: bound)
        let plain = ResponderRun(
            stream, echoes: echoes, over: ResponderRun.steady(200, of: stream), sent: [200])
        let script = ResponderRun.steady(200, of: stream)
        // Within the window, beyond what 20 ms more allow, and beyond the count.
        let forged = Self.insert(
            { index, octets in
                let ahead = index < 100 ? index + 300 : 200 + index
                let sentNs = SimulatedClock.startNs + Int64(index + 1) * 100_000
                return index % 10 == 0
                    ? [ResponderRun.probe(ahead, of: stream, sentNs: sentNs)] : []
            }, into: script)
        let run = ResponderRun(stream, echoes: echoes, over: script, sent: [200])
        Self.expectSame(run, plain, rejected: forged, "with the key")
        #expect(run.rejected.fromFuture == forged)
    }

    @Test(
        "T14 what nobody sent, by the sender's own word, is in no count", arguments: [true, false])
    func t14nobodySent(echoes: Bool) {
        let stream = ResponderRun.stream()
        let run = ResponderRun(
            stream, echoes: echoes, over: ResponderRun.steady(120, of: stream), sent: [100])
        #expect(run.counts.unsent == 20)
        #expect(run.counts.received == 100)
        #expect(run.counts.echoed == (echoes ? 100 : 0))
        #expect(run.rejected.fromFuture == 20)
        #expect(run.figures.sent == 100)
        #expect(run.figures.inTime == 100)
        #expect(run.figures.loss.count == 0)
    }
}
