import Plans
import Reports

/// The identity of a run within its plan.
package struct RunIdentity: Sendable {
    /// The definitions behind a reference: all values of a run have an identity, and each would
    /// take code to copy every key of a plan.
    private final class Definitions: Sendable {
        let scenario: ScenarioDefinition
        let network: NetworkDefinition

        init(_ scenario: ScenarioDefinition, _ network: NetworkDefinition) {
            self.scenario = scenario
            self.network = network
        }
    }

    private var definitions: Definitions
    package let repetition: Int
    package let seed: Int

    package init(
        scenario: ScenarioDefinition, network: NetworkDefinition, repetition: Int, seed: Int = 0
    ) {
        definitions = Definitions(scenario.directed(on: network), network)
        self.repetition = repetition
        self.seed = seed
    }

    package internal(set) var scenario: ScenarioDefinition {
        get { definitions.scenario }
        set { definitions = Definitions(newValue, network) }
    }

    package var network: NetworkDefinition { definitions.network }

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
