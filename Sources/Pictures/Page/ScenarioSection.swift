import Metrics
import Reports

/// The part of a page on one scenario: headline, summary, and the pictures in the order in which a
/// reader asks: where did the datagrams go, how long did they take, do the networks differ, and
/// when did it happen.
struct ScenarioSection {
    let name: String
    let runs: [RunReport]
    let groups: [StreamGroup]
    let comparison: [ComparisonReport]

    init(_ name: String, of report: Report, _ groups: [StreamGroup]) {
        self.name = name
        runs = report.runs.filter { $0.scenario == name }
        // A sender that awaits no answers has no loss; its resets are among the bars of life.
        self.groups = groups.filter { group in
            group.scenario == name
                && group.members.allSatisfy { $0.stream.isFollowed }
        }
        comparison = report.comparison.filter { $0.scenario == name }
    }

    /// The headline and the rows of the summary.
    var rows: Markup {
        SummaryMatrix(
            title: name, headline: Headline(groups: groups, comparison: comparison).markup,
            groups: groups
        ).markup
    }

    /// The pictures of all runs together, from the most to the least important.
    var pictures: [() -> Markup] {
        guard !groups.isEmpty else { return [] }
        let paths: [() -> Markup] =
            groups.count == 1
            ? [{ .element("div", [.kind("pair")], rivers, curves) }] : [{ rivers }, { curves }]
        let staged = SaturationCurve.groups(of: groups)
        let more: [() -> Markup] =
            (staged.isEmpty ? [] : [{ saturation(of: staged) }])
            + (comparison.isEmpty ? [] : [{ forest }])
        return searches + paths + more
    }

    /// The searches of all runs that have one.
    private var searches: [() -> Markup] {
        runs.flatMap { run in
            run.streams.compactMap { stream in
                guard let search = stream.search else { return nil }
                let name = run.streams.count > 1 ? ", \(stream.sender)" : ""
                return {
                    Self.figure(
                        "How much it carries: \(run.titleWithNumber)\(name)",
                        search.adjustment == nil
                            ? "\(search.answer). A dot is a trial: green held, red did not, grey "
                                + "says nothing of the path; a large one is a long one. The line is "
                                + "the rate found."
                            : "\(search.answer). The dots are the rate of IP packets that was "
                                + "offered, the lines what arrived in each second.",
                        SearchPlot(search: search).markup)
                }
            }
        }
    }

    static func figure(_ title: String, _ caption: String, _ content: Markup) -> Markup {
        .element(
            "section", [.kind("figure")],
            .element("h3", [], Markup(title)),
            .element("p", [.kind("caption")], Markup(caption)), content)
    }

    /// The number of rivers of a scenario.
    private static let riversMax = 24

    private var rivers: Markup {
        let shown = groups.prefix(Self.riversMax)
        return Self.figure(
            "Where the datagrams went",
            "The ledger of all sound runs: from scheduled to answered in time. Widths are true to the "
                + "counts; what is narrower than a hairline is drawn as a hairline.",
            River.all(Array(shown)))
    }

    private var curves: Markup {
        let isOneWay = groups.allSatisfy { $0.members.allSatisfy { $0.stream.rttNs == nil } }
        let senders = groups.compactMap(\.sender).inFirstOrder
        let panels: [String?] = senders.count > 1 ? senders : [nil]
        return Self.figure(
            "How long they took",
            (isOneWay ? "One-way delay" : "Round-trip time")
                + " by percentile: a line is the median of a network's runs, and the faint lines "
                + "are the runs. Dashed lines are thresholds.",
            panels.map { sender -> Markup in
                let own = groups.filter { sender == nil || $0.sender == sender }
                let title: Markup =
                    sender.map {
                        .element(
                            "p", [.kind("panel-title")], .element("strong", [], Markup($0)))
                    } ?? .none
                return title + PercentileCurve(groups: own).markup
            }.joined())
    }

    private func saturation(of staged: [StreamGroup]) -> Markup {
        let senders = staged.compactMap(\.sender).inFirstOrder
        let panels: [String?] = senders.count > 1 ? senders : [nil]
        return Self.figure(
            "How much it carries",
            "Stage by stage: a line is the median of a network's runs. The dashed line is the knee, the "
                + "highest rate that holds: with at most 1 % lost, and a p99 of at most ten times that "
                + "of the lowest rate.",
            panels.map { sender in
                SaturationCurve(groups: staged.filter { sender == nil || $0.sender == sender })
                    .markup
            }.joined())
    }

    private var forest: Markup {
        let senders = comparison.map(\.sender).inFirstOrder
        let blocks = senders.map { sender -> Markup in
            let own = comparison.filter { $0.sender == sender }
            let title: Markup =
                senders.count > 1
                ? .element("p", [.kind("panel-title")], .element("strong", [], Markup(sender)))
                : .none
            return title + ForestPlot.panels(own).map(\.markup).joined() + remarks(own)
        }
        return Self.figure(
            "Do the networks differ?",
            "Difference from the first network: the bar is the interval of the difference, the long "
                + "tick its estimate, a dot is a run. Grey is undecided.",
            blocks.joined())
    }

    /// The figures without a panel, and the reasons of undecided rows.
    private func remarks(_ comparisons: [ComparisonReport]) -> Markup {
        var sentences: [String] = []
        let equal = ForestPlot.equal(comparisons)
        if !equal.isEmpty {
            sentences.append("Equal in every run: " + equal.joined(separator: ", ") + ".")
        }
        let baseline = comparisons.first?.a.name
        let shown = comparisons.filter { $0.a.name == baseline }
        for reason in shown.flatMap(\.reasons).inFirstOrder.prefix(12) {
            let metrics = shown.filter { $0.reasons.contains(reason) }.map {
                "\($0.metric) of \($0.b.name)"
            }
            let names = metrics.prefix(4).joined(separator: ", ") + (metrics.count > 4 ? ", …" : "")
            sentences.append("\(names): \(reason)")
        }
        if shown.count < comparisons.count {
            let pairs = Set(
                comparisons.filter { $0.a.name != baseline }.map { [$0.a.name, $0.b.name] })
            sentences.append("\(pairs.count) more pairs of networks are in the report.")
        }
        guard !sentences.isEmpty else { return .none }
        return .element(
            "ul", [.kind("notes")], all: sentences.map { .element("li", [], Markup($0)) })
    }

    // MARK: Over time

    /// The pictures of single runs over time: of each stream's worst run first.
    var timePictures: [() -> Markup] {
        let ranked = groups.map { group in
            group.members.sorted { one, other in Self.isWorse(one, other) }
        }
        let most = ranked.map(\.count).max() ?? 0
        return (0..<most).flatMap { rank in
            zip(groups, ranked).compactMap { group, members in
                guard rank < members.count, let axis = TimeAxis(members[rank]) else { return nil }
                return { overTime(members[rank], axis, of: group, isFirst: rank == 0) }
            }
        }
    }

    private static func isWorse(_ one: StreamGroup.Member, _ other: StreamGroup.Member) -> Bool {
        if one.run.verdict != other.run.verdict { return one.run.verdict > other.run.verdict }
        let losses = (one.stream.loss.ratio ?? 0, other.stream.loss.ratio ?? 0)
        return losses.0 != losses.1 ? losses.0 > losses.1 : one.index < other.index
    }

    private func overTime(
        _ member: StreamGroup.Member, _ axis: TimeAxis, of group: StreamGroup, isFirst: Bool
    ) -> Markup {
        let sender = member.run.streams.count > 1 ? ", \(member.stream.sender)" : ""
        let rank = group.members.count > 1 && isFirst ? ", the worst of \(group.members.count)" : ""
        let loss = UnitText.ratio(member.stream.loss.ratio)
        let summary = Markup.element(
            "summary", [], member.run.verdict.sign(member.run.verdict.rawValue),
            .element("strong", [], Markup(" \(member.run.titleWithNumber)\(sender)")),
            .element("span", [.kind("soft")], Markup(" \(loss) lost\(rank)")))
        return .element(
            "details", [.kind("time")] + (isFirst ? [Attribute("open", "open")] : []), summary,
            Strips(axis: axis, stream: member.stream).markup, HeatMap(axis: axis).markup,
            LossMap(axis: axis, stream: member.stream).markup,
            remarks(member.stream), events(member.run))
    }

    /// Sentences on differences between the flows and over time, on marks that were changed, and on
    /// what a closed loop hides.
    private func remarks(_ stream: StreamReport) -> Markup {
        let sentences =
            stream.unevenness + stream.markSentences
            + [stream.closedLoop?.sentence].compactMap(\.self)
        guard !sentences.isEmpty else { return .none }
        return .element(
            "ul", [.kind("notes")], all: sentences.map { .element("li", [], Markup($0)) })
    }

    private func events(_ run: RunReport) -> Markup {
        guard !run.timeline.isEmpty else { return .none }
        return .element(
            "ul", [.kind("notes")],
            all: run.timeline.prefix(TimeAxis.eventsMax).map {
                .element("li", [], Markup(TimeAxis.words($0)))
            })
    }
}

extension RunReport {
    /// The title with the number of the repeat: `voice on wifi, run 1`.
    var titleWithNumber: String { "\(scenario) on \(network), run \(self.repeat)" }
}
