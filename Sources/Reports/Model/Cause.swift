/// The cause of a verdict other than pass: a sentence, and the verdict.
///
/// A sentence without a verdict is a notice (``Judgement/note(_:)``).
package struct Cause: Sendable, Equatable {
    package let verdict: Verdict
    package let sentence: String
    /// Whether udplab itself is at fault, and not the plan, this host or the service under test.
    package let isOwnFault: Bool

    package init(_ verdict: Verdict, _ sentence: String, isOwnFault: Bool = false) {
        precondition(verdict != .pass, "what passes needs no cause: \(sentence)")
        self.verdict = verdict
        self.sentence = sentence
        self.isOwnFault = isOwnFault
    }

    /// Returns the cause with the name of the part that it concerns: `voice on wifi: …`.
    package func named(_ name: String) -> Cause {
        Cause(verdict, "\(name): \(sentence)", isOwnFault: isOwnFault)
    }
}
