import Harness
import Testing

@testable import Metrics

/// The loss by direction from a reflector's counters, against a session of which everything is
/// known.
@Suite struct ReflectedCountersTests {
    /// A probe's fate.
    private enum Fate { case answered, forward, backward }

    /// A reflector that counts, between two lossy ways, and what the sender makes of it.
    private struct Session {
        var counters = ReflectedCounters()
        /// The reflector's counters before the next packet.
        var received: UInt32
        var sent: UInt32
        /// Whether the counters in an answer include its packet, and itself.
        var countsPacket = true
        var countsAnswer = true
        var answered = 0

        mutating func probe(_ sequence: Int, _ fate: Fate) {
            guard let told = told(fate) else { return }
            answered += 1
            counters.record(
                sequence: UInt64(sequence), received: told.received, sent: told.sent)
        }

        mutating func closing(_ sequence: Int, _ fate: Fate, unanswered: Int) -> Bool {
            guard let told = told(fate) else { return false }
            counters.recordClosing(
                sequence: UInt64(sequence), received: told.received, sent: told.sent,
                unanswered: unanswered)
            return true
        }

        private mutating func told(_ fate: Fate) -> (received: UInt32, sent: UInt32)? {
            guard fate != .forward else { return nil }
            received &+= 1
            sent &+= 1
            guard fate == .answered else { return nil }
            return (countsPacket ? received : received &- 1, countsAnswer ? sent : sent &- 1)
        }
    }

    @Test("the worked example of the documentation")
    func example() {
        var session = Session(received: 0, sent: 0)
        for (sequence, fate) in [Fate.answered, .forward, .answered, .backward, .answered]
            .enumerated()
        {
            session.probe(sequence, fate)
        }
        #expect(
            session.counters.losses(sent: 5, answered: 3) == .init(forward: 1, backward: 1))
        #expect(session.counters.begin == .init(received: 1, sent: 1))
    }

    @Test(
        "what is told is true, wherever the counters begin, and little is not told",
        arguments: [0.0, 0.01, 0.1, 0.5, 0.9] as [Double])
    func random(loss: Double) {
        var generator = SeededGenerator(seed: 8_972)
        func fate() -> Fate {
            generator.chance(loss) ? .forward : generator.chance(loss) ? .backward : .answered
        }
        var told = 0
        let rounds = 2_000
        for round in 0..<rounds {
            var session = Session(
                received: .random(in: 0 ... .max, using: &generator),
                sent: .max - UInt32.random(in: 0...20, using: &generator),
                countsPacket: generator.chance(0.5), countsAnswer: generator.chance(0.5))
            let sent = Int.random(in: 1...40, using: &generator)
            let fates = (0..<sent).map { _ in fate() }
            for (sequence, fate) in fates.enumerated() { session.probe(sequence, fate) }
            for place in 0..<4 where session.answered < sent {
                if session.closing(sent + place, fate(), unanswered: place) { break }
            }
            guard let losses = session.counters.losses(sent: sent, answered: session.answered)
            else { continue }
            told += 1
            #expect(
                losses
                    == .init(
                        forward: fates.count { $0 == .forward },
                        backward: fates.count { $0 == .backward }),
                "round \(round): \(fates)")
        }
        if loss <= 0.01 { #expect(told > rounds * 97 / 100, "\(told)") }
    }

    @Test("where the first probe was lost the begin of other sessions is taken, or nothing is told")
    func lostBegin() {
        var session = Session(received: 0, sent: 0, countsAnswer: false)
        for (sequence, fate) in [Fate.backward, .forward, .answered, .answered].enumerated() {
            session.probe(sequence, fate)
        }
        #expect(session.counters.begin == nil)
        #expect(session.counters.losses(sent: 4, answered: 2) == nil)
        let usual = ReflectedCounters.Begin(received: 1, sent: 0)
        #expect(usual.isOfOwnSession)
        #expect(
            session.counters.losses(sent: 4, answered: 2, usual: usual)
                == .init(forward: 1, backward: 1))
        #expect(!ReflectedCounters.Begin(received: 2, sent: 0).isOfOwnSession)
    }

    @Test("counters that go back, count other packets, or are set to zero tell nothing")
    func contradictions() {
        // The answers to the probes 0, 1, 2, 4; one was lost.
        for all in [
            [1, 2, 2, 4], [1, 2, 1, 3], [1, 2, 5, 6], [1, 3, 2, 4], [7, 8, 1, 3], [1, 2, 3, 6],
        ] as [[UInt32]] {
            var counters = ReflectedCounters()
            for (sequence, count) in zip([0, 1, 2, 4] as [UInt64], all) {
                counters.record(sequence: sequence, received: count, sent: count)
            }
            #expect(counters.losses(sent: 5, answered: 4) == nil, "\(all)")
        }
        // The reflector received more than it answered.
        var counters = ReflectedCounters()
        counters.record(sequence: 0, received: 1, sent: 1)
        counters.record(sequence: 2, received: 3, sent: 2)
        #expect(counters.losses(sent: 3, answered: 2) == nil)
    }

    @Test("a copy made on the way there is in the counters, which tell nothing then")
    func copies() {
        var counters = ReflectedCounters()
        counters.record(sequence: 0, received: 1, sent: 1)
        counters.record(sequence: 2, received: 3, sent: 3)
        #expect(counters.losses(sent: 3, answered: 2) == .init(forward: 0, backward: 1))
        counters.recordForwardCopy()
        #expect(counters.losses(sent: 3, answered: 2) == nil)
    }

    @Test("answers that overtake each other on the way back change nothing")
    func overtaking() {
        var counters = ReflectedCounters()
        for sequence in [1, 0, 3] as [UInt64] {
            counters.record(
                sequence: sequence, received: UInt32(sequence) &- 1,
                sent: UInt32(sequence) &- 1)
        }
        // The counters of the first probe are 2^32 - 1, the latest ones 2.
        #expect(counters.losses(sent: 4, answered: 3) == .init(forward: 0, backward: 1))
    }
}
