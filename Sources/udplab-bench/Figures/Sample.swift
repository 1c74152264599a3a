/// Figures of several rounds.
enum Sample {
    /// The middle one, or the mean of the two in the middle; nil of none.
    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

/// How often one leg is the other, round by round: what disturbed a whole round does not count.
struct PairedRatio: Codable, Equatable, Sendable {
    var median: Double
    var min: Double
    var max: Double

    /// - Parameters:
    ///   - left: One value per round; nil where the leg failed, and the round does not count.
    ///   - right: The same for what it is divided by.
    /// - Returns: nil when no round has both values, or nothing to divide by.
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
