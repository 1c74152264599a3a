import Plans
import Reports

/// The identity of a run within its plan.
package struct RunIdentity: Sendable {
    package internal(set) var scenario: ScenarioDefinition
    package let network: NetworkDefinition
    package let repetition: Int
    package let seed: Int

    package init(
        scenario: ScenarioDefinition, network: NetworkDefinition, repetition: Int, seed: Int = 0
    ) {
        self.scenario = scenario.directed(on: network)
        self.network = network
        self.repetition = repetition
        self.seed = seed
    }

    package var title: String { title(of: scenario.name, on: network.name) }

    /// Returns the title with the titles of scenario and network.
    package func title(_ shown: ShownTitles) -> String {
        title(
            of: shown.text(.scenario, scenario.name), on: shown.text(.network, network.name))
    }

    private func title(of scenario: String, on network: String) -> String {
        "\(scenario) on \(network)" + (repetition > 1 ? " #\(repetition)" : "")
    }
}
