/// Differences as text. Ratios differ by percentage points, `pp`; other figures by their share of
/// a, if that is a number, and otherwise in their own unit.
package enum ComparisonText {
    /// Returns the greater distance of an end of the interval from zero: `0.12 pp`, `3.4 %`, `12.3
    /// µs`.
    static func room(_ effect: EffectReport, unit: String?) -> String? {
        let ends = ends(effect, unit: unit)
        guard let low = ends.low, let high = ends.high else { return nil }
        return magnitude(max(abs(low), abs(high)), ends.scale)
    }

    /// Returns the interval as text: `+0.92 … +1.54 pp`.
    static func interval(_ effect: EffectReport, unit: String?) -> String {
        let ends = ends(effect, unit: unit)
        guard let low = ends.low, let high = ends.high else { return UnitText.none }
        let texts = [low, high].map { signed($0, ends.scale) }
        guard let suffix = suffix(ends.scale), texts.allSatisfy({ $0.hasSuffix(suffix) }) else {
            return texts.joined(separator: " … ")
        }
        return texts.map { String($0.dropLast(suffix.count)) }.joined(separator: " … ") + suffix
    }

    /// Returns the estimate as text: `+1.23 pp`.
    package static func change(_ effect: EffectReport, unit: String?) -> String {
        let ends = ends(effect, unit: unit)
        return signed(ends.estimate, ends.scale)
    }

    private enum Scale {
        case points
        case share
        case unit(ReportUnit?)
    }

    private static func ends(
        _ effect: EffectReport, unit: String?
    ) -> (estimate: Double, low: Double?, high: Double?, scale: Scale) {
        let unit = unit.flatMap(ReportUnit.init)
        if unit != .ratio, let relative = effect.relative {
            return (relative, effect.relativeLow, effect.relativeHigh, .share)
        }
        return (
            effect.difference, effect.differenceLow, effect.differenceHigh,
            unit == .ratio ? .points : .unit(unit)
        )
    }

    private static func suffix(_ scale: Scale) -> String? {
        switch scale {
        case .points: " pp"
        case .share: " %"
        case .unit: nil
        }
    }

    /// Returns a difference with its sign. More than a doubling is told as a factor: `×150`.
    private static func signed(_ value: Double, _ scale: Scale) -> String {
        if case .share = scale, value > 1 { return magnitude(value, scale) }
        let text = magnitude(abs(value), scale)
        return (value == 0 ? "" : value < 0 ? "-" : "+") + text
    }

    /// Returns a magnitude as text; a non-zero difference never reads as 0.
    private static func magnitude(_ value: Double, _ scale: Scale) -> String {
        guard case .unit(let unit) = scale else {
            if case .share = scale, value > 1 { return "×" + UnitText.number(value + 1) }
            let percent = value * 100
            let isTiny = percent > 0 && percent < 0.01
            return (isTiny ? "<0.01" : UnitText.number(percent)) + (suffix(scale) ?? "")
        }
        return UnitText.text(value, unit: unit)
    }
}
