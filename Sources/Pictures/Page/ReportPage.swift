import Metrics
import Reports

/// The page of one or several reports: one file of HTML that needs neither a script nor the
/// network.
///
/// The verdict and its reasons are first, then the summaries of all scenarios, then the pictures.
/// The page stays below ``bytesMax``: pictures beyond that are left out from the least important
/// on, and the page says how many.
package struct ReportPage {
    package static let bytesMax = Frame.bytesMax
    /// The bytes that are kept for the frame of the page.
    private static let reserve = 72 << 10
    private static let summariesBytes = 384 << 10
    private static let tablesBytes = 160 << 10
    private static let trendsBytes = 128 << 10
    private static let contentsBytes = 48 << 10

    private let reports: [Report]
    private let names: [String]

    /// Makes a page.
    /// - Parameters:
    ///   - reports: The reports, in the order of a trend; at least one.
    ///   - names: A name for each, such as its file's.
    package init(reports: [Report], names: [String]) {
        precondition(!reports.isEmpty && reports.count == names.count, "a name for each report")
        self.reports = reports.map(\.showingTitles)
        self.names = names
    }

    package func html() -> String {
        let head = [header, verdict] + (reports.count > 1 ? [contents, trends] : [])
        let title = "\(reports.map(\.verdict).max()?.rawValue ?? ""): \(reports[0].plan.name)"
        return Frame.page(title: title, [.element("main", [], all: body(under: head))])
    }

    /// Returns the content of the page, with everything but the summaries, the pictures and the
    /// tables given.
    func body(under head: [Markup]) -> [Markup] {
        let parts = zip(reports, names).map {
            Part(report: $0, name: $1, isAlone: reports.count == 1)
        }
        let summaries = Bounded(parts, bytes: Self.summariesBytes) { $0.head }
        let tables = Bounded(parts, bytes: Self.tablesBytes) { $0.table(bytes: Self.tablesBytes) }
        let head = head + summaries.shown + [summaries.note]
        let end = tables.shown + [tables.note, foot]
        let taken = (head + end).reduce(Self.reserve) { $0 + $1.text.utf8.count }
        let pictures = Bounded(parts.flatMap(\.pictures), bytes: Self.bytesMax - taken)
        return head + pictures.shown + [omission(pictures.omitted)] + end
    }

    private func omission(_ count: Int) -> Markup {
        guard count > 0 else { return .none }
        return .element(
            "p", [.kind("note")],
            Markup(
                "\(UnitText.count(count)) more pictures are left out, so that the page stays below "
                    + "1 MiB."))
    }

    private var header: Markup {
        let report = reports[reports.count - 1]
        let runs = reports.map(\.runs.count).reduce(0, +)
        let titles = reports.map(\.plan.name).inFirstOrder
        return Frame.header(
            reports.count == 1 ? "udplab report" : "udplab: \(reports.count) reports",
            title: titles.prefix(3).joined(separator: ", ") + (titles.count > 3 ? ", …" : ""),
            facts: [
                report.started.minute, runs == 1 ? "1 run" : "\(UnitText.count(runs)) runs",
            ] + Frame.facts(of: report.host)
                + (report.status == .partial ? ["interrupted: not every run of the plan"] : []))
    }

    private var verdict: Markup {
        guard reports.count > 1 else { return Self.panel(reports[0]) }
        let worst = reports.indices.max { reports[$0].verdict < reports[$1].verdict } ?? 0
        let report = reports[worst]
        let reasons =
            report.verdict == .pass
            ? [] : report.reasons.map { "\(names[worst]): \($0)" }
        return VerdictPanel(
            verdict: report.verdict, reasons: reasons, notices: [],
            summary: "all \(reports.count) reports pass"
        ).markup
    }

    static func panel(_ report: Report) -> Markup {
        VerdictPanel(
            verdict: report.verdict, reasons: report.reasons, notices: report.notices,
            summary: report.summarySentence
        ).markup
    }

    /// The reports with their verdicts.
    private var contents: Markup {
        let rows = Bounded(reports.indices, bytes: Self.contentsBytes) { index in
            let report = reports[index]
            return .element(
                "tr", [],
                .element(
                    "th", [Attribute("scope", "row")],
                    report.verdict.sign(report.verdict.rawValue),
                    Markup(" \(report.verdict.rawValue)")),
                .element("td", [], Markup(names[index])),
                .element("td", [], Markup(report.plan.name)),
                .element("td", [], Markup(report.started.minute)),
                .element(
                    "td", [.kind("wide")], Markup(report.reasons.first ?? report.summarySentence)))
        }
        return .element(
            "table", [.kind("runs")],
            .element(
                "thead", [],
                .element(
                    "tr", [],
                    all: ["verdict", "report", "plan", "started", "reason"].map {
                        .element("th", [], Markup($0))
                    })), .element("tbody", [], all: rows.shown)) + rows.note
    }

    private var trends: Markup {
        let all = Trend.all(reports, names: names)
        guard !all.isEmpty else {
            return .element(
                "p", [.kind("missing")], "No stream is in two of these reports: there is no trend.")
        }
        let panels = Bounded(all, bytes: Self.trendsBytes) { $0.markup }
        return ScenarioSection.figure(
            "Trend",
            "A dot is the median of a report's runs, a bar reaches from the least to the greatest "
                + "run, reports are from left to right as named. A mark says where the rank test "
                + "finds a change from the report before.",
            .element("div", [.kind("trends")], all: panels.shown) + panels.note)
    }

    private var foot: Markup {
        let plans = zip(reports, names).map { report, name in
            "\(name): \(report.tool.name) \(report.tool.version), plan \(report.plan.path)"
                + "\(report.plan.variedText), seed "
                + "\(report.plan.seed), SHA-256 \(report.plan.sha256)"
        }
        return Frame.footer(
            plans + ["Every number is from the report's JSON; a value that does not exist is –."])
    }
}

/// The parts of a page that one report has.
private struct Part {
    let report: Report
    let name: String
    let isAlone: Bool
    let scenarios: [ScenarioSection]

    init(report: Report, name: String, isAlone: Bool) {
        self.report = report
        self.name = name
        self.isAlone = isAlone
        let groups = StreamGroup.all(of: report).filter { !$0.isBattery }
        scenarios = report.runs.filter { $0.battery == nil }.map(\.scenario).inFirstOrder.map {
            ScenarioSection($0, of: report, groups)
        }
    }

    private static let scenariosBytes = 256 << 10
    private static let batteriesBytes = 96 << 10

    /// The summaries of all scenarios, the batteries, and the bars of life.
    var head: Markup {
        let title: Markup =
            isAlone
            ? .none
            : .element("h2", [.kind("report-name")], Markup(name)) + ReportPage.panel(report)
        let rows = Bounded(scenarios, bytes: Self.scenariosBytes) { $0.rows }
        let summary: Markup = scenarios.isEmpty ? .none : SummaryMatrix.table(rows.shown)
        let isRepeated = scenarios.contains { $0.groups.contains { $0.members.count > 1 } }
        let note: Markup =
            isRepeated
            ? .element(
                "p", [.kind("note")],
                "Figures are medians over the runs, with the interval of the median below; bars are "
                    + "shares of all datagrams scheduled in these runs.") : .none
        return title + summary + rows.note + note + batteries + life
    }

    private var batteries: Markup {
        let columns = report.runs.compactMap { run in
            run.battery.map { TrialTable.Column(name: run.titleWithNumber, trials: $0.trials) }
        }
        guard !columns.isEmpty else { return .none }
        return ScenarioSection.figure(
            "Resilience", "The trials of a server, with what to change.",
            TrialTable(columns: columns, bytes: Self.batteriesBytes).markup)
    }

    private var life: Markup {
        guard let bars = BarsOfLife(runs: report.runs).markup else { return .none }
        return ScenarioSection.figure(
            "Who was up, and when",
            "A bar reaches from the first slot to the end of a stream or a responder. Gaps are times "
                + "without answers, with the time to detect and to recover above; ticks below are "
                + "resets.", bars)
    }

    /// The pictures: those of all runs of a scenario, then those of single runs. The title of a
    /// scenario is with the first picture.
    var pictures: [() -> Markup] {
        let together = scenarios.flatMap { titled($0, " in pictures", $0.pictures) }
        return together + scenarios.flatMap { titled($0, " over time", $0.timePictures) }
    }

    private func titled(
        _ scenario: ScenarioSection, _ rest: String, _ pictures: [() -> Markup]
    ) -> [() -> Markup] {
        let prefix = (isAlone ? "" : "\(name): ") + scenario.name
        return pictures.enumerated().map { index, picture in
            { index == 0 ? .element("h2", [], Markup(prefix + rest)) + picture() : picture() }
        }
    }

    func table(bytes: Int) -> Markup {
        RunTable(report: report, bytes: bytes * 5 / 8).markup
            + FleetTable(report: report, bytes: bytes / 8).markup
            + HostTable(report: report, bytes: bytes / 8).markup
    }
}

extension UTCTime {
    /// The time to the minute, for people: `2026-11-29 18:11 UTC`.
    var minute: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}

extension Report {
    /// The sentence of a verdict without causes, which the terminal says too.
    fileprivate var summarySentence: String { verdictLines.sentence(of: verdict) }
}
