/// The loss of one session by direction, from the numbers that a stateful reflector gave its
/// answers (RFC 8762 §4.3.1): it counts the answers that it sends from 0 on, so that a gap in the
/// numbers is a loss on the way back, and a probe without a number one on the way there.
///
///     probes      0    1    2    3    4    5
///     numbers     0    ·    1    ·    3         → three sent answers before 4's: 0, 2, and one
///                      ↑         ↑                more, of 3: 3 was lost on the way back, and 1
///                      forward   backward         on the way there
///
/// Numbers after the last answer are not seen. So the sender asks again at the end, with probes
/// that belong to no figure: the number of the first answer tells what was sent before it.
package struct ReflectedNumbers: BitwiseCopyable, Sendable, Equatable {
    /// The answers that were received, each number once.
    package private(set) var answers = 0
    /// The answers to copies of probes that the network made on the way there.
    package private(set) var forwardCopies = 0
    /// One above the highest number.
    private var end: UInt64 = 0
    /// Whether a number differs from that of its probe, which those of a stateless reflector never
    /// do.
    package private(set) var isCounted = false
    /// Whether the answer with the number 0 was seen, so that the numbers are of this session
    /// alone: a reflector without session identifiers goes on from the warm-up's numbers.
    package private(set) var beginsAtZero = false
    private var lastSequence: UInt64 = 0
    private var closings = Closings()

    /// The probes at the end.
    private struct Closings: BitwiseCopyable, Equatable {
        /// The probes sent before the first that was answered.
        var unanswered = 0
        /// The number of the first answer.
        var number: UInt64?
    }

    /// The probes of a session that were lost, by direction.
    package struct Losses: Sendable, Equatable {
        package var forward: Int
        package var backward: Int

        package init(forward: Int, backward: Int) {
            self.forward = forward
            self.backward = backward
        }
    }

    package init() {}

    /// Records the first answer to a probe.
    /// - Parameters:
    ///   - sequence: The probe's place in the session, from 0.
    ///   - number: The answer's number on the wire.
    package mutating func record(sequence: UInt64, number: UInt32) {
        answers += 1
        lastSequence = max(lastSequence, sequence)
        let number = Self.unwrapped(number, near: sequence)
        end = max(end, number + 1)
        if number != sequence { isCounted = true }
        if number == 0 { beginsAtZero = true }
    }

    /// Records another answer to a probe.
    /// - Parameter first: The number of the first one: an answer with it is a copy made on the way
    ///   back.
    package mutating func recordCopy(sequence: UInt64, number: UInt32, first: UInt32) {
        guard number != first else { return }
        answers += 1
        forwardCopies += 1
        isCounted = true
        let number = Self.unwrapped(number, near: sequence)
        end = max(end, number + 1)
        if number == 0 { beginsAtZero = true }
    }

    /// Records the first answer to a probe at the end.
    /// - Parameter unanswered: The probes at the end that were sent before it.
    package mutating func recordClosing(sequence: UInt64, number: UInt32, unanswered: Int) {
        guard closings.number == nil else { return }
        let number = Self.unwrapped(number, near: sequence)
        if number != sequence { isCounted = true }
        if number == 0 { beginsAtZero = true }
        closings = Closings(unanswered: unanswered, number: number)
    }

    /// Returns the losses; nil if the numbers do not tell them, or contradict themselves.
    /// - Parameters:
    ///   - sent: The probes of the session.
    ///   - answered: Those that were answered.
    package func losses(sent: Int, answered: Int) -> Losses? {
        guard answered < sent else { return Losses(forward: 0, backward: 0) }
        guard let reflected = reflected(sent: sent, answered: answered) else { return nil }
        let losses = Losses(
            forward: sent - (reflected - forwardCopies), backward: reflected - answers)
        guard losses.forward >= 0, losses.backward >= 0,
            losses.forward + losses.backward == sent - answered
        else { return nil }
        return losses
    }

    /// Returns the number of answers that the reflector sent to the session's probes.
    private func reflected(sent: Int, answered: Int) -> Int? {
        // An answer to the last probe has no number after it, unless probes overtook each other.
        let isLastAnswered = answered > 0 && lastSequence == UInt64(sent) - 1
        guard let number = closings.number else { return isLastAnswered ? Int(end) : nil }
        if closings.unanswered == 0 { return Int(number) }
        if isLastAnswered { return Int(end) }
        // The answers after the last one seen belong to probes, or to probes at the end: which of
        // them is known where all were answered, or none.
        guard number >= end else { return nil }
        let unseen = Int(number - end)
        let probes = sent - (answered > 0 ? Int(lastSequence) + 1 : 0)
        if unseen == 0 { return Int(end) }
        return unseen == probes + closings.unanswered ? Int(end) + probes : nil
    }

    /// Returns the number with these low 32 bits that is nearest to a sequence number.
    private static func unwrapped(_ number: UInt32, near sequence: UInt64) -> UInt64 {
        let distance = Int64(Int32(bitPattern: number &- UInt32(truncatingIfNeeded: sequence)))
        let value = Int64(bitPattern: sequence) + distance
        return value < 0 ? UInt64(number) : UInt64(value)
    }
}
