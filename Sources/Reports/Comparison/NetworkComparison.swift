/// The networks of each scenario of one report, each against each.
package enum NetworkComparison {
    /// Empty without a scenario that ran over two networks. The networks are in the order in
    /// which they ran first, which is that of the plan: the first of a pair is what the second is
    /// compared with.
    package static func of(_ runs: [RunReport]) -> [ComparisonReport] {
        let asked = runs.map(\.scenario).inFirstOrder.flatMap { scenario in
            questions(scenario, runs.filter { $0.scenario == scenario })
        }
        return Comparer.answers(asked)
    }

    private static func questions(
        _ scenario: String, _ runs: [RunReport]
    ) -> [Comparer.Question] {
        let networks = runs.map(\.network).inFirstOrder
        // Nothing is taken apart that nothing is held against.
        guard networks.count > 1 else { return [] }
        let sides = networks.map { network in
            Comparer.Side(
                name: network,
                runs: runs.filter { $0.network == network }.map(ComparedRun.init))
        }
        return sides.indices.flatMap { first in
            sides.indices.dropFirst(first + 1).flatMap { second in
                Comparer.questions(scenario: scenario, a: sides[first], b: sides[second])
            }
        }
    }
}
