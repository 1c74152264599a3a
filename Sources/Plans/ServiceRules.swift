import JSON
import Reports

/// The rule for responders that take their time beyond the shapes of their keys. It is checked once
/// everything else is valid, because the time is of the responder and its limit of the scenario.
enum ServiceRules {
    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) {
            guard let responder = scenario.responder,
                let longestNs = responder.replyDelay?.longestNs,
                longestNs >= scenario.timeoutNs
            else { continue }
            problems.add(
                "\(responder.name.quoted) holds an answer for up to "
                    + "\(UnitText.time(ns: Int(longestNs))), and its probe counts as lost after "
                    + "\(UnitText.time(ns: scenario.timeoutNs)): use a longer \"timeout\" (up to "
                    + "\(PlanLimits.timeout.upperText)), or a shorter \"reply_delay\", of a model "
                    + "without a bound with a \"cap\"",
                at: node["timeout"] ?? node["responder"] ?? node)
        }
    }
}
