import Reports

/// Figures as text for the tables.
enum Wording {
    /// Returns `0.97`, `12.3`, `140`: a ratio or a figure without a unit.
    static func number(_ value: Double?) -> String {
        decimal(value, places: (value ?? 0) < 10 ? 2 : (value ?? 0) < 100 ? 1 : 0)
    }

    /// Returns `0.051`, `5.91`: an offloaded datagram costs a hundredth of a plain one.
    static func cpuSeconds(_ value: Double?) -> String {
        (value ?? 0) < 1 ? decimal(value, places: 3) : number(value)
    }

    private static func decimal(_ value: Double?, places: Int) -> String {
        guard let value, value.isFinite, value >= 0, value < 1e15 else { return UnitText.none }
        let power = [1, 10, 100, 1_000][places]
        let scaled = Int((value * Double(power)).rounded())
        guard places > 0 else { return "\(scaled)" }
        let fraction = String(scaled % power)
        return "\(scaled / power)."
            + String(repeating: "0", count: places - fraction.count) + fraction
    }

    /// Returns `0.97 (0.95–0.99)`.
    static func ratio(_ ratio: PairedRatio?) -> String {
        guard let ratio else { return UnitText.none }
        return "\(number(ratio.median)) (\(number(ratio.min))–\(number(ratio.max)))"
    }

    static func goal(_ value: Double?, _ unit: Goal.Unit) -> String {
        switch unit {
        case .ratio: number(value)
        case .share: UnitText.ratio(value)
        case .nanoseconds: UnitText.time(ns: value)
        }
    }

    /// Returns `✓ 0.92`, `✗ 0.92`; `  0.92` if it was not measured.
    static func mark(_ isReached: Bool?, _ bound: String) -> String {
        switch isReached {
        case true: "✓ \(bound)"
        case false: "✗ \(bound)"
        case nil: bound
        }
    }
}
