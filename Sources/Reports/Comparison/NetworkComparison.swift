/// The networks of each scenario of one report, each against each.
package enum NetworkComparison {
    /// Empty without a scenario that ran over two networks. The networks are in the order in
    /// which they ran first, which is that of the plan: the first of a pair is what the second is
    /// compared with.
    package static func of(_ runs: [RunReport]) -> [ComparisonReport] {
        let compared = runs.map(ComparedRun.init)
        let scenarios = compared.map(\.scenario).inFirstOrder
        return Comparer.answers(
            scenarios.flatMap { scenario in
                questions(scenario, compared.filter { $0.scenario == scenario })
            })
    }

    private static func questions(
        _ scenario: String, _ runs: [ComparedRun]
    ) -> [Comparer.Question] {
        let sides = runs.map(\.network).inFirstOrder.map { network in
            Comparer.Side(name: network, runs: runs.filter { $0.network == network })
        }
        return sides.indices.flatMap { first in
            sides.indices.dropFirst(first + 1).flatMap { second in
                Comparer.questions(scenario: scenario, a: sides[first], b: sides[second])
            }
        }
    }
}
