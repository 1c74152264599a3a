import Metrics

/// Quantities as text for the terminal: three digits, a unit, `–` for an absent value. A report
/// contains the numbers themselves.
package enum UnitText {
    /// The text of an absent value.
    package static let none = "–"

    /// Returns a count as `12,345`.
    package static func count(_ count: Int?) -> String {
        guard let count else { return none }
        let digits = String(count.magnitude)
        let grouped = digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, (digits.count - digit.offset).isMultiple(of: 3) { text += "," }
            text.append(digit.element)
        }
        return (count < 0 ? "-" : "") + grouped
    }

    /// Returns a count as `12,345` up to a billion, then as `1.23 G`: at most eleven characters
    /// below 10¹².
    package static func shortCount(_ value: Int?) -> String {
        guard let value, value >= 1_000_000_000 else { return count(value) }
        return scaled(Double(value) / 1e9, [" G", " T", " P"])
    }

    /// Returns a time as `980 ns`, `12.3 µs`, `45.1 ms`, `1.20 s`, `3,600 s`.
    package static func time(ns: Double?) -> String {
        scaled(ns, [" ns", " µs", " ms", " s"])
    }

    package static func time(ns: Int?) -> String {
        time(ns: ns.map { Double($0) })
    }

    package static func time(_ elapsed: Elapsed?) -> String {
        time(ns: elapsed.map { Double($0.ns) })
    }

    /// Returns a packet rate as `500 pps`, `1.25 Mpps`.
    package static func packetRate(_ pps: Double?) -> String {
        scaled(pps, [" pps", " kpps", " Mpps", " Gpps"])
    }

    /// Returns a bit rate as `640 kbit/s`.
    package static func bitRate(_ bitsPerSecond: Double?) -> String {
        scaled(bitsPerSecond, [" bit/s", " kbit/s", " Mbit/s", " Gbit/s", " Tbit/s"])
    }

    /// Returns a number with at least five digits, as long as it has a fraction: `1,737.4`.
    package static func longNumber(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 9e15 else { return none }
        guard number < 10_000 else { return count(Int(number.rounded())) }
        let tenths = Int((number * 10).rounded())
        return tenths.isMultiple(of: 10)
            ? count(tenths / 10) : "\(count(tenths / 10)).\(tenths % 10)"
    }

    /// Returns a bit rate with at least four digits: `19,973 kbit/s`.
    package static func longBitRate(_ bitsPerSecond: Double) -> String {
        guard bitsPerSecond >= 1e6 else { return "\(longNumber(bitsPerSecond)) bit/s" }
        return bitsPerSecond >= 1e10
            ? "\(longNumber(bitsPerSecond / 1e6)) Mbit/s"
            : "\(longNumber(bitsPerSecond / 1e3)) kbit/s"
    }

    /// Returns a ratio as `0.12 %`. Values near 0 or 1 are never rounded to them: `< 0.001 %`, `>
    /// 99.9 %`.
    package static func ratio(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite else { return none }
        let percent = ratio * 100
        if percent == 0 || percent == 100 { return "\(Int(percent)) %" }
        if percent > 0, percent < 0.001 { return "< 0.001 %" }
        if percent > 99.9, percent < 100 { return "> 99.9 %" }
        if percent > 0, percent < 0.1 { return trimmed(decimal(percent, places: 3)) + " %" }
        if percent > 0, percent < 1 { return trimmed(decimal(percent, places: 2)) + " %" }
        return trimmed(scaled(percent, [""])) + " %"
    }

    /// Returns a number without a unit: a whole number unchanged, others with three digits.
    package static func number(_ number: Double?) -> String {
        trimmed(scaled(number, [""]))
    }

    /// Returns a value of the report in the unit of its field.
    package static func text(_ value: Double?, unit: ReportUnit?) -> String {
        switch unit {
        case .nanoseconds: time(ns: value)
        case .milliseconds: time(ns: value.map { $0 * 1e6 })
        case .seconds: time(ns: value.map { $0 * 1e9 })
        case .ratio: ratio(value)
        case .packetsPerSecond: packetRate(value)
        case .bitsPerSecond: bitRate(value)
        case .bytes: number(value) + (value == nil ? "" : " B")
        case .count, nil: number(value)
        }
    }

    /// Returns three digits in the first unit, by steps of a thousand, that has room for them.
    private static func scaled(_ value: Double?, _ units: [String]) -> String {
        guard let value, value.isFinite else { return none }
        // A value rounded to 0 must not keep a sign.
        guard abs(value) >= 0.005 else { return "0" + (units.first ?? "") }
        let sign = value < 0 ? "-" : ""
        var magnitude = abs(value)
        for (index, unit) in units.enumerated() {
            if index == 0, magnitude < 1_000, magnitude == magnitude.rounded() {
                return sign + "\(Int(magnitude))" + unit
            }
            for places in [2, 1, 0] where (magnitude * power(places)).rounded() < 1_000 {
                return sign + decimal(magnitude, places: places) + unit
            }
            if index < units.count - 1 { magnitude /= 1_000 }
        }
        guard magnitude < 9e15 else { return sign + "\(magnitude)" + (units.last ?? "") }
        return sign + count(Int(magnitude.rounded())) + (units.last ?? "")
    }

    /// Returns a decimal number. printf would follow the locale.
    private static func decimal(_ magnitude: Double, places: Int) -> String {
        let digits = String(Int((magnitude * power(places)).rounded()))
        guard places > 0 else { return digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return padded.dropLast(places) + "." + padded.suffix(places)
    }

    private static func power(_ places: Int) -> Double {
        (0..<places).reduce(1) { power, _ in power * 10 }
    }

    /// Removes trailing zeros: `1.20` → `1.2`, `1.00` → `1`.
    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        let zeros = text.reversed().prefix { $0 == "0" }.count
        let short = text.dropLast(zeros)
        return String(short.last == "." ? short.dropLast() : short)
    }
}
