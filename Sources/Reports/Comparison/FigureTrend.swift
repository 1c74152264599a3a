/// A figure of one stream over several reports: the values of the runs of each.
package struct FigureTrend: Sendable, Equatable {
    /// A report of the trend.
    package struct Step: Sendable, Equatable {
        package let name: String
        /// The values of the runs that count; none if the report has none.
        package let values: [Double]

        package var median: Double? {
            values.isEmpty ? nil : Reports.median(ofSorted: values.sorted())
        }
    }

    package let scenario: String
    package let network: String
    package let sender: String
    package let figure: Figure
    /// The reports in their order.
    package let steps: [Step]

    /// The stream: the names of its scenario, network and sender.
    package var key: [String] { [scenario, network, sender] }

    /// Returns the trend of a figure for each stream that at least two of the reports have, in the
    /// order of the first of them.
    package static func all(
        of figure: Figure, in reports: [(name: String, runs: [ComparedRun])]
    ) -> [FigureTrend] {
        var keys: [[String]] = []
        var values: [[String]: [[Double]]] = [:]
        for (number, report) in reports.enumerated() {
            for run in report.runs where run.isUsable {
                for stream in run.streams {
                    guard let value = stream.value(figure.reportPath) else { continue }
                    let key = [run.scenario, run.network, stream.sender]
                    if values[key] == nil {
                        keys.append(key)
                        values[key] = Array(repeating: [], count: reports.count)
                    }
                    values[key]?[number].append(value)
                }
            }
        }
        return keys.compactMap { key in
            let steps = zip(reports, values[key] ?? []).map { Step(name: $0.name, values: $1) }
            guard steps.count(where: { !$0.values.isEmpty }) > 1 else { return nil }
            return FigureTrend(
                scenario: key[0], network: key[1], sender: key[2], figure: figure, steps: steps)
        }
    }

    /// The steps whose values differ from those of the report before.
    package var changes: Set<Int> { Self.changes(steps.map(\.values)) }

    /// Returns the places at which the exact rank test finds a change from the values before,
    /// corrected over all places (``Family``).
    package static func changes(_ values: [[Double]]) -> Set<Int> {
        let places = values.indices.dropFirst()
        let tests = places.map { RankSumTest(values[$0 - 1], values[$0]) }
        let family = Family(tests.map { Family.Test(p: $0?.p ?? 1, pLeast: $0?.pLeast ?? 1) })
        return Set(zip(places, family.adjusted).filter { $0.1 <= Family.level }.map(\.0))
    }
}
