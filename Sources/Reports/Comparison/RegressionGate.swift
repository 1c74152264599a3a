/// A bound on how much worse than the baseline a figure may be, judged over runs.
///
/// The gate concerns one direction only, so it uses the one-sided interval of 95 %: it passes if a
/// change beyond the bound is ruled out, it fails if a change within the bound is ruled out, and
/// otherwise it is undecided. It needs at least three runs of each side (1 / C(6, 3) = 0.05).
/// Several bounds need no correction: each of them has to hold by itself, and a false alarm needs a
/// true change as large as the bound.
package struct RegressionGate: Sendable, Equatable {
    package enum Allowance: Sendable, Equatable {
        /// An amount in the unit of the report.
        case absolute(Double)
        /// A share of the baseline; 0.1 is a tenth.
        case share(Double)
    }

    /// The bound as typed: `rtt.p99 +10%`.
    package let text: String
    package let path: [String]
    /// Whether the bound is on a rise; otherwise it is on a fall.
    package let isOnRise: Bool
    package let allowance: Allowance

    package init(text: String, path: [String], isOnRise: Bool, allowance: Allowance) {
        self.text = text
        self.path = path
        self.isOnRise = isOnRise
        self.allowance = allowance
    }

    /// The confidence of the two-sided interval whose ends are each a one-sided bound of 0.95.
    static let confidence = 0.9
    /// The minimum number of runs per side for a decision.
    static let runsMin = 3

    package enum Finding: Sendable, Equatable {
        case kept
        case broken
        /// Neither change is ruled out; the interval relative to the bound, in the report's unit.
        case open(low: Double, high: Double)
        case tooFewRuns
    }

    /// Judges a candidate.
    /// - Parameters: One value per run of the baseline, and of the candidate.
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

    /// Returns by how much `b` exceeds the bound relative to `a`; at most 0 within the bound.
    private func beyondBound(_ a: Double, _ b: Double) -> Double {
        switch (allowance, isOnRise) {
        case (.absolute(let allowed), true): b - a - allowed
        case (.absolute(let allowed), false): a - b - allowed
        case (.share(let share), true): b - a * (1 + share)
        case (.share(let share), false): a * (1 - share) - b
        }
    }
}
