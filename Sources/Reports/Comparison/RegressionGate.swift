/// A bound on how much worse than the baseline a figure may be, judged over runs.
///
/// The bound is kept if the runs rule out a change beyond it: the one-sided interval of 95 %, which
/// takes three runs of each side (1 / C(6, 3) = 0.05). Each bound has to hold by itself, so that
/// several need no correction.
///
/// The bound is broken if a change within it is ruled out, by the rule of the table: the exact rank
/// test of the runs against the baseline moved by the bound, corrected for all bounds
/// (``Family``). The figures of bounds are the primary ones of the table, and the test of the
/// unmoved baseline is at least as significant: where a bound is broken, the table says `worse`.
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
        /// Broken, if that stands the correction for all bounds.
        case broken(p: Double)
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
        if interval.low > 0, let p = pBroken(baseline, candidate) { return .broken(p: p) }
        return .open(low: interval.low, high: interval.high)
    }

    /// Returns the p-value of the rank test against the baseline moved by the bound; nil if the
    /// candidate is not the worse side.
    private func pBroken(_ baseline: [Double], _ candidate: [Double]) -> Double? {
        let moved = baseline.map { value in
            switch (allowance, isOnRise) {
            case (.absolute(let allowed), true): value + allowed
            case (.absolute(let allowed), false): value - allowed
            case (.share(let share), true): value * (1 + share)
            case (.share(let share), false): value * (1 - share)
            }
        }
        guard let test = RankSumTest(moved, candidate), (test.delta > 0) == isOnRise else {
            return nil
        }
        return test.p
    }

    /// Returns the p-values of broken bounds corrected for `count` bounds, as the table's.
    static func corrected(_ values: [Double], of count: Int) -> [Double] {
        let others = [Double](repeating: 1, count: count - values.count)
        return Family.corrected(values + others).prefix(values.count).map {
            min(1, $0 * Family.level / Family.primaryLevel)
        }
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
