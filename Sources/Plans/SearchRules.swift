import JSON
import Load

/// The rules for a scenario with a search, or with thresholds on one, beyond the shapes of its
/// parts. They are checked once everything else is valid, because each rule concerns several parts.
enum SearchRules {
    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) {
            checkCalibration(of: scenario, at: node, problems)
            guard let search = scenario.search else {
                refuseThresholds(of: scenario, at: node, problems)
                continue
            }
            let place = node["search"] ?? node
            if scenario.responder?.isChat == true {
                problems.add(
                    "the responder is a room, whose load is its members': a search has one sender "
                        + "and one receiver", at: place)
            }
            if search.kind == .rfc9097, let problem = CapacityRules.obstacle(to: scenario) {
                problems.add(problem, at: place)
            }
            let criteria = scenario.thresholds.filter { !$0.isOnSearch }
            if search.kind == .threshold, criteria.isEmpty {
                problems.add(
                    "a search for the highest rate at which the thresholds hold needs "
                        + "\"thresholds\", such as [\"rtt.p99 < 5ms\"]", at: place)
            }
        }
    }

    private static func refuseThresholds(
        of scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        let places = node["thresholds"]?.elements ?? []
        for (threshold, place) in zip(scenario.thresholds, places) where threshold.isOnSearch {
            problems.add(
                "\(threshold.figure.name) is a figure of a search: the scenario has no \"search\"",
                at: place)
        }
    }

    /// Refuses a calibration of senders that are not of this host.
    private static func checkCalibration(
        of scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        guard scenario.calibrates,
            scenario.senders.contains(where: { $0.host != nil || $0.fleet != nil })
                || scenario.networks.contains(where: { $0.hostPath != nil })
                || scenario.responder?.isChat == true
        else { return }
        problems.add(
            "a calibration runs the load over this host's loopback: senders of other hosts and "
                + "rooms have none", at: node["calibrate"] ?? node)
    }
}

extension Threshold {
    /// Whether the figure is one of a search, and not of a run.
    package var isOnSearch: Bool { figure.reportPath.first == "search" }
}
