/// Where a true value lies, with at least this confidence, whatever the distribution.
///
/// Both kinds below are order statistics, so the confidence is stepped: it is the one that the
/// interval has and not the one that was asked for. Where the runs are too few for what was asked
/// the widest interval is given, with the confidence that it has: 0.9 for 3 and 3 runs.
package struct ConfidenceInterval: Sendable, Equatable {
    package let low: Double
    package let high: Double
    package let confidence: Double

    /// What is asked for.
    package static let usual = 0.95

    /// A comparison with a confidence that was counted, not measured, forgives the last digit.
    private static let slack = 1e-12

    package func reaches(_ confidence: Double) -> Bool {
        self.confidence >= confidence - Self.slack
    }

    /// Of the median of what `values` is a sample of: Hollander and Wolfe §3.6, by the sign test.
    /// Nil when one value, or none, says nothing about the spread.
    package static func median(
        _ values: [Double], confidence: Double = usual
    ) -> ConfidenceInterval? {
        let n = values.count
        guard n > 1 else { return nil }
        let sorted = values.sorted()
        // Place k leaves k − 1 values outside at each end: 1 − 2 P(heads < k) of n tosses.
        var k = 1
        var tail = 1.0
        for _ in 0..<n { tail /= 2 }
        guard tail > 0 else { return medianOfMany(sorted, confidence) }
        var next = tail
        for heads in 1...n {
            next *= Double(n - heads + 1) / Double(heads)
            guard 1 - 2 * (tail + next) >= confidence - slack else { break }
            tail += next
            k += 1
        }
        return ConfidenceInterval(low: sorted[k - 1], high: sorted[n - k], confidence: 1 - 2 * tail)
    }

    /// So many tosses that the chance of no head is no number any more: the normal distribution.
    private static func medianOfMany(
        _ sorted: [Double], _ confidence: Double
    ) -> ConfidenceInterval {
        let n = Double(sorted.count)
        let k = max(1, Int(n / 2 - RankInterval.usualDeviations * n.squareRoot() / 2))
        return ConfidenceInterval(
            low: sorted[k - 1], high: sorted[sorted.count - k], confidence: confidence)
    }
}

/// Which of the sorted pairwise figures of two samples bound the shift between them: the test of
/// Mann and Whitney turned around (Hollander and Wolfe §4.3).
package struct RankInterval: Sendable, Equatable {
    /// Counted from 1 at both ends.
    package let place: Int
    package let confidence: Double

    /// Of the normal distribution, for a confidence of 0.95.
    static let usualDeviations = 1.959_963_984_540_054

    /// Nil when an interval from the smallest to the largest says nothing: one run against one.
    package init?(_ a: Int, _ b: Int, confidence wanted: Double = ConfidenceInterval.usual) {
        guard a > 0, b > 0, a + b > 2 else { return nil }
        if a + b > RankSumTest.exactValuesMax {
            precondition(wanted <= ConfidenceInterval.usual, "no constant for more")
            let pairs = Double(a * b)
            let deviation = (pairs * Double(a + b + 1) / 12).squareRoot()
            place = max(1, Int(pairs / 2 - Self.usualDeviations * deviation))
            confidence = ConfidenceInterval.usual
            return
        }
        let ranks = Array(1...(a + b))
        let distribution = RankSumDistribution(ranks: ranks, choosing: a)
        let least = a * (a + 1) / 2
        var place = 1
        while 1 - 2 * distribution.atMost(least + place) >= wanted - 1e-12 { place += 1 }
        self.place = place
        confidence = max(0, 1 - 2 * distribution.atMost(least + place - 1))
    }

    /// - Parameter pairwise: one figure per pair of values, sorted.
    func interval(_ pairwise: [Double]) -> ConfidenceInterval {
        ConfidenceInterval(
            low: pairwise[place - 1], high: pairwise[pairwise.count - place],
            confidence: confidence)
    }
}
