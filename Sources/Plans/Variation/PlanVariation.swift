import JSON

/// A variation of a plan, as the command line asks for it. Nothing of it is read from the
/// environment or from a file unasked.
///
/// The parts act in this order: settings, variables, selections; the result is read as a plan; then
/// repeats and durations, and what comes of them is read again.
package struct PlanVariation: Sendable, Equatable {
    package var settings: [PlanSetting] = []
    package var variables: [PlanVariable] = []
    package var selections: [PlanSelection] = []
    /// The number of repeats of every scenario that sends.
    package var repeats: Int?
    package var scale: DurationScale?

    package init() {}

    /// The options as typed, without those of variables.
    var options: [String] {
        settings.map(\.option) + selections.map(\.option)
            + (repeats.map { [Self.repeatOption($0)] } ?? []) + (scale.map { [$0.option] } ?? [])
    }

    static func repeatOption(_ count: Int) -> String { "--repeat \(count)" }

    /// The legal numbers of repeats.
    package static var legalRepeats: ClosedRange<Int> { PlanLimits.repeats }
}

/// A scenario that runs, on all its networks or on one: `--only SCENARIO[/NETWORK]`.
package struct PlanSelection: Sendable, Equatable {
    let scenario: String
    let network: String?

    package init(_ text: String) throws(JSONComplaint) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), !parts.contains("") else {
            throw JSONComplaint("--only is SCENARIO or SCENARIO/NETWORK, such as voice/wifi")
        }
        scenario = parts[0]
        network = parts.count > 1 ? parts[1] : nil
    }

    var option: String { "--only \(scenario)" + (network.map { "/\($0)" } ?? "") }
}

extension [PlanSelection] {
    /// Returns the plan without the scenarios and networks that are not selected. A scenario that
    /// is selected without a network keeps all of them.
    /// - Parameters:
    ///   - source: The number of the first selection among the sources of the problems.
    ///   - problems: Gets names that the plan does not have.
    func applied(to root: JSONNode, source: Int, _ problems: JSONProblems) -> JSONNode {
        guard !isEmpty, let list = root["scenarios"], let scenarios = list.elements else {
            return root
        }
        for (index, selection) in enumerated() {
            selection.check(scenarios, at: .start(of: source + index), list, problems)
        }
        let kept = scenarios.compactMap { scenario -> JSONNode? in
            let chosen = filter { $0.scenario == scenario["name"]?.string }
            guard !chosen.isEmpty else { return nil }
            let names = chosen.compactMap(\.network)
            guard names.count == chosen.count, let networks = scenario["networks"],
                let all = networks.elements
            else { return scenario }
            let left = all.filter { $0.string.map(names.contains) ?? true }
            return scenario.with("networks", networks.with(.array(left)))
        }
        return root.with("scenarios", list.with(.array(kept)))
    }
}

extension PlanSelection {
    fileprivate func check(
        _ scenarios: [JSONNode], at position: JSONPosition, _ list: JSONNode,
        _ problems: JSONProblems
    ) {
        let names = scenarios.compactMap { $0["name"]?.string }
        guard let chosen = scenarios.first(where: { $0["name"]?.string == scenario }) else {
            let problem =
                "there is no scenario \(scenario.quoted)\(UnknownName.hint(scenario, names))"
            return problems.add(problem, at: position, path: list.path)
        }
        let networks = (chosen["networks"]?.elements ?? []).compactMap(\.string)
        guard let network, !networks.contains(network) else { return }
        problems.add(
            "scenario \(scenario.quoted) has no network \(network.quoted)"
                + UnknownName.hint(network, networks),
            at: position, path: chosen["networks"]?.path ?? chosen.path)
    }
}

/// Suggestions for names of the plan.
enum UnknownName {
    /// The maximum number of names that a message lists.
    private static let listedMax = 12

    /// Returns `; did you mean "voice"?`, or the names that there are.
    static func hint(_ name: String, _ names: [String]) -> String {
        let nearest = NearestMatch.hint(for: name, among: names)
        guard nearest.isEmpty else { return nearest }
        guard !names.isEmpty else { return ": none is defined" }
        let left = names.count - listedMax
        return ": known are \(names.prefix(listedMax).quotedList)"
            + (left > 0 ? " and \(left) more" : "")
    }
}
