import JSON

/// The rules for a scenario whose responder has several instances. They are checked once everything
/// else is valid, because each rule concerns several parts.
enum InstanceRules {
    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) where scenario.battery == nil {
            guard let responder = scenario.responder, responder.instances > 1, !scenario.isGroup
            else { continue }
            checkStrikes(scenario, at: node, problems)
            let flows = scenario.senders.map(\.flows).max() ?? 0
            guard flows < responder.instances else { continue }
            problems.add(
                "\(responder.name.quoted) has \(responder.instances) instances, and no sender "
                    + "more than \(flows) flows: the others would hear of nobody; raise "
                    + "\"flows\" of a sender", at: node["responder"] ?? node)
        }
    }

    private static func checkStrikes(
        _ scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let senders)? = node["senders"]?.content else { return }
        for (sender, node) in zip(scenario.senders, senders)
        where sender.kind == .hitAndRun && sender.flows > 1 {
            problems.add(
                "the flows of a hit-and-run sender have no figures of their own, and cannot be "
                    + "shared out among instances: leave \"flows\" out, and it strikes the first",
                at: node["flows"] ?? node)
        }
    }
}
