/// Figures of several rounds.
enum Sample {
    /// Returns the middle value, or the mean of the two middle ones; nil if there is none.
    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

/// The ratio of two legs, round by round, so that a disturbance of a whole round cancels.
struct PairedRatio: Codable, Equatable, Sendable {
    var median: Double
    var min: Double
    var max: Double

    /// Computes the ratio.
    /// - Parameters:
    ///   - left: One value per round; nil if the leg failed, so that the round does not count.
    ///   - right: The divisors, likewise.
    /// - Returns: nil if no round has both values, or all divisors are 0.
    init?(_ left: [Double?], over right: [Double?]) {
        let ratios = zip(left, right).compactMap { pair -> Double? in
            guard let left = pair.0, let right = pair.1, right > 0 else { return nil }
            return left / right
        }
        guard let median = Sample.median(ratios), let min = ratios.min(), let max = ratios.max()
        else { return nil }
        (self.median, self.min, self.max) = (median, min, max)
    }
}
