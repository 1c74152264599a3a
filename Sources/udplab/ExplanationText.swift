import Plans
import Reports

/// Explanations as text for a terminal.
enum ExplanationText {
    /// The most explanations that are shown whole where none has the very name.
    private static let wholeMax = 3

    static func wrapped(_ sentence: String, indent: Int = 0, width: Int) -> String {
        TerminalText.sentence(sentence, indent: indent, width: width).map { $0 + "\n" }.joined()
    }

    /// Returns the explanations of a word: whole those with its name, one line each the others.
    static func text(
        _ named: [Explanation], _ others: [Explanation], width: Int
    ) -> String {
        let isFew = named.isEmpty && others.count <= wholeMax
        let (whole, rest) = isFew ? (others, []) : (named, others)
        let texts = whole.map { self.whole($0, width: width) }
        guard !rest.isEmpty else { return texts.joined(separator: "\n") }
        let list = (whole.isEmpty ? "" : "see also\n") + lines(rest, width: width)
        return (texts + [list]).joined(separator: "\n")
    }

    private static func whole(_ explanation: Explanation, width: Int) -> String {
        var text = "\(explanation.name): \(explanation.kind)\n"
        text += wrapped(explanation.meaning, indent: 2, width: width)
        for fact in explanation.facts {
            text += wrapped("\(fact.name): \(fact.text)", indent: 2, width: width)
        }
        if !explanation.parts.isEmpty {
            let parts = explanation.parts.joined(separator: ", ")
            text += wrapped("parts: \(parts)", indent: 2, width: width)
        }
        return text
    }

    /// Returns a line for each: its name, and as much of its first sentence as fits.
    private static func lines(_ explanations: [Explanation], width: Int) -> String {
        let longest = explanations.map { TerminalText.width($0.name) }.max() ?? 0
        return explanations.map { one in
            let gap = String(repeating: " ", count: longest - TerminalText.width(one.name) + 2)
            let start = "  \(one.name)\(gap)"
            let place = one.kind.hasPrefix("key") ? "\(one.kind): " : ""
            let end = one.meaning.firstRange(of: ". ").map {
                one.meaning.index(after: $0.lowerBound)
            }
            let sentence = one.meaning[..<(end ?? one.meaning.endIndex)]
            let room = max(longest + 4 + 40, width - 2)
            let words = TerminalText.sentence(
                place + sentence, indent: TerminalText.width(start), width: room)
            let text = (words.first ?? "").drop { $0 == " " }
            return start + text + (words.count > 1 ? " …" : "") + "\n"
        }.joined()
    }

    /// Returns all names, in sections.
    static func index(width: Int) -> String {
        [
            ("figures of a stream, and what else a report says of it", Explanations.figures),
            ("keys of a plan", Explanations.keys),
            ("other fields of a report", Explanations.others),
        ].map { title, explanations in
            "\(title)\n" + lines(explanations, width: width)
        }.joined(separator: "\n")
    }
}
