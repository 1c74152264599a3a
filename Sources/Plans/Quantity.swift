import JSON

/// A kind of quantity that a plan states as text with a unit: `"10s"`, `"20kpps"`, `"64KiB"`.
///
/// A quantity is read into whole *steps* of its kind (nanoseconds, millionths of a packet per
/// second, bytes, …) by integer arithmetic alone, so `"0.1ms"` is exactly 100,000 ns. A value
/// between two steps is refused, never rounded.
struct Quantity: Sendable {
    /// The name in messages, with its article: "a duration".
    let name: String
    /// The units, smallest first.
    let units: [QuantityUnit]
    /// The unit that a message suggests for a bare number.
    let usualSymbol: String
    /// Common wrong spellings, lower case, and the symbols meant.
    let aliases: [String: String]
    /// Explanations for spellings without a counterpart, by lower-case suffix.
    var explanations: [String: String] = [:]
    /// The form in messages, for a quantity that is not just a number and a unit.
    var form: String?

    static let duration = Quantity(
        name: "a duration",
        units: [
            QuantityUnit("ns", steps: 1, decimals: 0),
            QuantityUnit("us", steps: 1_000, decimals: 3),
            QuantityUnit("ms", steps: 1_000_000, decimals: 6),
            QuantityUnit("s", steps: 1_000_000_000, decimals: 9),
            QuantityUnit("min", steps: 60_000_000_000, decimals: 10),
            QuantityUnit("h", steps: 3_600_000_000_000, decimals: 11),
        ],
        usualSymbol: "s",
        aliases: [
            "sec": "s", "secs": "s", "second": "s", "seconds": "s", "msec": "ms", "millis": "ms",
            "usec": "us", "\u{B5}s": "us", "\u{3BC}s": "us", "nsec": "ns", "m": "min",
            "mins": "min", "minute": "min", "minutes": "min", "hr": "h", "hour": "h", "hours": "h",
        ],
        explanations: ["d": "the longest unit is the hour: 24h is a day"])

    /// The packet rate, in steps of a millionth of a packet per second: 100 Mpps are 10^14 of them,
    /// well below 2^53, so that the conversion to `Double` rounds once at most.
    static let packetRate = Quantity(
        name: "a packet rate",
        units: [
            QuantityUnit("pps", steps: 1_000_000, decimals: 6),
            QuantityUnit("kpps", steps: 1_000_000_000, decimals: 9),
            QuantityUnit("Mpps", steps: 1_000_000_000_000, decimals: 12),
        ],
        usualSymbol: "pps",
        aliases: [
            "p/s": "pps", "packets/s": "pps", "hz": "pps", "khz": "kpps", "mhz": "Mpps",
            "/s": "pps", "k": "kpps", "m": "Mpps",
        ],
        explanations: [
            "mbps": "\"Mbps\" is no unit here: a packet rate is written \"20kpps\", "
                + "a bit rate \"10Mbit\"",
            "mbit": "\"10Mbit\" is a bit rate: this is a packet rate, such as \"20kpps\"",
        ])

    static let bitRate = Quantity(
        name: "a bit rate",
        units: [
            QuantityUnit("bit", steps: 1, decimals: 0),
            QuantityUnit("kbit", steps: 1_000, decimals: 3),
            QuantityUnit("Mbit", steps: 1_000_000, decimals: 6),
            QuantityUnit("Gbit", steps: 1_000_000_000, decimals: 9),
        ],
        usualSymbol: "Mbit",
        aliases: [
            "bps": "bit", "kbps": "kbit", "mbps": "Mbit", "gbps": "Gbit", "bit/s": "bit",
            "kbit/s": "kbit", "mbit/s": "Mbit", "gbit/s": "Gbit", "bits": "bit", "mb/s": "Mbit",
        ])

    /// The size, in whole numbers of its unit: `1536B`, never `1.5KiB`.
    static let size = Quantity(
        name: "a size",
        units: [
            QuantityUnit("B", steps: 1, decimals: 0),
            QuantityUnit("KiB", steps: 1 << 10, decimals: 0),
            QuantityUnit("MiB", steps: 1 << 20, decimals: 0),
            QuantityUnit("GiB", steps: 1 << 30, decimals: 0),
        ],
        usualSymbol: "B",
        aliases: [
            "byte": "B", "bytes": "B", "k": "KiB", "kb": "KiB", "m": "MiB", "mb": "MiB",
            "g": "GiB", "gb": "GiB",
        ])

    /// The percentage, in steps of a billionth of the whole.
    static let percentage = Quantity(
        name: "a percentage",
        units: [QuantityUnit("%", steps: 10_000_000, decimals: 7)],
        usualSymbol: "%",
        aliases: ["percent": "%", "pct": "%"])

    /// The ratio of a threshold: `2%`, or the bare number `0.02`, as the report prints it.
    static let ratio = Quantity(
        name: "a ratio",
        units: [
            QuantityUnit("", steps: 1_000_000_000, decimals: 9),
            QuantityUnit("%", steps: 10_000_000, decimals: 7),
        ],
        usualSymbol: "%",
        aliases: ["percent": "%", "pct": "%"],
        form: "\"2%\" or \"0.02\"")

    /// The count of a threshold: a whole number without a unit.
    static let count = Quantity(
        name: "a count", units: [QuantityUnit("", steps: 1, decimals: 0)], usualSymbol: "",
        aliases: [:], form: "a whole number without a unit")

    /// The mean of counts in a threshold: a number without a unit.
    static let number = Quantity(
        name: "a number", units: [QuantityUnit("", steps: 1_000_000, decimals: 6)],
        usualSymbol: "", aliases: [:], form: "a number without a unit, such as \"2.5\"")

    /// The steps of one packet per second, of a ratio of one, of the number one.
    static let stepsPerPacketPerSecond = 1_000_000.0
    static let stepsPerRatio = 1_000_000_000.0
    static let stepsPerNumber = 1_000_000.0
}

/// A unit of a quantity: its number of steps, and the number of decimals that still give a step.
struct QuantityUnit: Sendable, Equatable {
    let symbol: String
    let steps: Int
    let decimals: Int

    init(_ symbol: String, steps: Int, decimals: Int) {
        self.symbol = symbol
        self.steps = steps
        self.decimals = decimals
    }
}

extension Quantity {
    /// The maximum length of a quantity; no legal one is as long: 19 digits, a point, 12 decimals
    /// and a symbol.
    private static let textBytesMax = 64

    /// Returns the exact number of steps in `text`.
    ///
    /// The grammar is a decimal number without sign, exponent or leading zero, directly followed
    /// by the symbol of a unit. A number that no `Int` holds reads as `Int.max`: every range ends
    /// below that.
    /// - Parameter signed: whether a leading `-` is legal, as in a bound on the delay variation.
    func steps(_ text: String, signed: Bool = false) throws(JSONComplaint) -> Int {
        guard text.utf8.count <= Self.textBytesMax else { throw notThis(text) }
        let negative = text.hasPrefix("-")
        let number = Decimal(prefixOf: negative ? text.dropFirst() : text[...])
        guard let number else { throw notThis(text) }
        // Bytes are compared, not characters: the Kelvin sign equals "K" as a character.
        let unit = units.first { $0.symbol.utf8.elementsEqual(number.rest.utf8) }
        guard let unit else { throw unknownUnit(text, number) }
        guard number.fraction.count <= unit.decimals else { throw tooFine(text, number, unit) }
        guard !number.hasLeadingZero else {
            throw JSONComplaint("\(text.quoted) has a leading zero")
        }
        let magnitude = number.scaled(by: unit)
        guard negative else { return magnitude }
        guard signed else { throw JSONComplaint("\(text.quoted) is negative") }
        return -magnitude
    }

    /// Returns the possible meanings of a number without a unit if there are several: a share from
    /// 0 to 1 may be a ratio or a percentage, a duration milliseconds or seconds. `nil` if there is
    /// one meaning.
    func readings(of number: String) -> String? {
        if usualSymbol == Self.duration.usualSymbol { return "\"\(number)ms\" or \"\(number)s\"" }
        guard usualSymbol == Self.percentage.usualSymbol,
            let percent = Self.percent(ofRatio: number)
        else { return nil }
        return "\"\(percent)%\" where \(number) is a ratio, \"\(number)%\" where it is percent"
    }

    /// Converts `0.015` to `1.5` by moving the point; nil outside 0 to 1, and for 0 itself.
    private static func percent(ofRatio text: String) -> String? {
        guard let number = Decimal(prefixOf: text[...]), number.rest.isEmpty else { return nil }
        let fraction = String(number.fraction)
        let isOne = number.whole == "1" && fraction.allSatisfy { $0 == "0" }
        guard isOne || number.whole == "0" && fraction.contains(where: { $0 != "0" }) else {
            return nil
        }
        let digits = fraction + String(repeating: "0", count: max(0, 2 - fraction.count))
        let whole = (number.whole + digits.prefix(2)).drop { $0 == "0" }
        let trailing = digits.dropFirst(2).reversed().drop { $0 == "0" }.reversed()
        let rest = trailing.isEmpty ? "" : "." + String(trailing)
        return (whole.isEmpty ? "0" : String(whole)) + rest
    }

    /// The units for a message: "ns, us, ms, s, min or h".
    private var symbols: String {
        let symbols = units.map(\.symbol)
        guard let last = symbols.last, symbols.count > 1 else { return symbols.first ?? "" }
        return symbols.dropLast().joined(separator: ", ") + " or " + last
    }

    private func notThis(_ text: String) -> JSONComplaint {
        if let meant = sum(text) ?? withoutComma(text) {
            return JSONComplaint("\(text.quoted) is not \(name): did you mean \(meant)?")
        }
        let form = form ?? "a number and \(symbols), such as \"10\(usualSymbol)\""
        return JSONComplaint("\(text.quoted) is not \(name): write \(form)")
    }

    private func unknownUnit(_ text: String, _ number: Decimal) -> JSONComplaint {
        if number.rest.isEmpty {
            let readings =
                readings(of: String(number.text)) ?? "such as \"\(number.text)\(usualSymbol)\""
            return JSONComplaint(
                "\(name) carries its unit: \"\(number.text)\" needs \(symbols), \(readings)")
        }
        let suffix = number.rest.filter { $0 != " " }.lowercased()
        if let explanation = explanations[suffix] { return JSONComplaint(explanation) }
        let match = units.first { $0.symbol.lowercased() == suffix }?.symbol ?? aliases[suffix]
        guard let match else { return notThis(text) }
        let meant = "\"\(number.text)\(match)\""
        // A capital B is a byte to most people, and a small b a bit.
        if usualSymbol == Self.bitRate.usualSymbol, number.rest.contains("B"),
            let bits = multiplied(number, by: 8, match)
        {
            return JSONComplaint(
                "\(text.quoted) is not \(name): \(bits.quoted) where B is a byte, \(meant) where "
                    + "it is a bit")
        }
        return JSONComplaint("\(text.quoted) is not \(name): did you mean \(meant)?")
    }

    private func multiplied(_ number: Decimal, by factor: Int, _ symbol: String) -> String? {
        guard let steps = try? steps("\(number.text)\(symbol)") else { return nil }
        let (product, isTooLarge) = steps.multipliedReportingOverflow(by: factor)
        return isTooLarge ? nil : written(product)
    }

    /// Returns a number of steps in the largest unit of which it is a whole number.
    private func written(_ steps: Int) -> String? {
        units.last { steps.isMultiple(of: $0.steps) }.map { "\(steps / $0.steps)\($0.symbol)" }
    }

    /// Returns a text of several parts, such as `1m30s`, as one number and unit; nil if it has
    /// other parts.
    private func sum(_ text: String) -> String? {
        guard usualSymbol == Self.duration.usualSymbol else { return nil }
        var rest = text[...]
        var total = 0
        while !rest.isEmpty {
            guard let number = Decimal(prefixOf: rest) else { return nil }
            let word = number.rest.prefix { $0.isLetter }
            let symbol = units.first { $0.symbol == word }?.symbol ?? aliases[word.lowercased()]
            guard let symbol, let part = try? steps("\(number.text)\(symbol)"), part < Int.max / 2,
                total < Int.max / 2
            else { return nil }
            total += part
            rest = number.rest[word.endIndex...].drop { $0 == " " }
        }
        return total > 0 ? written(total)?.quoted : nil
    }

    /// Returns the readings of a text whose comma may be a point, or stand between thousands.
    private func withoutComma(_ text: String) -> String? {
        guard text.contains(",") else { return nil }
        let readings = [text.replacing(",", with: "."), text.filter { $0 != "," }]
        let isOfThousands = text.contains(/^\d{1,3}(,\d{3})+\D/)
        let legal = (isOfThousands ? readings : [readings[0]]).filter { (try? steps($0)) != nil }
        return legal.isEmpty ? nil : legal.map(\.quoted).joined(separator: " or ")
    }

    /// Whether a fraction of a unit is a whole number of steps.
    private func isExact(_ number: Decimal, _ unit: QuantityUnit) -> Bool {
        // Each decimal takes a factor of two; a unit is a power of two, or of ten.
        guard number.fraction.count <= 9, let fraction = Int(number.fraction) else { return false }
        let scale = (0..<number.fraction.count).reduce(1) { scale, _ in scale * 10 }
        return (fraction * unit.steps).isMultiple(of: scale)
    }

    private func tooFine(
        _ text: String, _ number: Decimal, _ unit: QuantityUnit
    ) -> JSONComplaint {
        guard unit.decimals > 0 else {
            let whole = number.scaled(by: unit)
            if let least = units.first, unit != least, whole < .max, isExact(number, unit),
                let meant = written(whole)
            {
                return JSONComplaint(
                    "\(text.quoted) has a fraction: did you mean \(meant.quoted)?")
            }
            return JSONComplaint("\(text.quoted) has a fraction: write a whole number")
        }
        return JSONComplaint(
            "\(text.quoted) is too fine: \(unit.symbol) takes at most \(unit.decimals) "
                + "decimals")
    }
}

/// A decimal number at the front of a text, as written, and the rest of the text.
private struct Decimal {
    let whole: Substring
    let fraction: Substring
    let rest: Substring
    let text: Substring

    init?(prefixOf source: Substring) {
        whole = source.prefix(while: \.isDecimalDigit)
        guard !whole.isEmpty else { return nil }
        let tail = source[whole.endIndex...]
        var digits = tail.prefix(0)
        if tail.first == "." {
            digits = tail.dropFirst().prefix(while: \.isDecimalDigit)
            guard !digits.isEmpty else { return nil }
        }
        fraction = digits
        let end = digits.isEmpty ? whole.endIndex : digits.endIndex
        text = source[..<end]
        rest = source[end...]
    }

    var hasLeadingZero: Bool { whole.count > 1 && whole.first == "0" }

    /// Returns the value in steps. The caller has checked that the fraction fits the unit's
    /// decimals, so the division has no remainder.
    func scaled(by unit: QuantityUnit) -> Int {
        guard whole.count <= 18, let whole = Int128(whole) else { return Int.max }
        var scale: Int128 = 1
        for _ in fraction { scale *= 10 }
        let mantissa = whole * scale + (Int128(fraction) ?? 0)
        let steps = mantissa * Int128(unit.steps) / scale
        return Int(exactly: steps) ?? Int.max
    }
}

extension Character {
    /// Whether the character is an ASCII digit: `isNumber` includes Arabic and Devanagari digits,
    /// and a range of characters includes every digit with an accent.
    fileprivate var isDecimalDigit: Bool {
        asciiValue.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }
}
