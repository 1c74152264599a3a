import Metrics
import Reports

/// The page of a plan while it is run: the state and the run under way, then the page of the
/// finished runs.
///
/// The parts ``now`` and ``runs`` are replaced by ``script`` as the events bring new ones. Without
/// scripts the page is loaded again every ``refreshS`` seconds.
package struct LivePage {
    /// The script, a file of its own: the page's security policy allows no script within it.
    package static let script: StaticString = """
        "use strict";
        const events = new EventSource("events");
        let failures = 0;
        for (const name of ["now", "runs"]) {
          events.addEventListener(name, (event) => {
            failures = 0;
            document.getElementById(name).innerHTML = event.data;
          });
        }
        events.addEventListener("end", (event) => {
          events.close();
          const page = new DOMParser().parseFromString(event.data, "text/html");
          document.title = page.title;
          document.body.replaceWith(document.adoptNode(page.body));
        });
        events.onerror = () => {
          failures += 1;
          if (failures < 3 && events.readyState !== EventSource.CLOSED) return;
          events.close();
          document.getElementById("lost").hidden = false;
        };

        """
    package static let refreshS = 2
    private static let streamsShown = 8
    private static let tableBytes = 32 << 10

    let plan: LivePlan

    package init(_ plan: LivePlan) { self.plan = plan }

    package func html() -> String {
        Frame.page(
            title: "running: \(plan.plan.name)",
            [
                .element(
                    "main", [],
                    Frame.header(
                        "udplab, while it runs", title: plan.plan.name,
                        facts: [plan.started.minute, runs(plan.count)] + Frame.facts(of: plan.host)),
                    .element(
                        "p",
                        [Attribute("id", "lost"), .kind("warn"), Attribute("hidden", "hidden")],
                        "The run no longer answers: udplab has ended. The figures are its last."),
                    .element("div", [Attribute("id", "now")], nowMarkup),
                    .element("div", [Attribute("id", "runs")], runsMarkup))
            ], kind: .live(refreshS: Self.refreshS, script: "live.js"))
    }

    /// The state, and the figures of the run under way.
    package var now: String { nowMarkup.text }

    /// The page of the finished runs.
    package var runs: String { runsMarkup.text }

    private func runs(_ count: Int) -> String {
        count == 1 ? "1 run" : "\(UnitText.count(count)) runs"
    }

    // MARK: State

    private var worst: Verdict? { plan.runs.map(\.verdict).max() }

    private var nowMarkup: Markup {
        [state, plan.current.map(figures) ?? .none].joined()
    }

    private var state: Markup {
        let verdict = worst.map { $0 == .pass ? "none" : $0.rawValue } ?? "none"
        let word: String
        if let signal = plan.stopSignal {
            word = "stopping on \(signal)"
        } else if plan.current == nil {
            word = plan.runs.isEmpty ? "starting" : "between two runs"
        } else {
            word = plan.count == 1 ? "running" : "running \(plan.number) of \(plan.count)"
        }
        let left = plan.left.map { ", \($0) left" } ?? ""
        let title = plan.current.map { $0.title + left } ?? runs(plan.count)
        return .element(
            "section", [.kind("verdict v-\(verdict)")],
            .element(
                "p", [.kind("word")],
                .element("span", [.kind("mark"), Attribute("aria-hidden", "true")], "▶"),
                Markup(word)),
            .element("p", [.kind("deciding")], Markup(title)), soFar)
    }

    /// The verdicts of the finished runs.
    private var soFar: Markup {
        guard !plan.runs.isEmpty else { return .none }
        let counts = Dictionary(grouping: plan.runs, by: \.verdict).mapValues(\.count)
        let words = counts.sorted { $0.key > $1.key }.map { "\($0.value) \($0.key.rawValue)" }
        return .element("p", [.kind("soft")], Markup("so far " + words.joined(separator: ", ")))
    }

    // MARK: The run under way

    private func figures(_ run: LiveRun) -> Markup {
        if let trial = run.trial { return .element("p", [.kind("headline")], Markup(trial)) }
        let isKnown = run.streams.contains { !$0.intervals.isEmpty }
        guard isKnown else {
            return .element(
                "p", [.kind("missing")], "No figures yet: the first come within a second.")
        }
        let shown = run.streams.filter { !$0.isOneWay }.prefix(Self.streamsShown)
        return table(run) + shown.map { strips($0, of: run) }.joined()
    }

    private func table(_ run: LiveRun) -> Markup {
        let heads = ["sender", "sent", "received", "lost", "open", "p50", "p99"]
        let rows = Bounded(run.streams, bytes: Self.tableBytes) { row($0, heads) }
        return .element(
            "table", [.kind("runs live")],
            .element(
                "thead", [],
                .element("tr", [], all: heads.map { .element("th", [], Markup($0)) })),
            .element("tbody", [], all: rows.shown)) + rows.note
            + .element(
                "p", [.kind("note")],
                Markup(
                    "Live figures: lost is what was given up so far, open is neither answered nor "
                        + "given up; a late answer is among the lost and the received. p50 and p99 "
                        + "are of the last second."
                        + (run.streams.contains(where: \.isOneWay)
                            ? " A sender that awaits no answer learns at the end what arrived."
                            : "")
                ))
    }

    private func row(_ stream: LiveStream, _ heads: [String]) -> Markup {
        let last = stream.intervals.last
        let lost =
            "\(UnitText.count(stream.totals.lost)) (\(UnitText.ratio(stream.lossRatio)))"
        let arrivals =
            stream.isOneWay
            ? Array(repeating: UnitText.none, count: 5)
            : [
                UnitText.count(stream.totals.received), lost, UnitText.count(stream.openCount),
                UnitText.time(ns: last?.rttP50Ns), UnitText.time(ns: last?.rttP99Ns),
            ]
        let texts = [stream.sender, UnitText.count(stream.totals.sent)] + arrivals
        return .element(
            "tr", [],
            all: zip(heads, texts).map { head, text in
                .element(
                    head == heads[0] ? "th" : "td", [Attribute("data-head", head)], Markup(text))
            })
    }

    private func strips(_ stream: LiveStream, of run: LiveRun) -> Markup {
        guard let first = stream.intervals.first, let last = stream.intervals.last else {
            return .none
        }
        let end = last.startNs + (last.lengthNs ?? 0)
        let events = run.timeline.filter { (first.startNs...end).contains($0.atNs) }
        guard
            let axis = TimeAxis(
                stream.intervals, usualNs: nil, timeline: events, originNs: first.startNs)
        else { return .none }
        let title: Markup =
            run.streams.count > 1 ? .element("h3", [], Markup(stream.sender)) : .none
        return .element(
            "section", [.kind("figure")], title, Strips(axis: axis, live: stream).markup)
    }

    // MARK: The finished runs

    private var runsMarkup: Markup {
        guard !plan.runs.isEmpty || !plan.skipped.isEmpty else { return .none }
        let page = ReportPage(reports: [plan.report], names: [plan.plan.name])
        return .element("h2", [], "Finished runs") + page.body(under: []).joined()
    }
}
