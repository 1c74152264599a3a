/// Cause of a verdict that is no pass: a sentence, and the verdict that it stands for.
///
/// A sentence that stands for no verdict is a notice (``Judgement/note(_:)``).
package struct Cause: Sendable, Equatable {
    package let verdict: Verdict
    package let sentence: String
    /// Whether udplab itself is at fault, and not the plan, this host or what was tested.
    package let isOwnFault: Bool

    package init(_ verdict: Verdict, _ sentence: String, isOwnFault: Bool = false) {
        precondition(verdict != .pass, "what passes needs no cause: \(sentence)")
        self.verdict = verdict
        self.sentence = sentence
        self.isOwnFault = isOwnFault
    }

    /// The same cause with the name of what it was found in: `voice on wifi: …`.
    package func named(_ name: String) -> Cause {
        Cause(verdict, "\(name): \(sentence)", isOwnFault: isOwnFault)
    }
}
