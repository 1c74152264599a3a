import JSON

/// The lines of a plan's thresholds, and of its scenarios.
package struct PlanLines: Sendable {
    private struct Scenario {
        let name: String
        let line: Int
        var thresholds: [String: Int] = [:]
    }

    private let scenarios: [Scenario]

    /// Reads a plan; without lines if it is none.
    package init(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument.read(file: "plan", bytes: bytes, limits: .plan).root,
            case .array(let nodes)? = root["scenarios"]?.content
        else {
            scenarios = []
            return
        }
        scenarios = nodes.compactMap { node in
            guard case .string(let name)? = node["name"]?.content else { return nil }
            var scenario = Scenario(name: name, line: node.line)
            if case .array(let thresholds)? = node["thresholds"]?.content {
                for threshold in thresholds {
                    guard case .string(let text) = threshold.content else { continue }
                    scenario.thresholds[text] = scenario.thresholds[text] ?? threshold.line
                }
            }
            return scenario
        }
    }

    /// Returns the line of a threshold, else that of its scenario.
    func line(of expression: String?, in scenario: String) -> Int? {
        guard let found = scenarios.first(where: { $0.name == scenario }) else { return nil }
        return expression.flatMap { found.thresholds[$0] } ?? found.line
    }
}
