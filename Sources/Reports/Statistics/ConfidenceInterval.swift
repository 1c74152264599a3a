/// An interval that contains the true value with at least this confidence, whatever the
/// distribution.
///
/// Both kinds below are order statistics, so the confidence is discrete: it is the actual
/// confidence of the interval and not the requested one. If there are too few runs for the
/// requested confidence, the result is the widest interval with its actual confidence: 0.9 for 3
/// and 3 runs.
package struct ConfidenceInterval: Sendable, Equatable {
    package let low: Double
    package let high: Double
    package let confidence: Double

    /// The requested confidence by default.
    package static let usual = 0.95

    /// The tolerance for rounding errors in comparisons of confidences.
    private static let slack = 1e-12

    package func reaches(_ confidence: Double) -> Bool {
        self.confidence >= confidence - Self.slack
    }

    /// Returns the interval of the median of the population of `values`: Hollander and Wolfe §3.6,
    /// by the sign test. Nil for fewer than two values, which contain no information on the spread.
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

    /// Returns the interval for so many values that the probability of no head underflows: the
    /// normal distribution.
    private static func medianOfMany(
        _ sorted: [Double], _ confidence: Double
    ) -> ConfidenceInterval {
        let n = Double(sorted.count)
        let k = max(1, Int(n / 2 - RankInterval.usualDeviations * n.squareRoot() / 2))
        return ConfidenceInterval(
            low: sorted[k - 1], high: sorted[sorted.count - k], confidence: confidence)
    }
}

/// The sorted pairwise figures of two samples that bound the shift between them: the inverted test
/// of Mann and Whitney (Hollander and Wolfe §4.3).
package struct RankInterval: Sendable, Equatable {
    /// The place of the bounds, counted from 1 at both ends.
    package let place: Int
    package let confidence: Double

    /// The quantile of the normal distribution for a confidence of 0.95.
    static let usualDeviations = 1.959_963_984_540_054

    /// Makes an interval; nil for one run against one, where even the widest contains no
    /// information.
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

    /// Returns the interval.
    /// - Parameter pairwise: one figure per pair of values, sorted.
    func interval(_ pairwise: [Double]) -> ConfidenceInterval {
        ConfidenceInterval(
            low: pairwise[place - 1], high: pairwise[pairwise.count - place],
            confidence: confidence)
    }
}
