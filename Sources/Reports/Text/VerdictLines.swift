/// The sentences at the end of every table, and the whole output of `--quiet`: the verdict with the
/// deciding cause, the other causes, the notices.
///
///     fail: calls: loss.ratio < 1% does not hold: it is 2 %
///       also: calls: rtt.p99 < 1ms does not hold: it is 3 ms
///       notice: 2 runs of wifi were left out
package struct VerdictLines: Sendable {
    /// The maximum number of causes printed after the deciding one; the report has all of them.
    package static let othersMax = 20
    /// The maximum number of notices printed; the report has all of them.
    package static let noticesMax = 10

    let verdict: Verdict
    private let reasons: [String]
    private let notices: [String]

    /// Makes the lines of a verdict.
    /// - Parameter summary: The sentence of a verdict without causes, which is `pass`.
    package init(_ verdict: Verdict, reasons: [String], notices: [String], summary: String) {
        self.verdict = verdict
        self.reasons = reasons.isEmpty ? [summary] : reasons
        self.notices = notices
    }

    /// The lines, one per sentence, without characters that control a terminal.
    package var lines: [String] {
        sentences.map { TerminalText.spaces($0.indent) + TerminalText.harmless($0.text) }
    }

    /// Returns the lines for a terminal of `width` columns, with the verdict's word in its colour.
    func lines(width: Int, style: TerminalStyle) -> [String] {
        var lines = sentences.flatMap {
            TerminalText.sentence($0.text, indent: $0.indent, width: width)
        }
        // Coloured after the wrapping, because escapes have no width.
        if let first = lines.first {
            let word = verdict.rawValue
            lines[0] = style(verdict.colour, word) + first.dropFirst(word.count)
        }
        return lines
    }

    private var sentences: [(indent: Int, text: String)] {
        let deciding = (0, "\(verdict.rawValue): \(reasons[0])")
        let others = Self.bounded(
            reasons.dropFirst(), to: Self.othersMax, named: "also", rest: "causes")
        return [deciding] + others
            + Self.bounded(notices[...], to: Self.noticesMax, named: "notice", rest: "notices")
    }

    private static func bounded(
        _ sentences: ArraySlice<String>, to most: Int, named name: String, rest: String
    ) -> [(indent: Int, text: String)] {
        let shown = sentences.prefix(most).map { (2, "\(name): \($0)") }
        let left = sentences.count - shown.count
        return left == 0 ? shown : shown + [(2, "and \(UnitText.count(left)) more \(rest)")]
    }
}
