import Reports

/// The text at the ticks of an axis, with no more digits than the ticks need.
enum TickText {
    /// Returns the texts of ticks in the unit of a figure.
    static func texts(_ ticks: [Double], unit: ReportUnit?, signed: Bool = false) -> [String] {
        let texts = ticks.map { tick in
            tick == 0 && unit != .ratio ? "0" : short(UnitText.text(abs(tick), unit: unit))
        }
        guard signed else { return texts }
        return zip(ticks, texts).map { tick, text in
            tick > 0 ? "+" + text : tick < 0 ? "−" + text : text
        }
    }

    /// Returns the text of a ratio's difference at ticks: percentage points.
    static func points(_ ticks: [Double]) -> [String] {
        texts(ticks, unit: .ratio, signed: true).map { text in
            text.hasSuffix(" %") ? String(text.dropLast(2)) + " pp" : text
        }
    }

    /// Removes the zeros after the decimal point: `1.00 s` → `1 s`.
    private static func short(_ text: String) -> String {
        guard let space = text.lastIndex(of: " "), text[..<space].contains(".") else {
            return text
        }
        var number = text[..<space]
        while number.last == "0" { number = number.dropLast() }
        if number.last == "." { number = number.dropLast() }
        return String(number) + text[space...]
    }
}
