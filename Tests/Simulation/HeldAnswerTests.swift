import Datagrams
import Glibc
import Harness
import Impairment
import Load
import Metrics
import Testing

@testable import Loops

/// Answers that an echo holds for a time, through the shipped loop.
@Suite struct HeldAnswerTests {
    private static func number(_ answer: ResponderScript.Answer) -> UInt32 {
        answer.octets.withUnsafeBytes { $0.baseAddress.map(ProbeLayout.sequence) ?? .max }
    }

    @Test("each answer leaves after its time, to the address that asked, and the thread goes on")
    func constant() throws {
        let stream = ResponderRun.stream()
        let run = ResponderRun(
            stream, echoes: true, over: ResponderRun.steady(300, of: stream), sent: [300],
            replyDelay: .constant(ns: 5_000_000))
        #expect(run.counts.received == 300)
        #expect(run.counts.echoed == 300)
        #expect(run.counts.echoFailed == 0)
        #expect(run.script.answers.map(Self.number) == Array(0..<300))
        #expect(run.script.answers.allSatisfy { $0.destination == ResponderRun.peer })
        for answer in run.script.answers {
            let arrivedNs =
                SimulatedClock.startNs + Int64(Self.number(answer) + 1) * 100_000 + 20_000
            #expect(answer.atNs >= arrivedNs + 5_000_000)
            #expect(answer.atNs < arrivedNs + 5_200_000)
        }
        let held = try #require(run.held)
        #expect(held.heldNs.count == 300)
        #expect(held.heldNs.min ?? 0 >= 5_000_000)
        #expect(held.heldNs.max ?? .max < 5_200_000)
        // An answer is held for 50 distances of the probes.
        #expect((49...52).contains(held.most))
        #expect(held.overflow == 0)
    }

    @Test("a copy is answered, counted once, and leaves no times")
    func copies() {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(100, of: stream)
        script.arrivals = script.arrivals.flatMap { [$0, $0] }
        let run = ResponderRun(
            stream, echoes: true, over: script, sent: [100],
            replyDelay: .uniform(lowNs: 1_000_000, highNs: 4_000_000))
        #expect(run.script.answers.count == 200)
        #expect(run.counts.received == 100)
        #expect(run.counts.echoed == 100)
        #expect(run.counts.duplicates == 100)
    }

    @Test("the time of an answer follows from its probe: what else came changes nothing")
    func timesAreOfProbes() {
        let stream = ResponderRun.stream()
        func due(_ keep: (Int) -> Bool) -> [UInt32: Int64] {
            let script = ResponderRun.steady(100, of: stream)
            script.arrivals = script.arrivals.enumerated().filter { keep($0.offset) }.map(\.element)
            let run = ResponderRun(
                stream, echoes: true, over: script, sent: [100],
                replyDelay: .normal(meanNs: 20_000_000, deviationNs: 5_000_000))
            return Dictionary(
                uniqueKeysWithValues: run.script.answers.map {
                    (Self.number($0), ($0.atNs - SimulatedClock.startNs) / 100_000)
                })
        }
        let all = due { _ in true }
        let some = due { $0.isMultiple(of: 3) }
        #expect(all.count == 100)
        #expect(some.count == 34)
        for (number, time) in some { #expect(abs((all[number] ?? 0) - time) <= 1) }
        #expect(Set(all.values).count > 50)
    }

    @Test("answers beyond the memory are not held, and each is in an account")
    func overflow() throws {
        let stream = ResponderRun.stream()
        let room = OwnResponder.heldBytesMost / DatagramPool.slabBytes
        let run = ResponderRun(
            stream, echoes: true, over: ResponderRun.steady(room + 200, of: stream),
            sent: [room + 200], replyBytes: 60_000, replyDelay: .constant(ns: 10_000_000_000))
        let held = try #require(run.held)
        #expect(held.most == room)
        #expect(held.overflow == 200)
        #expect(run.counts.received == room + 200)
        #expect(run.counts.echoed == room)
        #expect(run.counts.echoFailed == 200)
        #expect(run.script.answers.count == room)
    }

    @Test("answers that are held at the stop leave at their time")
    func stop() {
        let stream = ResponderRun.stream()
        let run = ResponderRun(
            stream, echoes: true, over: ResponderRun.steady(50, of: stream), sent: [50],
            replyDelay: .constant(ns: 800_000_000))
        #expect(run.counts.echoed == 50)
        #expect(run.endNs >= SimulatedClock.startNs + 800_000_000)
    }

    @Test("every received probe is answered or failed, whatever the send calls do")
    func balance() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let stream = ResponderRun.stream()
            let script = ResponderScript(seed: seed)
            var sent = 0
            for index in 0..<400 {
                let sentNs = SimulatedClock.startNs + Int64(index + 1) * 50_000
                sent += 1
                if Int.random(in: 0..<20, using: &generator) == 0 { continue }
                let octets = ResponderRun.probe(index, of: stream, sentNs: sentNs)
                for _ in 0..<Int.random(in: 1...2, using: &generator) {
                    script.arrivals.append(
                        .init(atNs: sentNs + 20_000, octets: octets, source: ResponderRun.peer))
                }
            }
            script.sendScript = { call, count in
                switch (UInt64(call) &* 7 &+ seed) % 9 {
                case 0: .take(max(1, count / 2))
                case 1: .fail(ENOBUFS)
                case 2: .fail(EAGAIN)
                default: nil
                }
            }
            let run = ResponderRun(
                stream, echoes: true, over: script, sent: [sent], replyBytes: 100,
                replyDelay: .pareto(scaleNs: 200_000, shape: 1.2, capNs: 30_000_000))
            let held = try #require(run.held, "seed \(seed)")
            #expect(
                run.counts.received == run.counts.echoed + run.counts.echoFailed, "seed \(seed)")
            #expect(run.counts.echoFailed > 0, "seed \(seed)")
            #expect(held.heldNs.count == run.script.answers.count, "seed \(seed)")
            #expect(run.counts.echoed <= run.script.answers.count, "seed \(seed)")
        }
    }
}
