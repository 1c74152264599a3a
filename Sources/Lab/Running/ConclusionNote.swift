import Plans
import Reports

/// The number of repeats that the comparison of a plan's networks takes for a conclusion, known
/// before the first datagram.
package struct ConclusionNote: Sendable, Equatable {
    /// A sentence on one scenario.
    package let sentence: String
    /// Whether the scenario has fewer repeats than a conclusion in any figure takes.
    package let isWarning: Bool

    /// The figures that vary from run to run on most networks: p50 and p99 of the delay, and the
    /// received rate; the loss is a primary figure as a rule.
    private static let varying = [
        "loss.ratio", "rtt.p50", "rtt.p99", "throughput.received_pps",
    ]

    /// Returns a note for each scenario that compares networks.
    package static func of(_ plan: Plan) -> [ConclusionNote] {
        let compared = plan.scenarios.filter { $0.networks.count > 1 && $0.battery == nil }
        let pairs = compared.reduce(0) { sum, scenario in
            let networks = scenario.networks.count
            return sum + networks * (networks - 1) / 2 * scenario.senders.count
        }
        let others = varying.filter { !plan.primaryFigures.contains($0) }
        return compared.map { scenario in
            let need = ComparisonRule.need(
                networks: scenario.networks.count, pairs: pairs,
                primary: plan.primaryFigures.count, others: others.count)
            return ConclusionNote(scenario, need, primary: plan.primaryFigures)
        }
    }

    private init(
        _ scenario: ScenarioDefinition, _ need: ComparisonRule.Need, primary: [String]
    ) {
        let repeats = scenario.repeats
        isWarning = repeats < min(need.primary, need.others)
        let takes =
            "a conclusion on its networks takes \(need.primary) repeats for "
            + "\(primary.joined(separator: ", ")) and \(need.others) for other figures"
        let advice = isWarning ? ": raise \"repeat\", or compare fewer networks at once" : ""
        sentence =
            "scenario \"\(scenario.name)\": \(takes); the plan has \(repeats)\(advice)"
    }
}
