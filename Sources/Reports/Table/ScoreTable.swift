/// The text at the end of a battery.
///
///     python3 server.py at 127.0.0.1:7788, profile basic, seed 1
///
///       pass      baseline        20 of 20 probes were answered verbatim
///       fail      payload-sizes   answers only the first 1,024 bytes
///                                 → the receive buffer is too small; 65,535 is safe
///
///     fail: 1 of 12 trials failed: payload-sizes
package struct ScoreTable {
    private static let verdictWidth = 10

    private let width: Int
    private let style: TerminalStyle

    /// - Parameters:
    ///   - width: columns of the terminal; 70 to 120 are used.
    ///   - color: whether to use colours: the caller knows the terminal and NO_COLOR.
    /// - Returns: lines, each with a line feed at its end.
    package static func render(_ card: ScoreCard, width: Int = 80, color: Bool = false) -> String {
        let width = min(max(width, ReportTable.widthMin), ReportTable.widthMax)
        let table = ScoreTable(width: width, style: TerminalStyle(isOn: color))
        let title = "\(card.server.title), profile \(card.profile), seed \(card.seed)"
        var lines = table.wrapped(title, indent: 0) + [""]
        lines += table.lines(of: card.trials)
        lines += [""] + card.verdictLinesBesideTrials.lines(width: width, style: table.style)
        return lines.map { $0 + "\n" }.joined()
    }

    /// Returns the lines for a run of a plan, whose own lines contain the rest.
    static func lines(
        of battery: BatteryReport, seed: Int, width: Int, style: TerminalStyle
    ) -> [String] {
        let table = ScoreTable(width: width, style: style)
        let title = "\(battery.server.title), profile \(battery.profile), seed \(seed)"
        return table.wrapped(title, indent: 2).map { style(.dim, $0) }
            + table.lines(of: battery.trials)
    }

    private func lines(of trials: [TrialReport]) -> [String] {
        let names = trials.map(\.id.count).max() ?? 0
        return trials.flatMap { lines(of: $0, names: names) }
    }

    private func lines(of trial: TrialReport, names: Int) -> [String] {
        let indent = 2 + Self.verdictWidth + names + 2
        var text = wrapped(trial.saw, indent: indent)
        if let change = trial.change { text += wrapped("→ " + change, indent: indent) }
        let word = TerminalText.left(trial.verdict.word, Self.verdictWidth)
        let head =
            "  " + style(trial.verdict.colour, word) + TerminalText.left(trial.id, names + 2)
        guard let first = text.first else { return [head] }
        return [head + first.dropFirst(indent)] + text.dropFirst()
    }

    private func wrapped(_ text: String, indent: Int) -> [String] {
        let words = TerminalText.harmless(text).split(separator: " ").map(String.init)
        return TerminalText.lines(of: words, separator: " ", indent: indent, width: width)
    }
}

extension TrialVerdict {
    fileprivate var word: String { self == .notApplicable ? "–" : rawValue }

    fileprivate var colour: TerminalStyle.Colour {
        switch self {
        case .pass: .green
        case .fail: .red
        case .degraded: .yellow
        case .notApplicable: .dim
        }
    }
}

extension ServerReport {
    fileprivate var title: String {
        (command.map { "\($0.joined(separator: " ")) at " } ?? "") + address
    }
}

extension ScoreCard {
    /// The verdict in sentences, without those in the table of the trials.
    var verdictLinesBesideTrials: VerdictLines {
        let told = trials.map { "\($0.id): \($0.saw)" }
        let rest = reasons.filter { !told.contains($0) }
        return VerdictLines(
            verdict, reasons: rest.isEmpty ? reasons : rest, notices: notices, summary: summary)
    }

    /// The verdict in sentences.
    package var verdictLines: VerdictLines {
        VerdictLines(verdict, reasons: reasons, notices: notices, summary: summary)
    }

    private var summary: String {
        let degraded = score.degraded > 0 ? ", \(score.degraded) degraded" : ""
        let left = score.notApplicable > 0 ? ", \(score.notApplicable) not applicable" : ""
        return "\(score.pass) of \(trials.count) trials passed\(degraded)\(left)"
    }
}
