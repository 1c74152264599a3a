/// An axis: it maps values to shares of its length, 0 to 1, and has ticks at 1, 2 and 5 times a
/// power of ten.
struct Scale: Sendable, Equatable {
    enum Kind: Sendable {
        case linear, logarithmic
    }

    let kind: Kind
    let low: Double
    let high: Double

    /// Makes a linear scale from `low` to `high`.
    static func linear(_ low: Double, _ high: Double) -> Scale {
        Scale(kind: .linear, low: low, high: high > low ? high : low + 1)
    }

    /// Makes a scale of values above 0: logarithmic where they span more than a factor of
    /// `factor`, else linear from 0.
    static func times(of values: [Double], factor: Double = 12) -> Scale? {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        guard let least = positive.min(), let most = positive.max() else { return nil }
        guard most / least > factor else { return .linear(0, most * 1.08) }
        return Scale(kind: .logarithmic, low: least / 1.3, high: most * 1.3)
    }

    /// The share of the length at which a value lies; values beyond an end lie at that end.
    func share(_ value: Double) -> Double {
        let share =
            switch kind {
            case .linear: (value - low) / (high - low)
            case .logarithmic:
                value > 0 ? logarithm(value / low) / logarithm(high / low) : 0
            }
        return min(1, max(0, share.isFinite ? share : 0))
    }

    /// Returns at most about `count` ticks.
    func ticks(_ count: Int) -> [Double] {
        kind == .linear ? linearTicks(count) : logarithmicTicks(count)
    }

    private func linearTicks(_ count: Int) -> [Double] {
        let step = Self.step((high - low) / Double(max(1, count)))
        let first = (low / step - 1e-9).rounded(.up)
        let last = (high / step + 1e-9).rounded(.down)
        guard first <= last, last - first < 100 else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 * step }
    }

    /// Returns the powers of ten; with their double and fivefold where that leaves few enough.
    private func logarithmicTicks(_ count: Int) -> [Double] {
        let decades = Int(logarithm(low).rounded(.down))...Int(logarithm(high).rounded(.up))
        let candidates = [[1.0, 2, 5], [1, 3], [1]].map { factors in
            decades.flatMap { decade in factors.map { $0 * Self.power(decade) } }
                .filter { $0 >= low * 0.999 && $0 <= high * 1.001 }
        }
        if let fitting = candidates.first(where: { $0.count <= count }) { return fitting }
        let powers = candidates[2]
        let skip = (powers.count + count - 1) / max(1, count)
        return powers.enumerated().filter { $0.offset.isMultiple(of: skip) }.map(\.element)
    }

    /// Returns the least of 1, 2 or 5 times a power of ten that is at least `raw`.
    static func step(_ raw: Double) -> Double {
        guard raw > 0, raw.isFinite else { return 1 }
        let power = power(Int(logarithm(raw).rounded(.down)))
        return [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= raw * (1 - 1e-9) } ?? raw
    }

    private static func power(_ exponent: Int) -> Double { powerOfTen(Double(exponent)) }
}
