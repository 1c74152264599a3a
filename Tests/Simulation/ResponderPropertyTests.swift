import Harness
import Metrics
import Testing

@testable import Loops

/// The responder's counts against what a network did to several flows, by seed.
@Suite struct ResponderPropertyTests {
    /// A copy of a probe on its way to the responder.
    private struct Copy {
        let arrival: ResponderScript.Arrival
        let probe: SimulatedNetwork.Probe
        let isLate: Bool
    }

    @Test(
        "a responder's figures are what the network did, for 100 seeds",
        arguments: [true, false], [true, false])
    func figuresAreExact(echoes: Bool, coalesces: Bool) {
        for seed in 1...100 as ClosedRange<UInt64> {
            Self.check(seed: seed, echoes: echoes, coalesces: coalesces)
        }
    }

    private static func check(seed: UInt64, echoes: Bool, coalesces: Bool) {
        var generator = SeededGenerator(seed: seed)
        let flows = Int.random(in: 1...3, using: &generator)
        let stream = ResponderRun.stream(
            flows: flows, payloadBytes: [16, 24, 64].randomElement(using: &generator) ?? 16,
            firstSequence: [0, (1 << 32) - 5, 7 << 32].randomElement(using: &generator) ?? 0)
        let sent = (0..<flows).map { _ in Int.random(in: 0...150, using: &generator) }
        var copies: [Copy] = []
        for flow in 0..<flows {
            copies += Self.copies(of: stream, flow: flow, sent: sent[flow], using: &generator)
        }
        copies.sort { $0.arrival.atNs < $1.arrival.atNs }
        let script = ResponderScript(seed: seed)
        script.arrivals = copies.map(\.arrival)
        script.coalesces = coalesces
        var record = NetworkRecord()
        // An echo has no clock of the sender: for it, nothing is late.
        record.delivered = copies.map { ($0.probe, $0.isLate && !echoes) }
        let run = ResponderRun(stream, echoes: echoes, over: script, sent: sent)
        expect(run, DeliveryTruth(record), sent: sent.reduce(0, +), "seed \(seed)")
        #expect(run.datagrams == copies.count, "seed \(seed)")
        #expect(run.counts.echoed == (echoes ? run.counts.received : 0), "seed \(seed)")
        #expect(script.answers.count == (echoes ? copies.count : 0), "seed \(seed)")
    }

    /// Eight probes leave together, and mostly stay together.
    private static func copies(
        of stream: ExpectedStream, flow: Int, sent: Int, using generator: inout SeededGenerator
    ) -> [Copy] {
        var copies: [Copy] = []
        var commonNs: Int64 = 0
        for index in 0..<sent {
            if index % 8 == 0 { commonNs = Int64.random(in: 10_000...400_000, using: &generator) }
            guard !generator.chance(0.1) else { continue }
            let sentNs =
                SimulatedClock.startNs + Int64(index / 8 * 400_000 + flow * 50_000 + index % 8)
            repeat {
                let isLate = generator.chance(0.03)
                let ownNs = Int64.random(in: 10_000...400_000, using: &generator)
                let delayNs = generator.chance(0.7) ? commonNs : ownNs
                let atNs = (sentNs + delayNs) / 1_000 * 1_000 + (isLate ? 60_000_000 : 0)
                copies.append(
                    Copy(
                        arrival: .init(
                            atNs: atNs,
                            octets: ResponderRun.probe(
                                index, flow: flow, of: stream, sentNs: sentNs),
                            source: ResponderRun.peer?.with(port: 4_000 + UInt16(flow))),
                        probe: .init(flow: flow, index: index), isLate: isLate))
            } while generator.chance(0.1)
        }
        return copies
    }

    private static func expect(
        _ run: ResponderRun, _ truth: DeliveryTruth, sent: Int, _ comment: Comment
    ) {
        #expect(run.counts.received == truth.inTime + truth.late, comment)
        #expect(run.counts.duplicates == truth.duplicates, comment)
        #expect(run.counts.echoFailed == 0, comment)
        #expect(run.figures.sent == sent, comment)
        #expect(run.figures.inTime == truth.inTime, comment)
        #expect(run.figures.late == truth.late, comment)
        #expect(run.figures.duplication.count == truth.duplicates, comment)
        #expect(run.figures.reordering.count == truth.reordered, comment)
        #expect(run.figures.loss.count == run.figures.sent - truth.inTime, comment)
        #expect(run.rejected.total == 0, comment)
    }
}
