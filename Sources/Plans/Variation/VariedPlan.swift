import JSON
import Reports

/// A plan after its variation, as a tree that the shapes read, and the tree to show.
struct VariedPlan {
    private let bases: PlanBases
    private let variation: PlanVariation
    private let sources: [JSONSource]
    private let variables: [PlanVariableReport]
    /// The tree that is read.
    private let root: JSONNode
    /// The tree without secrets, which is a plan again.
    private let shown: JSONNode

    /// Varies a plan.
    /// - Throws: The problems in the options, and those that the plan has without new repeats and
    ///   durations: they are at their lines.
    init(_ bases: PlanBases, _ variation: PlanVariation) throws(PlanError) {
        self.bases = bases
        self.variation = variation
        let options =
            variation.settings.map(\.option) + variation.variables.map(\.option)
            + variation.selections.map(\.option)
            + [PlanVariation.repeatOption(variation.repeats ?? 1), variation.scale?.option ?? ""]
        let firstOption = bases.sources.count
        sources = bases.sources + options.map(JSONSource.option)
        let problems = Self.problems(sources)
        var root = try Self.set(variation.settings, in: bases.root, source: firstOption)
        var next = firstOption + variation.settings.count
        var filling = VariableFilling(variation.variables, problems)
        var shown = root
        (root, shown) = filling.fill(root, source: next)
        variables = filling.used
        if !filling.unfilled.isEmpty {
            // The other errors are those of the plan, whatever the variables' values.
            let others = Self.problems(sources)
            _ = PlanReader.parts(of: root, others)
            problems.add(others, except: filling.unfilled)
        }
        next += variation.variables.count
        root = variation.selections.applied(to: root, source: next, problems)
        guard problems.isEmpty else { throw PlanError(problems) }
        shown = variation.selections.applied(to: shown, source: next, problems)
        next += variation.selections.count
        if variation.repeats != nil || variation.scale != nil {
            guard PlanReader.parts(of: root, problems) != nil else { throw PlanError(problems) }
            root = try Self.stretched(root, variation, source: next)
            shown = try Self.stretched(shown, variation, source: next)
        }
        (self.root, self.shown) = (root, shown)
    }

    /// Reads the plan.
    func plan(path: String, sha256: String) throws(PlanError) -> Plan {
        let problems = Self.problems(sources)
        guard let parts = PlanReader.parts(of: root, problems), problems.isEmpty else {
            throw PlanError(problems)
        }
        let effective: EffectivePlan
        do throws(JSONError) {
            effective = try EffectivePlan(shown.value)
        } catch {
            throw .invalid(problems: [error.problem(file: sources[0].name)], more: 0)
        }
        let bytes = effective.text.utf8.count
        guard bytes <= PlanLimits.effectiveBytesMax else {
            problems.add(
                "the plan has \(bytes) bytes with its bases and variables (legal: up to "
                    + "\(PlanLimits.effectiveBytesMax))", at: root)
            throw PlanError(problems)
        }
        return Plan(
            name: parts.name, seed: parts.seed, hosts: parts.hosts, networks: parts.networks,
            responders: parts.responders, primaryFigures: parts.primaryFigures,
            scenarios: parts.scenarios, extras: parts.extras, sha256: sha256, path: path,
            filesRead: parts.filesRead, effective: effective,
            variation: PlanVariationReport(
                options: variation.options, variables: variables, bases: bases.bases),
            titles: parts.titles,
            hidden: HiddenTexts(
                variation.variables.filter { $0.origin == .secret }.compactMap(\.value)))
    }

    private static func problems(_ sources: [JSONSource]) -> JSONProblems {
        JSONProblems(
            sources: sources, countMax: PlanLimits.problemsMax, places: PlanTables.places)
    }

    private static func set(
        _ settings: [PlanSetting], in root: JSONNode, source: Int
    ) throws(PlanError) -> JSONNode {
        var root = root
        var problems: [JSONProblem] = []
        for (index, setting) in settings.enumerated() {
            do throws(JSONProblem) {
                root = try setting.applied(to: root, source: source + index)
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw .invalid(problems: problems, more: 0) }
        return root
    }

    /// Returns the plan with its new repeats and durations.
    /// - Parameter source: The number of the first of the two options among the sources.
    private static func stretched(
        _ root: JSONNode, _ variation: PlanVariation, source: Int
    ) throws(PlanError) -> JSONNode {
        let repeated = try variation.repeats.map { count throws(PlanError) in
            try repeating(root, count, source: source)
        }
        return variation.scale?.applied(to: repeated ?? root, source: source + 1)
            ?? repeated ?? root
    }

    private static func repeating(
        _ root: JSONNode, _ count: Int, source: Int
    ) throws(PlanError) -> JSONNode {
        guard let list = root["scenarios"], let scenarios = list.elements else { return root }
        guard scenarios.contains(where: { $0["battery"] == nil }) else {
            let problem = JSONProblem(
                file: PlanVariation.repeatOption(count), line: nil, column: nil, path: list.path,
                message: "every scenario is a battery of trials, which has no repeats")
            throw .invalid(problems: [problem], more: 0)
        }
        let repeated = scenarios.map { scenario in
            guard scenario["battery"] == nil else { return scenario }
            let value = JSONNode(
                .integer(count), at: .start(of: source), as: .key("repeat"), of: scenario)
            return scenario.with("repeat", value)
        }
        return root.with("scenarios", list.with(.array(repeated)))
    }
}
