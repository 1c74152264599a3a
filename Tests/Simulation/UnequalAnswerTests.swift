import Datagrams
import Harness
import Impairment
import Metrics
import Testing

@testable import Loops

/// Answers with a size of their own, through the shipped loops.
@Suite struct UnequalAnswerTests {
    /// A probe of a layout.
    private static func probe(
        _ layout: ProbeLayout, session: UInt16, sequence: UInt64, sentNs: Int64
    ) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: layout.payloadBytes)
        octets.withUnsafeMutableBytes { raw in
            guard let base = raw.baseAddress else { return }
            layout.prepare(base)
            layout.write(base, session: session, sequence: sequence, sentNs: sentNs)
        }
        return octets
    }

    /// The answer of `layout` to a probe.
    private static func answer(
        _ layout: ProbeLayout, to probe: [UInt8], sequence: UInt64
    ) -> [UInt8] {
        var template = [UInt8](repeating: 0, count: layout.payloadBytes)
        var octets = probe
        octets += [UInt8](repeating: 0xEE, count: max(0, layout.payloadBytes - probe.count))
        template.withUnsafeMutableBytes { raw in
            guard let base = raw.baseAddress else { return }
            layout.prepare(base)
            octets.withUnsafeMutableBytes { raw in
                guard let slot = raw.baseAddress else { return }
                layout.turn(slot, ofBytes: probe.count, sequence: sequence, base)
            }
        }
        return Array(octets.prefix(layout.payloadBytes))
    }

    @Test("an answer is the probe that its layout would have sent, whatever the probe's size")
    func answersAreProbes() {
        var generator = SeededGenerator(seed: 11)
        let edges = [16, 17, 19, 20, 23, 24, 27, 28, 43, 44, 45, 64, 1_200]
        for probeBytes in edges {
            for answerBytes in edges {
                let sequence = UInt64.random(in: 0..<1 << 40, using: &generator)
                let sentNs = Int64.random(in: 0..<1 << 50, using: &generator)
                let sent = Self.probe(
                    SenderRun.layout(probeBytes), session: 9, sequence: sequence, sentNs: sentNs)
                let layout = SenderRun.layout(probeBytes).answers(ofBytes: answerBytes)
                let expected = Self.probe(
                    SenderRun.layout(answerBytes), session: 9, sequence: sequence, sentNs: sentNs)
                #expect(
                    Self.answer(layout, to: sent, sequence: sequence) == expected,
                    "\(probeBytes) B answered by \(answerBytes) B")
            }
        }
    }

    @Test("the responder answers with the plan's size", arguments: [16, 20, 64, 200, 1_400])
    func responder(replyBytes: Int) {
        let stream = ResponderRun.stream()
        let run = ResponderRun(
            stream, echoes: true, over: ResponderRun.steady(200, of: stream), sent: [200],
            replyBytes: replyBytes)
        #expect(run.counts.received == 200)
        #expect(run.counts.echoed == 200)
        #expect(run.counts.echoFailed == 0)
        #expect(run.script.answers.count == 200)
        for (index, answer) in run.script.answers.enumerated() {
            let sentNs = SimulatedClock.startNs + Int64(index + 1) * 100_000
            let expected = Self.probe(
                SenderRun.layout(replyBytes), session: 7, sequence: UInt64(index), sentNs: sentNs)
            #expect(answer.octets == expected)
        }
    }

    /// A run whose answers are made by hand: the network's own echo is lost.
    private static func run(
        replyBytes: Int, _ answer: @escaping ([UInt8], SimulatedNetwork.Probe) -> [UInt8]
    ) -> SenderRun {
        let network = SimulatedNetwork()
        network.echoScript = { _ in [] }
        network.forgery = { probe, octets in [.init(answer(octets, probe), after: 20_000)] }
        var phase = SenderRun.paced(count: 100)
        phase.replyBytes = replyBytes
        return SenderRun(phase, over: network)
    }

    @Test("the sender knows answers of another size", arguments: [16, 24, 200])
    func sender(replyBytes: Int) {
        let layout = SenderRun.layout(64).answers(ofBytes: replyBytes)
        let run = Self.run(replyBytes: replyBytes) { octets, probe in
            Self.answer(layout, to: octets, sequence: UInt64(probe.index))
        }
        #expect(run.figures.inTime == 100)
        #expect(run.accounts.rejected.total == 0)
        #expect(run.endTimes.count == 100)
    }

    @Test("an answer of the probe's size is none where the plan says another")
    func senderRefusesEchoes() {
        let longer = Self.run(replyBytes: 200) { octets, _ in octets }
        #expect(longer.figures.received == 0)
        #expect(longer.accounts.rejected.short == 100)
        let shorter = Self.run(replyBytes: 32) { octets, _ in octets }
        #expect(shorter.figures.received == 0)
        #expect(shorter.accounts.rejected.truncated == 100)
    }

    @Test("an answer whose end was altered is corrupt, beyond the size of the probe too")
    func senderComparesWholeAnswers() {
        let layout = SenderRun.layout(64).answers(ofBytes: 200)
        let run = Self.run(replyBytes: 200) { octets, probe in
            var answer = Self.answer(layout, to: octets, sequence: UInt64(probe.index))
            if probe.index.isMultiple(of: 4) { answer[199] ^= 1 }
            return answer
        }
        #expect(run.figures.inTime == 75)
        #expect(run.accounts.rejected.corrupt == 25)
    }

    @Test("a relay knows a probe by its size on the way there, and an answer by its own")
    func relay() {
        var stream = ExpectedStreamOrder(
            firstSession: 7, flows: 1, payloadBytes: 64, firstSequence: 0, timeoutNs: 50_000_000,
            windowCapacity: 4_096, intervalNs: 1_000_000_000, maxIntervals: 1)
        stream.replyBytes = 200
        let probes = RelayProbes([stream], runID: SenderRun.runID)
        let sent = Self.probe(SenderRun.layout(64), session: 7, sequence: 0, sentNs: 5)
        let answer = Self.probe(SenderRun.layout(200), session: 7, sequence: 0, sentNs: 5)
        func isProbe(_ octets: [UInt8], _ direction: Direction) -> Bool {
            octets.withUnsafeBytes { raw in
                raw.baseAddress.map {
                    probes.isProbe($0, bytes: octets.count, ofFlow: 0, direction)
                } ?? false
            }
        }
        #expect(isProbe(sent, .forward))
        #expect(isProbe(answer, .backward))
        #expect(!isProbe(sent, .backward))
        #expect(!isProbe(answer, .forward))
    }
}
