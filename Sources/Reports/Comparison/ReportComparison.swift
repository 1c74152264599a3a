/// Compares reports; the first is the baseline of all others.
package struct ReportComparison {
    private let reports: [ComparedReport]
    private let gates: [RegressionGate]
    private let version: String

    /// Makes a comparison.
    /// - Parameter allowsDifferentPlans: whether to compare the common streams of unlike reports.
    /// - Throws: `unlike`, unless that is allowed.
    package init(
        _ reports: [ComparedReport], gates: [RegressionGate], allowsDifferentPlans: Bool,
        version: String
    ) throws(ComparisonError) {
        precondition(reports.count > 1, "a comparison has two sides")
        self.reports = reports
        self.gates = gates
        self.version = version
        let differences = reports.dropFirst().flatMap { Likeness(reports[0], $0).refusals }
        guard allowsDifferentPlans || differences.isEmpty else { throw .unlike(differences) }
    }

    package func document() -> Judged<ComparisonDocument> {
        let baseline = reports[0]
        var questions: [(report: String, network: String, questions: [Comparer.Question])] = []
        for candidate in reports.dropFirst() {
            for place in Likeness(baseline, candidate).common {
                let sides = sides(place, baseline, candidate)
                let asked = Comparer.questions(
                    scenario: place.scenario, a: sides.a, b: sides.b, figures: figures
                ).filter { $0.sender == place.sender }
                questions.append((candidate.path, place.network, asked))
            }
        }
        // All questions together, so that the rate of false winners is that of the whole table.
        var answers = Comparer.answers(
            questions.flatMap(\.questions),
            primary: gates.isEmpty
                ? ComparisonRule.primaryFigures : gates.map { ComparedFigure($0).name })[...]
        var pairs: [ComparisonDocument.Pair] = []
        for (report, network, asked) in questions {
            pairs.append(
                ComparisonDocument.Pair(
                    report: report, network: network,
                    comparison: Array(answers.prefix(asked.count))))
            answers = answers.dropFirst(asked.count)
        }
        let document = ComparisonDocument(
            tool: ToolReport(version: version),
            reports: reports.map(ComparisonDocument.Source.init), pairs: pairs, gates: judgedGates()
        )
        return Judged(document, judgement(document))
    }

    /// The compared figures, with those of the bounds.
    private var figures: [ComparedFigure] {
        var figures = ComparedFigure.all
        for gate in gates where !figures.contains(where: { $0.path == gate.path }) {
            figures.append(ComparedFigure(gate))
        }
        return figures
    }

    private func sides(
        _ place: Likeness.Place, _ baseline: ComparedReport, _ candidate: ComparedReport
    ) -> (a: Comparer.Side, b: Comparer.Side) {
        (
            Comparer.Side(name: baseline.path, runs: baseline.runs(at: place)),
            Comparer.Side(name: candidate.path, runs: candidate.runs(at: place))
        )
    }

    // MARK: The gates

    /// A bound on a stream, before the correction for all of them.
    fileprivate struct JudgedGate {
        var document: ComparisonDocument.Gate
        var finding: RegressionGate.Finding?
    }

    private func judgedGates() -> [ComparisonDocument.Gate] {
        let all = reports.dropFirst().flatMap { candidate in
            Likeness(reports[0], candidate).common.flatMap { place in
                gates.compactMap { judged($0, place, candidate) }
            }
        }
        let broken = all.indices.filter { all[$0].pBroken != nil }
        let corrected = RegressionGate.corrected(
            broken.compactMap { all[$0].pBroken }, of: all.count)
        var documents = all.map(\.document)
        for (index, p) in zip(broken, corrected) {
            let (a, b) = (documents[index].a.values, documents[index].b.values)
            if p <= Family.level {
                documents[index].passed = false
            } else {
                let group = Family.Group(
                    size: all.count, asked: all.count, level: Family.primaryLevel)
                documents[index].says +=
                    ": too few runs (\(a.count) and \(b.count)) to say that the bound is broken; "
                    + "it takes \(group.runsNeeded(alike: 1)) of each"
            }
        }
        return documents
    }

    /// Returns the judgement of a bound on a stream; nil if the stream does not have that figure,
    /// as the round trip of a stream to a sink.
    private func judged(
        _ gate: RegressionGate, _ place: Likeness.Place, _ candidate: ComparedReport
    ) -> JudgedGate? {
        let sides = sides(place, reports[0], candidate)
        let reports = [sides.a, sides.b].map { side in
            SideReport(
                name: side.name, runs: side.runs.count,
                leftOut: side.runs.count - side.usable.count,
                values: side.values(place.sender, gate.path))
        }
        let (a, b) = (reports[0], reports[1])
        let isMeasured = !a.values.isEmpty || !b.values.isEmpty
        let hasRuns = a.runs > a.leftOut && b.runs > b.leftOut
        guard isMeasured || !hasRuns else { return nil }
        let unit = ReportFormat.streamField(gate.path)?.unit
        let hasValues = !a.values.isEmpty && !b.values.isEmpty
        let finding = hasValues ? gate.judge(a.values, b.values) : nil
        let says = finding?.sentence(a, b, unit: unit)
        let empty = a.values.isEmpty ? a : b
        return JudgedGate(
            document: ComparisonDocument.Gate(
                report: candidate.path, scenario: place.scenario, network: place.network,
                sender: place.sender, expression: gate.text,
                figure: gate.path.joined(separator: "."), unit: unit?.rawValue, a: a, b: b,
                passed: finding == .kept ? true : nil,
                says: says ?? "\(empty.name) has no usable run with a value"),
            finding: finding)
    }

    // MARK: The verdict

    private func judgement(_ document: ComparisonDocument) -> Judgement {
        var judgement = Judgement()
        for likeness in reports.dropFirst().map({ Likeness(reports[0], $0) }) {
            // A stream that only the baseline has is not judged, so it has not passed.
            if gates.isEmpty {
                for absence in likeness.missing { judgement.note(absence) }
            } else {
                judgement.add(.inconclusive, likeness.missing)
            }
            for sentence in likeness.differences + likeness.changedNetworks
                + likeness.changedManners + likeness.added
            {
                judgement.note(sentence)
            }
        }
        for gate in document.gates where gate.passed != true {
            let isBroken = gate.passed == false
            judgement.add(
                Cause(
                    isBroken ? .fail : .inconclusive,
                    "\(gate.scenario) on \(gate.network), \(gate.sender): \(gate.expression) "
                        + (isBroken ? "does not hold: " : "cannot be judged: ") + gate.says))
        }
        for gate in gates where !document.gates.contains(where: { $0.expression == gate.text }) {
            judgement.add(
                Cause(.inconclusive, "\(gate.text) cannot be judged: no stream has that figure"))
        }
        let isAnythingCompared = document.pairs.contains { pair in
            pair.comparison.contains { $0.effect != nil }
        }
        if !isAnythingCompared {
            judgement.add(
                Cause(
                    .inconclusive, "nothing could be compared: no stream has usable runs twice"))
        }
        return judgement
    }
}

extension ComparedReport {
    func runs(at place: Likeness.Place) -> [ComparedRun] {
        runs.filter { $0.scenario == place.scenario && $0.network == place.network }
    }
}

extension ReportComparison.JudgedGate {
    fileprivate var pBroken: Double? {
        if case .broken(let p)? = finding { p } else { nil }
    }
}

extension RegressionGate.Finding {
    /// Returns the values in words.
    fileprivate func sentence(_ a: SideReport, _ b: SideReport, unit: ReportUnit?) -> String {
        let medians = [a, b].map { UnitText.text($0.median, unit: unit) }
        let change = "it was \(medians[0]) and is \(medians[1])"
        switch self {
        case .kept, .broken: return change
        case .tooFewRuns:
            return "too few runs: \(a.values.count) and \(b.values.count); "
                + "it takes \(RegressionGate.runsMin) of each"
        case .open(let low, let high):
            let below = UnitText.text(-low, unit: unit)
            let above = UnitText.text(high, unit: unit)
            return "\(change); the change may be \(below) within the bound or \(above) beyond it: "
                + "too few runs (\(a.values.count) and \(b.values.count))"
        }
    }
}
