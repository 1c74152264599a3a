/// The title of a plan or of a part of it. Names stay the identifiers; titles are for people.
package struct PlanTitleReport: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case plan, network, scenario, sender
    }

    package var kind: Kind
    /// The name of a sender's scenario; nil for the other kinds.
    package var scenario: String?
    package var name: String
    package var title: String

    package init(kind: Kind, scenario: String? = nil, name: String, title: String) {
        self.kind = kind
        self.scenario = scenario
        self.name = name
        self.title = title
    }
}

/// The texts that people are shown in place of names.
package struct ShownTitles: Sendable {
    private struct Place: Hashable {
        let kind: PlanTitleReport.Kind
        let scenario: String?
        let name: String
    }

    private var texts: [Place: String] = [:]

    /// Makes the texts. A title that two parts have, or that is the name of another part, is shown
    /// with the name, so that two rows of a table are never taken for one.
    /// - Parameter names: The names of scenarios and networks.
    package init(_ titles: [PlanTitleReport], names: [String]) {
        let names = Set(names)
        for title in titles {
            let equal = titles.count {
                $0.kind == title.kind && $0.scenario == title.scenario && $0.title == title.title
            }
            let isOther = title.title != title.name && names.contains(title.title)
            let place = Place(kind: title.kind, scenario: title.scenario, name: title.name)
            texts[place] = equal > 1 || isOther ? "\(title.title) (\(title.name))" : title.title
        }
    }

    package func text(
        _ kind: PlanTitleReport.Kind, _ name: String, of scenario: String? = nil
    ) -> String {
        texts[Place(kind: kind, scenario: scenario, name: name)] ?? name
    }
}

extension Report {
    /// The report as people are shown it, with titles in place of names. Figures, sentences and
    /// everything that a program reads keep the names.
    package var showingTitles: Report {
        guard let titles = plan.titles, !titles.isEmpty else { return self }
        let streams = runs.flatMap(\.streams).map(\.sender)
        let shown = ShownTitles(
            titles, names: runs.flatMap { [$0.scenario, $0.network] } + streams)
        var report = self
        report.plan.name = shown.text(.plan, plan.name)
        for (index, run) in runs.enumerated() { report.runs[index] = run.showing(shown) }
        for (index, run) in skipped.enumerated() {
            report.skipped[index].scenario = shown.text(.scenario, run.scenario)
            report.skipped[index].network = shown.text(.network, run.network)
        }
        for (index, pair) in comparison.enumerated() {
            report.comparison[index].scenario = shown.text(.scenario, pair.scenario)
            report.comparison[index].sender = shown.text(.sender, pair.sender, of: pair.scenario)
            report.comparison[index].a.name = shown.text(.network, pair.a.name)
            report.comparison[index].b.name = shown.text(.network, pair.b.name)
        }
        return report
    }
}

extension RunReport {
    fileprivate func showing(_ shown: ShownTitles) -> RunReport {
        var run = self
        run.scenario = shown.text(.scenario, scenario)
        run.network = shown.text(.network, network)
        for (index, stream) in streams.enumerated() {
            run.streams[index].sender = shown.text(.sender, stream.sender, of: scenario)
        }
        for (index, threshold) in thresholds.enumerated() {
            run.thresholds[index].sender = shown.text(.sender, threshold.sender, of: scenario)
        }
        return run
    }
}
