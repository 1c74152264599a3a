/// The rule by which a table of comparisons names a winner, and the runs that it takes.
package enum ComparisonRule {
    /// The primary figures of a plan that names none.
    package static let primaryFigures = ["loss.ratio"]

    /// Returns the rule in one sentence.
    package static func sentence(of comparisons: [ComparisonReport]) -> String {
        let primary = comparisons.filter { $0.primary == true }.map(\.metric).inFirstOrder
        let hasOthers = comparisons.contains { $0.primary != true }
        var order = ""
        if !primary.isEmpty, hasOthers {
            order =
                ": \(primary.joined(separator: ", ")) first and apart, then the other figures "
                + "together"
        }
        return "a winner is named by an exact rank test over runs, at a false discovery rate of "
            + "5 % over this table (Benjamini and Hochberg)\(order)"
    }

    /// The number of runs of each network from which a difference between one network and all
    /// others is found.
    package struct Need: Sendable, Equatable {
        /// In one of the primary figures.
        package let primary: Int
        /// In another figure.
        package let others: Int
    }

    /// Returns the need of a scenario.
    /// - Parameters:
    ///   - networks: The number of its networks: two or more.
    ///   - pairs: The pairs of networks of the whole plan, once for each sender.
    ///   - primary: The number of primary figures that streams have.
    ///   - others: The number of other figures that may vary.
    package static func need(
        networks: Int, pairs: Int, primary: Int, others: Int
    ) -> Need {
        func group(_ figures: Int, _ level: Double) -> Family.Group {
            Family.Group(size: pairs * figures, asked: pairs * figures, level: level)
        }
        let first = group(primary, Family.primaryLevel)
        let second = group(others, Family.level)
        return Need(
            primary: first.runsNeeded(alike: networks - 1),
            others: second.runsNeeded(alike: networks - 1))
    }
}
