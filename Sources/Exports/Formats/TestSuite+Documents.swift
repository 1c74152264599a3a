import Reports

extension TestSuite {
    /// Returns the suites of a report: one per run, one per scenario of runs that were skipped, one
    /// for the report's own verdict.
    static func suites(of report: Report) -> [TestSuite] {
        let plan = named(report.plan.name)
        let facts = [
            ("plan.path", report.plan.path), ("plan.sha256", report.plan.sha256),
            ("plan.effective_sha256", report.plan.effectiveSha256 ?? ""),
            ("udplab.version", report.tool.version),
        ]
        let titled = report.showingTitles.runs.map(\.title)
        let runs = zip(report.runs, titled).map { run, title in
            // Names stay the same from build to build; a title is for people.
            let fact = title == run.title ? [] : [("title", title)]
            return TestSuite(run, plan: plan, facts: facts + fact)
        }
        let skipped = report.skipped.map { run in
            TestSuite(
                group: plan, name: named(run.title), started: report.started, timeNs: 0,
                properties: facts,
                cases: [
                    TestCase(
                        className: className(plan, run.scenario, run.network),
                        name: name("verdict", of: run.repeat), timeNs: 0, outcome: .skipped)
                ], output: [], errors: [run.reason])
        }
        let length =
            report.finished.millisecondsSince1970 - report.started.millisecondsSince1970
        // Milliseconds of a report from elsewhere may be any.
        let lengthNs = Int(clamping: max(0, min(length, 1 << 40))) * 1_000_000
        let whole = TestSuite(
            group: plan, name: plan, started: report.started, timeNs: lengthNs,
            properties: facts,
            cases: [
                TestCase(
                    className: plan, name: "verdict of the report", timeNs: lengthNs,
                    outcome: TestCase.Outcome(report.verdict, report.reasons))
            ], output: report.verdictLines.lines, errors: report.notices)
        return runs + skipped + [whole]
    }

    private init(_ run: RunReport, plan: String, facts: [(name: String, value: String)]) {
        let className = Self.className(plan, run.scenario, run.network)
        let thresholds = run.thresholds.map { threshold in
            TestCase(
                className: className,
                name: Self.name("\(threshold.sender): \(threshold.expression)", of: run.repeat),
                timeNs: 0, outcome: TestCase.Outcome(threshold, of: run))
        }
        let trials = (run.battery?.trials ?? []).map {
            TestCase($0, className: className, repetition: run.repeat)
        }
        let verdict = TestCase(
            className: className, name: Self.name("verdict", of: run.repeat),
            timeNs: run.durationNs, outcome: TestCase.Outcome(run.verdict, run.reasons))
        self.init(
            group: plan, name: Self.named(run.title), started: run.started,
            timeNs: run.durationNs, properties: facts + [("seed", "\(run.seed)")],
            cases: thresholds + trials + [verdict], output: run.reasons,
            errors: run.notices + run.warnings)
    }

    /// Makes the suite of a score card.
    init(_ card: ScoreCard) {
        let className = "resilience.\(card.profile)"
        let times = card.trials.map { min(max(0, $0.durationNs), 1 << 50) }
        self.init(
            group: "resilience", name: "resilience of \(card.server.address)",
            started: card.started, timeNs: times.clampedSum,
            properties: [
                ("server", card.server.address), ("profile", card.profile),
                ("seed", "\(card.seed)"), ("udplab.version", card.tool.version),
            ],
            cases: card.trials.map { TestCase($0, className: className, repetition: 1) } + [
                TestCase(
                    className: className, name: "verdict", timeNs: times.clampedSum,
                    outcome: TestCase.Outcome(card.verdict, card.reasons))
            ],
            output: card.verdictLines.lines, errors: card.notices)
    }

    /// Returns a name, which the schema wants to have at least a character.
    private static func named(_ name: String) -> String {
        name.allSatisfy(\.isWhitespace) ? "unnamed" : name
    }

    private static func className(_ plan: String, _ scenario: String, _ network: String) -> String {
        "\(plan).\(scenario).\(network)"
    }

    /// Returns a name that is the same in each build, so that build servers show its history.
    fileprivate static func name(_ name: String, of repetition: Int) -> String {
        repetition > 1 ? "\(name) #\(repetition)" : name
    }
}

extension TestCase {
    init(_ trial: TrialReport, className: String, repetition: Int) {
        let message = trial.change.map { "\(trial.saw) → \($0)" } ?? trial.saw
        let outcome: Outcome =
            if trial.failsProfile {
                .failure(type: trial.verdict.rawValue, message: message)
            } else if trial.verdict == .notApplicable {
                .skipped
            } else {
                .passed
            }
        self.init(
            className: className, name: TestSuite.name(trial.id, of: repetition),
            timeNs: trial.durationNs, outcome: outcome)
    }
}

extension TestCase.Outcome {
    /// The outcome of a threshold. In a run that contradicts itself no threshold is judged; one
    /// that was not judged is skipped only in a run that passed without it.
    init(_ threshold: ThresholdReport, of run: RunReport) {
        switch threshold.passed {
        case _ where run.verdict == .invalid:
            self = .error(
                type: run.verdict.rawValue,
                message: "\(threshold.expression) is not judged: the run contradicts itself")
        case true: self = .passed
        case false:
            self = .failure(
                type: Verdict.fail.rawValue,
                message: "\(threshold.expression) does not hold: it is \(threshold.valueText)")
        case nil where run.verdict == .pass: self = .skipped
        case nil where run.verdict == .fail && threshold.value == nil:
            self = .failure(
                type: Verdict.fail.rawValue,
                message: "\(threshold.expression) does not hold: there is no value to judge")
        case nil:
            self = .error(
                type: run.verdict.rawValue, message: "\(threshold.expression) was not judged")
        }
    }
}
