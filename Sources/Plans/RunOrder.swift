import Impairment

/// The order of the runs of a scenario.
package enum RunOrder: String, Sendable, CaseIterable {
    /// Repeat by repeat, and within a repeat network by network (A B A B …), so that a drift of the
    /// machine affects all networks alike.
    case interleaved
    /// Network by network (A A … B B …).
    case sequential
    /// All runs of the scenario in an order derived from the plan's seed.
    case shuffled
}

/// One run of a scenario.
package struct PlannedRun: Sendable, Equatable {
    package let network: NetworkDefinition
    /// The repeat, from 1.
    package let repetition: Int
    /// The seed from which every seeded choice of the run is derived.
    ///
    /// The run's seed is derived from the plan's seed, the scenario's name and the repeat, and not
    /// from the network: within a repeat, networks that differ in one parameter use common random
    /// numbers.
    package let seed: Int
}

extension Plan {
    /// Returns the runs of one of the plan's scenarios, in their order.
    package func runs(of scenario: ScenarioDefinition) -> [PlannedRun] {
        let repeats = 1...scenario.repeats
        let runs: [PlannedRun] =
            switch scenario.order {
            case .interleaved, .shuffled:
                repeats.flatMap { number in
                    scenario.networks.map { run(of: scenario, on: $0, number) }
                }
            case .sequential:
                scenario.networks.flatMap { network in
                    repeats.map { run(of: scenario, on: network, $0) }
                }
            }
        guard scenario.order == .shuffled else { return runs }
        return runs.shuffled(by: seedStream(of: scenario, repetition: 0))
    }

    private func run(
        of scenario: ScenarioDefinition, on network: NetworkDefinition, _ repetition: Int
    ) -> PlannedRun {
        // Not negative, so that the seed is legal in a plan and for the relay verb.
        let seed = Int(seedStream(of: scenario, repetition: repetition)[0] >> 1)
        return PlannedRun(network: network, repetition: repetition, seed: seed)
    }

    private func seedStream(
        of scenario: ScenarioDefinition, repetition: Int
    ) -> RandomStream {
        var key = RandomStream.mix(UInt64(bitPattern: Int64(seed)))
        for byte in scenario.name.utf8 { key = RandomStream.mix(key ^ UInt64(byte)) }
        return RandomStream(seed: key ^ UInt64(repetition))
    }
}

extension [PlannedRun] {
    /// Returns the runs shuffled (Fisher and Yates, from the end).
    fileprivate func shuffled(by draws: RandomStream) -> [PlannedRun] {
        var runs = self
        for last in runs.indices.dropFirst().reversed() {
            runs.swapAt(last, Int(draws[UInt64(last)].scaled(to: UInt64(last + 1))))
        }
        return runs
    }
}
