/// A bound on how much worse than the baseline a figure may be, judged over runs.
///
/// The gate is about one direction only, so it goes by the one-sided interval of 95 %: it passes
/// when a change beyond the bound is ruled out, it fails when one within the bound is, and between
/// the two it says that it cannot judge. Three runs of each side are the fewest that can do either
/// (1 / C(6, 3) = 0.05). Many bounds need no correction: to pass, all have to hold, each for
/// itself; and a false alarm would take a true change as large as the bound.
package struct RegressionGate: Sendable, Equatable {
    package enum Allowance: Sendable, Equatable {
        /// In the unit of the report.
        case absolute(Double)
        /// 0.1 is a tenth of the baseline.
        case share(Double)
    }

    /// As a person wrote it: `rtt.p99 +10%`.
    package let text: String
    package let path: [String]
    /// Else the bound is on a fall.
    package let isOnRise: Bool
    package let allowance: Allowance

    package init(text: String, path: [String], isOnRise: Bool, allowance: Allowance) {
        self.text = text
        self.path = path
        self.isOnRise = isOnRise
        self.allowance = allowance
    }

    /// One-sided 0.95, from both ends.
    static let confidence = 0.9
    /// With fewer of either side nothing can be judged.
    static let runsMin = 3

    package enum Finding: Sendable, Equatable {
        case kept
        case broken
        /// Neither is ruled out: from so much beyond the bound to so much, in the report's unit.
        case open(low: Double, high: Double)
        case tooFewRuns
    }

    /// - Parameters: One value per run of the baseline, and of what is held against it.
    package func judge(_ baseline: [Double], _ candidate: [Double]) -> Finding {
        guard
            let ranks = RankInterval(
                baseline.count, candidate.count, confidence: Self.confidence)
        else { return .tooFewRuns }
        let beyond = baseline.flatMap { a in candidate.map { beyondBound(a, $0) } }.sorted()
        let interval = ranks.interval(beyond)
        guard interval.reaches(Self.confidence) else { return .tooFewRuns }
        if interval.high <= 0 { return .kept }
        if interval.low > 0 { return .broken }
        return .open(low: interval.low, high: interval.high)
    }

    /// How far `b` lies beyond what `a` allows; at most 0 where it is within.
    private func beyondBound(_ a: Double, _ b: Double) -> Double {
        switch (allowance, isOnRise) {
        case (.absolute(let allowed), true): b - a - allowed
        case (.absolute(let allowed), false): a - b - allowed
        case (.share(let share), true): b - a * (1 + share)
        case (.share(let share), false): a * (1 - share) - b
        }
    }
}
