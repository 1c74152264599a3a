import Harness
import Testing

@testable import Metrics

/// The loss by direction from a reflector's numbers, against a session of which everything is
/// known.
@Suite struct ReflectedNumbersTests {
    /// A probe's fate.
    private enum Fate { case answered, forward, backward }

    /// A stateful reflector between two lossy ways, and what the sender makes of it.
    private struct Session {
        var numbers = ReflectedNumbers()
        var next: UInt32 = 0
        var answered = 0

        mutating func probe(_ sequence: Int, _ fate: Fate) {
            guard fate != .forward else { return }
            let number = next
            next += 1
            guard fate == .answered else { return }
            answered += 1
            numbers.record(sequence: UInt64(sequence), number: number)
        }

        /// - Returns: Whether it was answered.
        mutating func closing(_ sequence: Int, _ fate: Fate, unanswered: Int) -> Bool {
            guard fate != .forward else { return false }
            let number = next
            next += 1
            guard fate == .answered else { return false }
            numbers.recordClosing(
                sequence: UInt64(sequence), number: number, unanswered: unanswered)
            return true
        }
    }

    @Test("the worked example of the documentation")
    func example() {
        var session = Session()
        for (sequence, fate) in [Fate.answered, .forward, .answered, .backward, .answered]
            .enumerated()
        {
            session.probe(sequence, fate)
        }
        #expect(session.numbers.isCounted)
        #expect(
            session.numbers.losses(sent: 5, answered: 3) == .init(forward: 1, backward: 1))
    }

    @Test(
        "what is told is true, and little is not told",
        arguments: [0.0, 0.01, 0.1, 0.5, 0.9] as [Double])
    func random(loss: Double) {
        var generator = SeededGenerator(seed: 4_096)
        func fate() -> Fate {
            generator.chance(loss) ? .forward : generator.chance(loss) ? .backward : .answered
        }
        var told = 0
        let rounds = 2_000
        for round in 0..<rounds {
            var session = Session()
            let sent = Int.random(in: 1...40, using: &generator)
            let fates = (0..<sent).map { _ in fate() }
            for (sequence, fate) in fates.enumerated() { session.probe(sequence, fate) }
            for place in 0..<4 where session.answered < sent {
                if session.closing(sent + place, fate(), unanswered: place) { break }
            }
            let losses = session.numbers.losses(sent: sent, answered: session.answered)
            guard let losses else { continue }
            told += 1
            #expect(
                losses
                    == .init(
                        forward: fates.count { $0 == .forward },
                        backward: fates.count { $0 == .backward }),
                "round \(round): \(fates)")
        }
        if loss <= 0.1 { #expect(told > rounds * 97 / 100, "\(told)") }
    }

    @Test("only the number 0 shows that no other session's answers are in the numbers")
    func begins() {
        var continued = ReflectedNumbers()
        // Five numbers were of a warm-up; ten of a hundred probes were lost on the way there.
        for sequence in 10..<100 {
            continued.record(sequence: UInt64(sequence), number: UInt32(sequence - 10 + 5))
        }
        #expect(!continued.beginsAtZero)
        #expect(
            continued.losses(sent: 100, answered: 90) == .init(forward: 5, backward: 5),
            "by themselves the numbers cannot tell")
        var own = ReflectedNumbers()
        own.recordClosing(sequence: 4, number: 0, unanswered: 0)
        #expect(own.beginsAtZero)
    }

    @Test("a stateless reflector's numbers show nothing")
    func stateless() {
        var numbers = ReflectedNumbers()
        for sequence in [0, 1, 4, 5] {
            numbers.record(sequence: UInt64(sequence), number: UInt32(sequence))
        }
        #expect(!numbers.isCounted)
    }

    @Test("a copy made on the way there has a number of its own, one made on the way back has not")
    func copies() {
        var numbers = ReflectedNumbers()
        numbers.record(sequence: 0, number: 0)
        numbers.recordCopy(sequence: 0, number: 0, first: 0)
        #expect(!numbers.isCounted)
        numbers.recordCopy(sequence: 0, number: 1, first: 0)
        numbers.record(sequence: 2, number: 2)
        #expect(numbers.isCounted && numbers.forwardCopies == 1)
        #expect(numbers.losses(sent: 3, answered: 2) == .init(forward: 1, backward: 0))
    }

    @Test("numbers that no session has are told as nothing")
    func contradictions() {
        // More answers than probes; an older session's count; numbers at random.
        for all in [[7, 8, 9], [0, 0, 0], [.max, 5, 1 << 31]] as [[UInt32]] {
            var numbers = ReflectedNumbers()
            for (sequence, number) in all.enumerated() {
                numbers.record(sequence: UInt64(sequence), number: number)
            }
            #expect(numbers.losses(sent: 4, answered: 3) == nil, "\(all)")
        }
    }

    @Test("numbers run over their 32 bits, as sequence numbers do")
    func wrap() {
        var numbers = ReflectedNumbers()
        let first = UInt64(UInt32.max) - 1
        numbers.record(sequence: first, number: UInt32.max - 1)
        numbers.record(sequence: first + 3, number: 0)
        #expect(numbers.isCounted)
        numbers.recordClosing(sequence: first + 4, number: 1, unanswered: 0)
        // All before were answered; of the last three probes one was lost on the way there.
        let answered = Int(first) + 2
        #expect(
            numbers.losses(sent: Int(first) + 4, answered: answered) == nil,
            "the answers before were never recorded: a contradiction")
    }
}
