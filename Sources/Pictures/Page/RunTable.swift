import Reports

/// All runs of a report with their verdicts and thresholds.
struct RunTable {
    let report: Report
    /// The largest size of the rows.
    let bytes: Int

    var markup: Markup {
        let runs = report.runs.map { run in { row(run) } }
        let skipped = report.skipped.map { run in { row(run) } }
        let rows = Bounded(runs + skipped, bytes: bytes)
        let table = Markup.element(
            "table", [.kind("runs")],
            .element(
                "thead", [],
                .element(
                    "tr", [],
                    all: ["verdict", "run", "loss", "p99", "thresholds and reasons"].map {
                        .element("th", [], Markup($0))
                    })), .element("tbody", [], all: rows.shown))
        return .element(
            "details",
            [.kind("all-runs")] + (report.runs.count <= 12 ? [Attribute("open", "open")] : []),
            .element("summary", [], .element("strong", [], Markup("All runs, one by one"))), table,
            rows.note)
    }

    private func row(_ run: SkippedRunReport) -> Markup {
        .element(
            "tr", [], .element("th", [], "–"), .element("td", [], Markup(run.title)),
            .element("td", [Attribute("colspan", "3")], Markup("skipped: \(run.reason)")))
    }

    private func row(_ run: RunReport) -> Markup {
        let losses = run.streams.map { UnitText.ratio($0.loss.ratio) }.joined(separator: ", ")
        let delays = run.streams.map { UnitText.time(ns: StreamGroup.delays($0)?.p99) }
        let isLong = run.streams.count > 4
        return .element(
            "tr", [],
            .element(
                "th", [Attribute("scope", "row")], run.verdict.sign(run.verdict.rawValue),
                Markup(" \(run.verdict.rawValue)")),
            .element("td", [], Markup(run.titleWithNumber)),
            .element("td", [], Markup(isLong ? UnitText.none : losses)),
            .element("td", [], Markup(isLong ? UnitText.none : delays.joined(separator: ", "))),
            .element("td", [.kind("wide")], thresholds(run), sentences(run)))
    }

    private func thresholds(_ run: RunReport) -> Markup {
        run.thresholds.prefix(20).map { threshold -> Markup in
            let (mark, kind) =
                switch threshold.passed {
                case true?: ("✓", "holds")
                case false?: ("✗", "broken")
                case nil: ("–", "open")
                }
            let value = UnitText.text(threshold.value, unit: threshold.reportUnit)
            return .element(
                "span", [.kind("gate-result \(kind)")],
                Markup("\(mark) \(threshold.expression): \(value)"))
        }.joined()
    }

    private func sentences(_ run: RunReport) -> Markup {
        let sentences = run.reasons + run.notices + run.warnings
        return VerdictPanel.list(sentences, named: "more", kind: "notes")
    }
}

extension ThresholdReport {
    var reportUnit: ReportUnit? {
        ReportFormat.streamField(figure.split(separator: ".").map(String.init))?.unit
    }
}
