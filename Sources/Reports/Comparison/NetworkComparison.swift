/// Compares the networks of each scenario of a report pairwise.
package enum NetworkComparison {
    /// Returns the comparisons; none without a scenario that ran over two networks. The networks
    /// are in the order of their first runs, which is that of the plan: the first network of a pair
    /// is the baseline of the second.
    /// - Parameter primary: The names of the primary figures; nil for the default.
    package static func of(
        _ runs: [RunReport], primary: [String]? = nil
    ) -> [ComparisonReport] {
        let asked = runs.map(\.scenario).inFirstOrder.flatMap { scenario in
            questions(scenario, runs.filter { $0.scenario == scenario })
        }
        return Comparer.answers(asked, primary: primary ?? ComparisonRule.primaryFigures)
    }

    private static func questions(
        _ scenario: String, _ runs: [RunReport]
    ) -> [Comparer.Question] {
        let networks = runs.map(\.network).inFirstOrder
        // A single network needs no further work.
        guard networks.count > 1 else { return [] }
        let sides = networks.map { network in
            Comparer.Side(
                name: network,
                runs: runs.filter { $0.network == network }.map(ComparedRun.init))
        }
        return sides.indices.flatMap { first in
            sides.indices.dropFirst(first + 1).flatMap { second in
                Comparer.questions(
                    scenario: scenario, a: sides[first], b: sides[second],
                    alike: networks.count - 1
                ).filter { question in
                    // In both directions at once there are streams that one direction lacks.
                    [question.a, question.b].allSatisfy { $0.has(question.sender) }
                }
            }
        }
    }
}

extension Comparer.Side {
    /// Whether the runs have a stream of that sender, or none at all.
    fileprivate func has(_ sender: String) -> Bool {
        let streams = runs.flatMap(\.streams)
        return streams.isEmpty || streams.contains { $0.sender == sender }
    }
}
