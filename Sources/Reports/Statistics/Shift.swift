/// The shift from a to b: the estimate of Hodges and Lehmann (1963), the median over all pairs of
/// values, and its interval.
package struct Shift: Sendable, Equatable {
    package let estimate: Double
    /// The interval; nil for one run against one.
    package let interval: ConfidenceInterval?

    /// Returns b − a, in the unit of the values. Nil for an empty sample.
    package static func difference(_ a: [Double], _ b: [Double]) -> Shift? {
        Shift(a, b) { $1 - $0 }
    }

    /// Returns b / a − 1. Nil unless all values are above zero, because a share of 0 is undefined.
    package static func relative(_ a: [Double], _ b: [Double]) -> Shift? {
        guard (a + b).allSatisfy({ $0 > 0 }) else { return nil }
        return Shift(a, b) { $1 / $0 - 1 }
    }

    private init?(_ a: [Double], _ b: [Double], _ figure: (Double, Double) -> Double) {
        guard !a.isEmpty, !b.isEmpty else { return nil }
        let pairwise = a.flatMap { a in b.map { figure(a, $0) } }.sorted()
        guard pairwise.allSatisfy(\.isFinite) else { return nil }
        estimate = median(ofSorted: pairwise)
        interval = RankInterval(a.count, b.count).map { $0.interval(pairwise) }
    }
}

/// Returns the middle value, or the mean of the two middle ones. The array is not empty.
func median(ofSorted values: [Double]) -> Double {
    let middle = values.count / 2
    return values.count.isMultiple(of: 2)
        ? (values[middle - 1] + values[middle]) / 2 : values[middle]
}
