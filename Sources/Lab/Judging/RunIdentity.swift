import Plans

/// The identity of a run within its plan.
package struct RunIdentity: Sendable {
    package let scenario: ScenarioDefinition
    package let network: NetworkDefinition
    package let repetition: Int
    package let seed: Int

    package init(
        scenario: ScenarioDefinition, network: NetworkDefinition, repetition: Int, seed: Int = 0
    ) {
        self.scenario = scenario
        self.network = network
        self.repetition = repetition
        self.seed = seed
    }

    package var title: String {
        let number = repetition > 1 ? " #\(repetition)" : ""
        return "\(scenario.name) on \(network.name)\(number)"
    }
}
