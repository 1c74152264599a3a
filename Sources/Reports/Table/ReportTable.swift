import Metrics

/// The text at the end of a plan: the summary, the runs in detail, the verdict.
///
///     voice on clean                                                            pass
///       stream    sent  answered  loss      p50      p99      max
///       calls   10,000    10,000   0 %  12.3 µs  45.1 µs  1.20 ms
///         ✓ rtt.p99 < 50ms  45.1 µs
///
///     pass: every threshold holds in 1 run, and every ledger balances
package struct ReportTable {
    /// The minimum width: a name and a figure side by side.
    static let widthMin = 40
    /// The maximum width of sentences: longer lines are hard to read.
    static let widthMax = 120
    /// The maximum number of runs in detail, unless all are asked for.
    private static let runsShown = 12

    private let width: Int
    /// The width of tables, which have no maximum.
    private let room: Int
    private let style: TerminalStyle

    /// - Parameters:
    ///   - width: columns of the terminal.
    ///   - color: whether to use colours: the caller knows the terminal and NO_COLOR.
    ///   - hasEachRun: Whether runs that passed are shown in detail as well.
    /// - Returns: lines, each with a line feed at its end.
    package static func render(
        _ report: Report, width: Int = 80, color: Bool = false, hasEachRun: Bool = true
    ) -> String {
        let room = max(width, widthMin)
        let table = ReportTable(
            width: min(room, widthMax), room: room, style: TerminalStyle(isOn: color))
        return table.lines(of: report.showingTitles, hasEachRun).map { $0 + "\n" }.joined()
    }

    private func lines(of report: Report, _ hasEachRun: Bool) -> [String] {
        let (width, room, style) = (width, room, style)
        // A single run in detail has all that its row has.
        let isOne = report.runs.count == 1 && (hasEachRun || report.runs[0].verdict != .pass)
        let summary =
            isOne || report.runs.isEmpty
            ? [] : SummaryTable(width: room, style: style).lines(of: report) + [""]
        let told = hasEachRun ? report.runs : report.runs.filter { $0.verdict != .pass }
        let most = hasEachRun ? told.count : Self.runsShown
        let runs = told.prefix(most).flatMap { lines(of: $0) + [""] }
        let left = told.count - most
        let more =
            left > 0
            ? sentence("and \(left) more runs that did not pass; --verbose shows them", indent: 0)
                + [""] : []
        let skipped = report.skipped.flatMap {
            sentence("skipped: \($0.title): \($0.reason)", indent: 0) + [""]
        }
        let losses = AttributionTable(width: room, style: style)
            .lines(of: report.runs, hasEach: hasEachRun)
        let comparison = ComparisonTable(width: room, style: style)
            .linesOfNetworks(report.comparison)
        let resets = ResetsTable(width: room, style: style).lines(of: report.runs)
        return summary + searches(report.runs) + runs + more + (hasEachRun ? [] : warnings(report))
            + skipped + resets
            + losses + comparison + report.verdictLines.lines(width: width, style: style)
    }

    /// Returns the answers of searches.
    private func searches(_ runs: [RunReport]) -> [String] {
        let answers = runs.flatMap { run in
            run.streams.flatMap { stream -> [String] in
                guard let search = stream.search else { return [] }
                let name = run.streams.count > 1 ? ", \(stream.sender)" : ""
                let count = search.trials.count
                let trials =
                    search.adjustment != nil
                    ? "one run" : count == 1 ? "1 trial" : "\(count) trials"
                return sentence(
                    "\(run.title)\(name): \(search.answer) (\(search.kind.rawValue), \(trials) in "
                        + "\(UnitText.time(ns: search.durationNs)))", indent: 0)
            }
        }
        return answers.isEmpty ? [] : answers + [""]
    }

    /// Returns the warnings of runs that are not shown in detail, once each.
    private func warnings(_ report: Report) -> [String] {
        let passed = report.runs.filter { $0.verdict == .pass }
        let texts = passed.flatMap(\.warnings)
        let lines = texts.inFirstOrder.prefix(Self.runsShown).flatMap { text in
            let count = texts.count { $0 == text }
            return sentence("! \(text)" + (count > 1 ? " (in \(count) runs)" : ""), indent: 0)
        }
        return lines.isEmpty ? [] : lines + [""]
    }

    private func lines(of run: RunReport) -> [String] {
        let verdict = run.verdict.rawValue
        let name = TerminalText.elided(
            TerminalText.harmless(run.title), to: width - verdict.count - 2)
        let gap = width - TerminalText.width(name) - verdict.count
        var lines = [
            style(.bold, name) + TerminalText.spaces(gap) + style(run.verdict.colour, verdict)
        ]
        var table = TextTable(
            [.name("stream")]
                + ["sent", "answered", "loss", "p50", "p99", "max"].map { .figure($0) })
        for stream in run.streams { table.add(cells(of: stream)) }
        let rows = table.lines(width: room, style: style)
        lines += rows.head
        for (stream, row) in zip(run.streams, rows.rows) {
            lines += row
            lines += TerminalText.lines(
                of: stream.remarks.map(TerminalText.harmless), separator: " · ", indent: 4,
                width: width)
            lines += self.lines(of: stream.stages ?? [], stream.knee)
            lines += self.lines(of: run.thresholds.filter { $0.sender == stream.sender })
        }
        if let battery = run.battery {
            lines += ScoreTable.lines(of: battery, seed: run.seed, width: width, style: style)
        }
        return lines + run.warnings.flatMap { sentence("! \($0)", indent: 2) }
    }

    // MARK: One stream

    private func cells(of stream: StreamReport) -> [String] {
        let delays = stream.rttNs ?? stream.oneWayNs
        let answered = stream.isOneWay ? stream.ledger.responderReceived : stream.ledger.received
        return [
            stream.sender, UnitText.shortCount(stream.ledger.sent), UnitText.shortCount(answered),
            UnitText.ratio(stream.loss.ratio), UnitText.time(ns: delays?.p50),
            UnitText.time(ns: delays?.p99), UnitText.time(ns: delays?.max),
        ]
    }

    private func lines(of stages: [StageReport], _ knee: KneeReport?) -> [String] {
        guard !stages.isEmpty else { return [] }
        var table = TextTable(
            ["offered", "sent", "loss", "p50", "p99"].map { .figure($0) })
        for stage in stages {
            table.add([
                UnitText.packetRate(stage.offeredPps), UnitText.packetRate(stage.sentPps),
                UnitText.ratio(stage.lossRatio), UnitText.time(ns: stage.delayP50Ns),
                UnitText.time(ns: stage.delayP99Ns),
            ])
        }
        let rows = table.lines(width: room - 2, style: style)
        return (rows.head + rows.rows.flatMap { $0 }).map { "  " + $0 }
            + (knee.map { sentence($0.sentence, indent: 4) } ?? [])
    }

    private func lines(of thresholds: [ThresholdReport]) -> [String] {
        let texts = thresholds.map { threshold in
            (
                threshold, TerminalText.harmless(threshold.expression),
                threshold.valueText
            )
        }
        let widest = texts.map { TerminalText.width($0.1) }.max() ?? 0
        let room = min(width - 18, widest)
        return texts.map { threshold, expression, value in
            let mark =
                switch threshold.passed {
                case true: style(.green, "✓")
                case false: style(.red, "✗")
                case nil: style(.yellow, "–")
                }
            let name = TerminalText.left(TerminalText.elided(expression, to: room), room)
            return "    \(mark) \(name)  \(value)"
        }
    }

    private func sentence(_ text: String, indent: Int) -> [String] {
        TerminalText.sentence(text, indent: indent, width: width)
    }
}

extension Verdict {
    var colour: TerminalStyle.Colour {
        switch self {
        case .pass: .green
        case .fail: .red
        case .inconclusive, .incomplete, .aborted: .yellow
        case .invalid: .magenta
        }
    }
}

extension RunReport {
    /// The title of a run: `voice on wifi`, `voice on wifi #2`.
    package var title: String { titleOfRun(scenario, network, self.repeat) }
}

extension SkippedRunReport {
    package var title: String { titleOfRun(scenario, network, self.repeat) }
}

private func titleOfRun(_ scenario: String, _ network: String, _ repetition: Int) -> String {
    repetition > 1 ? "\(scenario) on \(network) #\(repetition)" : "\(scenario) on \(network)"
}

extension ThresholdReport {
    /// The value in the unit of its field.
    package var valueText: String { UnitText.text(value, unit: unit) }

    private var unit: ReportUnit? {
        ReportFormat.streamField(figure.split(separator: ".").map(String.init))?.unit
    }
}

extension StreamReport {
    fileprivate var isOneWay: Bool { rttNs == nil }

    /// The deviations from a run without problems, with the names of the report.
    fileprivate var remarks: [String] {
        let accounts = [
            ("skipped", ledger.skipped), ("waiting", ledger.waiting),
            ("refused", ledger.refused),
            ("local queue", ledger.localQueue), ("local firewall", ledger.localFirewall),
            ("too big", ledger.tooBig), ("other error", ledger.otherError),
            ("forward injected", ledger.forwardInjected),
            ("forward corrupt", ledger.forwardCorrupt),
            ("responder overflow", ledger.responderOverflow), ("outage", ledger.outage),
            ("forward lost", ledger.forwardLost), ("echo failed", ledger.echoFailed),
            ("rejected by the responder", ledger.rejected),
            ("backward injected", ledger.backwardInjected),
            ("backward corrupt", ledger.backwardCorrupt),
            ("sender overflow", ledger.senderOverflow),
            ("beyond window", ledger.beyondWindow), ("backward lost", ledger.backwardLost),
            ("lost there or back", ledger.lostUnsplit),
            ("wrong answers", ledger.wrongAnswer), ("resets", resets.seen),
            ("late", loss.late), ("duplicates", duplication?.count), ("rejected", rejected.total),
        ]
        var remarks = accounts.compactMap { name, count in
            (count ?? 0) == 0 ? nil : "\(name) \(UnitText.count(count))"
        }
        if isFollowed, ledger.sent < ledger.scheduled, delivered.ratio != nil {
            remarks.append("delivered \(UnitText.ratio(delivered.ratio)) of the schedule")
        }
        if let answer = request?.firstWrongAnswer {
            remarks.append("the first wrong answer begins \"\(answer)\"")
        }
        if let reordering, reordering.count > 0 {
            let share = UnitText.ratio(reordering.ratio)
            remarks.append("reordered \(UnitText.count(reordering.count)) (\(share))")
        }
        remarks += unevenness + markSentences
        if let fleet {
            let fairness = fleet.fairness.map { ", fairness \(UnitText.text($0, unit: nil))" } ?? ""
            let spread =
                fleet.startSpreadNs.map { ", started within \(UnitText.time(ns: $0))" } ?? ""
            remarks.append("from \(fleet.hosts.count) hosts\(fairness)\(spread)")
        }
        if let chat {
            let members = "\(UnitText.count(chat.complete)) of \(UnitText.count(chat.members))"
            remarks += [
                "\(members) members got every message",
                "deliveries \(UnitText.count(chat.delivered))",
                "missing \(UnitText.count(chat.missing))",
            ]
        }
        remarks += delaysBetweenHosts
        if let closedLoop, !closedLoop.thinks { remarks.append(closedLoop.sentence) }
        if !resets.outages.isEmpty {
            remarks.append(
                "outages \(UnitText.count(resets.outages.count + resets.outagesLeftOut))")
        }
        if let loss = resets.collateralLoss, let collateral = resets.collateral {
            // Shown even if it is 0, because the disturbance was meant to measure it.
            remarks.append(
                "collateral loss \(UnitText.count(loss)) (\(UnitText.count(collateral.lost)) of "
                    + "\(UnitText.count(collateral.sent)) beside it)")
        }
        if resets.flowsEnded > 0 {
            remarks.append("flows ended by resets \(UnitText.count(resets.flowsEnded))")
        }
        if kind == .hitAndRun {
            remarks.append("hit and run: no answer is awaited")
        } else if kind == .oneWayRequests, !isFollowed {
            remarks.append("one-way: nobody tells what arrived")
        } else if isOneWay {
            remarks.append("one-way: arrived at the responder, not answered")
        }
        return remarks
    }
}

extension StreamReport {
    /// The delays of each way between hosts, with the error of their clocks.
    private var delaysBetweenHosts: [String] {
        guard let errorNs = oneWayClock?.errorNs, errorNs > 0 else { return [] }
        let ways = [("there", forward), ("back", backward)].compactMap { name, way in
            (way?.oneWayNs?.p50).map { "\(name) \(UnitText.time(ns: $0))" }
        }
        guard !ways.isEmpty else { return [] }
        let error = UnitText.time(ns: errorNs)
        return ["p50 \(ways.joined(separator: ", ")), each to \(error)"]
    }
}

extension RejectedReport {
    fileprivate var total: Int {
        short + truncated + peer + runId + warmUp + fromFuture + impossible + corrupt + beyondWindow
            + (unmatched ?? 0)
    }
}

extension Report {
    /// The verdict in sentences.
    package var verdictLines: VerdictLines {
        VerdictLines(verdict, reasons: reasons, notices: notices, summary: summary)
    }

    /// A sentence on what passed.
    private var summary: String {
        let runCount = runs.count == 1 ? "1 run" : "\(runs.count) runs"
        let trials = runs.compactMap(\.battery).flatMap(\.trials)
        if !trials.isEmpty {
            let senders = runs.contains { $0.battery == nil }
            let rest = senders ? ", every threshold holds, and every ledger balances" : ""
            let passed = trials.count { $0.verdict == .pass }
            return "\(passed) of \(trials.count) trials passed and none fails its profile in "
                + "\(runCount)\(rest)"
        }
        return runs.allSatisfy(\.thresholds.isEmpty)
            ? "every ledger balances in \(runCount); the plan has no thresholds"
            : "every threshold holds in \(runCount), and every ledger balances"
    }
}
