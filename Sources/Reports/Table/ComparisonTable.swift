/// The comparisons as text: a block for each pair of sides and sender.
///
///     voice, calls: wifi beside clean, 6 runs of each
///       figure                       clean      wifi      95 % interval        verdict
///       loss.ratio                     0 %    1.23 %     +1.1 … +1.4 pp          worse
///       equal in every run: duplication.fraction, reordering.ratio
package struct ComparisonTable {
    /// The maximum number of pairs of one scenario that are all shown: those of three networks.
    static let pairsMax = 3

    let width: Int
    let style: TerminalStyle

    /// Returns the table.
    /// - Returns: lines, each with a line feed at its end.
    package static func render(
        _ document: ComparisonDocument, width: Int = 80, color: Bool = false
    ) -> String {
        let width = max(width, ReportTable.widthMin)
        let table = ComparisonTable(width: width, style: TerminalStyle(isOn: color))
        let pairs = document.pairs.flatMap { pair in
            table.lines(of: pair.comparison, on: pair.network) + [""]
        }
        let verdict = document.verdictLines.lines(
            width: min(width, ReportTable.widthMax), style: table.style)
        return
            (pairs + table.rule(document.pairs.flatMap(\.comparison)) + table.gates(document)
            + verdict)
            .map { $0 + "\n" }.joined()
    }

    /// Returns the lines of comparisons.
    /// - Parameter network: the network of both sides, if they are reports.
    func lines(of comparisons: [ComparisonReport], on network: String? = nil) -> [String] {
        Array(blocks(comparisons).map { lines(ofBlock: $0, on: network) }.joined(separator: [""]))
    }

    /// Returns the lines of a report's networks: all pairs of up to three networks, else the pairs
    /// with the first.
    func linesOfNetworks(_ comparisons: [ComparisonReport]) -> [String] {
        var lines: [String] = []
        for scenario in comparisons.map(\.scenario).inFirstOrder {
            let own = comparisons.filter { $0.scenario == scenario }
            let pairs = own.map { [$0.a.name, $0.b.name] }.inFirstOrder
            let first = pairs.first?.first
            let shown =
                pairs.count > Self.pairsMax ? own.filter { $0.a.name == first } : own
            lines += self.lines(of: shown) + [""]
            let hidden = pairs.count - shown.map { [$0.a.name, $0.b.name] }.inFirstOrder.count
            if hidden > 0 {
                lines += sentence("\(hidden) more pairs of networks are in the report", indent: 2)
                lines.append("")
            }
        }
        return lines + rule(comparisons)
    }

    /// Returns the rule of the table, and an empty line; nothing without comparisons.
    private func rule(_ comparisons: [ComparisonReport]) -> [String] {
        guard !comparisons.isEmpty else { return [] }
        return sentence(ComparisonRule.sentence(of: comparisons), indent: 0) + [""]
    }

    private func blocks(_ comparisons: [ComparisonReport]) -> [[ComparisonReport]] {
        func key(_ comparison: ComparisonReport) -> [String] {
            [comparison.scenario, comparison.a.name, comparison.b.name, comparison.sender]
        }
        let blocks = Dictionary(grouping: comparisons, by: key)
        return comparisons.map(key).inFirstOrder.compactMap { blocks[$0] }
    }

    // MARK: One block

    private func lines(ofBlock block: [ComparisonReport], on network: String?) -> [String] {
        guard let first = block.first else { return [] }
        let (a, b) = (TerminalText.harmless(first.a.name), TerminalText.harmless(first.b.name))
        let place = network.map { " on \($0)" } ?? ""
        let counts = [first.a, first.b].map { $0.runs - $0.leftOut }
        let runs =
            counts[0] == counts[1]
            ? "\(counts[0]) \(counts[0] == 1 ? "run" : "runs") of each"
            : "\(counts[0]) and \(counts[1]) runs"
        let title = TerminalText.harmless(
            "\(first.scenario)\(place), \(first.sender): \(b) beside \(a), \(runs)")
        var lines = [style(.bold, TerminalText.elided(title, to: width))]
        let told = block.filter { !$0.isEqualInEveryRun }
        let heads = DistinctNames.of([a, b]) + [interval(told), "verdict"]
        var table = TextTable([.name("figure")] + heads.map { .figure($0) })
        for comparison in told { table.add(cells(of: comparison)) }
        lines +=
            table.lines(width: width, style: style) { row, column in
                column == heads.count ? told[row].verdict.colour : nil
            }.all
        let equal = block.filter(\.isEqualInEveryRun).map(\.metric)
        if !equal.isEmpty {
            lines += sentence("equal in every run: " + equal.joined(separator: ", "), indent: 2)
        }
        return lines + remarks(block).flatMap { sentence($0, indent: 2) }
    }

    private func cells(of comparison: ComparisonReport) -> [String] {
        let unit = comparison.unit.flatMap(ReportUnit.init)
        let interval =
            comparison.effect.map { ComparisonText.interval($0, unit: comparison.unit) }
            ?? UnitText.none
        return [
            comparison.metric, UnitText.text(comparison.a.median, unit: unit),
            UnitText.text(comparison.b.median, unit: unit), interval, comparison.shortVerdict,
        ]
    }

    private func interval(_ block: [ComparisonReport]) -> String {
        let confidences = block.compactMap { $0.effect?.confidence }
        guard let least = confidences.min() else { return "interval" }
        return "\(Int((min(least, ConfidenceInterval.usual) * 100).rounded(.down))) % interval"
    }

    /// Returns the reasons, once each; those of a single figure with its name.
    private func remarks(_ block: [ComparisonReport]) -> [String] {
        let reasons = block.flatMap { comparison in
            comparison.reasons.map { (reason: $0, metric: comparison.metric) }
        }
        return reasons.map(\.reason).inFirstOrder.map { reason in
            let metrics = reasons.filter { $0.reason == reason }.map(\.metric)
            let isAlone = metrics.count == 1 && block.count > 1
            return isAlone ? "\(metrics[0]): \(reason)" : reason
        }
    }

    // MARK: Gates

    private func gates(_ document: ComparisonDocument) -> [String] {
        let lines = document.gates.map { gate in
            let mark =
                switch gate.passed {
                case true: style(.green, "✓")
                case false: style(.red, "✗")
                case nil: style(.yellow, "–")
                }
            let text = TerminalText.harmless(
                "\(gate.expression)  \(gate.scenario) on \(gate.network), \(gate.sender): "
                    + (gate.passed == nil ? "cannot be judged" : gate.says))
            return "  \(mark) " + TerminalText.elided(text, to: width - 4)
        }
        return lines.isEmpty ? [] : lines + [""]
    }

    private func sentence(_ text: String, indent: Int) -> [String] {
        TerminalText.sentence(
            text, indent: indent, width: min(width, ReportTable.widthMax))
    }
}

extension ComparisonDocument {
    /// The verdict in sentences.
    package var verdictLines: VerdictLines {
        let held =
            gates.isEmpty ? "compared, and no --max-regression to judge by" : "every bound holds"
        return VerdictLines(verdict, reasons: reasons, notices: notices, summary: held)
    }
}

extension ComparisonReport {
    /// Whether all runs of both sides have one value, which needs no line of its own.
    fileprivate var isEqualInEveryRun: Bool {
        guard let first = a.values.first, !b.values.isEmpty else { return false }
        return (a.values + b.values).allSatisfy { $0 == first }
    }

    fileprivate var shortVerdict: String {
        switch verdict {
        case .better, .worse: verdict.rawValue
        case .same:
            says.hasPrefix("same within ") ? "same ±" + says.dropFirst("same within ".count) : says
        case .noConclusion: "no conclusion"
        }
    }
}

extension ComparisonVerdict {
    fileprivate var colour: TerminalStyle.Colour? {
        switch self {
        case .better: .green
        case .worse: .red
        case .same: nil
        case .noConclusion: .yellow
        }
    }
}
