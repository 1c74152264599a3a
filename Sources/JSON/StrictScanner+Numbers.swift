extension StrictScanner {
    /// Reads a number by the grammar of RFC 8259 §6 and checks that it can be represented: an
    /// integer in 64 bits with sign; any other number as a finite double that is 0 only for a
    /// literal of 0.
    mutating func scanNumber() throws(JSONError) {
        let start = position
        if current == UInt8(ascii: "-") { offset += 1 }
        try scanIntegerPart(start)
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            guard skipDigits() > 0 else {
                throw malformed(start, "a digit must follow the decimal point")
            }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            try scanExponent(start)
        }
        try checkNumberEnd(start)
        let text = String(decoding: bytes[start.offset..<offset], as: UTF8.self)
        guard text.utf8.count <= limits.numberBytesMax else {
            throw error(
                .limit, "a number longer than \(limits.numberBytesMax) characters", at: start)
        }
        try isInteger ? checkInteger(text, at: start) : checkDouble(text, at: start)
    }

    private mutating func scanIntegerPart(_ start: JSONPosition) throws(JSONError) {
        let startsWithZero = current == UInt8(ascii: "0")
        let digits = skipDigits()
        if digits == 0 {
            let word = word(at: offset)
            if word == "Infinity" || word == "inf" { throw notFinite("-" + word, at: start) }
            throw malformed(start, "a digit must follow the minus sign")
        }
        guard !startsWithZero || digits == 1 else {
            throw malformed(start, "a number has no leading zero")
        }
    }

    private mutating func scanExponent(_ start: JSONPosition) throws(JSONError) {
        offset += 1
        if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
        guard skipDigits() > 0 else {
            throw malformed(start, "a digit must follow the exponent's e")
        }
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            offset += 1
        }
        return offset - start
    }

    /// Rejects a number that other characters follow, such as `10s` and `0.1%`, with a more precise
    /// message than "unexpected character".
    private func checkNumberEnd(_ start: JSONPosition) throws(JSONError) {
        guard let byte = current else { return }
        let number = String(decoding: bytes[start.offset..<offset].prefix(32), as: UTF8.self)
        if number == "0", byte == UInt8(ascii: "x") || byte == UInt8(ascii: "X") {
            throw malformed(start, "numbers are decimal in JSON")
        }
        let unit = byte == UInt8(ascii: "%") ? "%" : word(at: offset)
        guard unit.isEmpty else {
            throw error(
                .syntax,
                "a quantity with a unit is written in quotes: \"\(number)\(unit)\"", at: start)
        }
        guard byte != UInt8(ascii: "_") else {
            throw malformed(start, "digits cannot be grouped")
        }
    }

    private func checkInteger(_ text: String, at start: JSONPosition) throws(JSONError) {
        guard Int(text) == nil else { return }
        throw error(
            .range, "the integer \(Self.shortened(text)) is out of range: -2^63 to 2^63-1",
            at: start)
    }

    /// Checks that a number is a finite double. `Double(_:)` of the standard library rounds to
    /// nearest and does not depend on the locale.
    private func checkDouble(_ text: String, at start: JSONPosition) throws(JSONError) {
        guard let number = Double(text), number.isFinite else {
            throw error(
                .range,
                "the number \(Self.shortened(text)) is out of range: "
                    + "at most 1.7976931348623157e308", at: start)
        }
        let mantissa = text.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        let saysZero = !mantissa.contains { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
        guard number != 0 || saysZero else {
            throw error(
                .range,
                "the number \(Self.shortened(text)) is out of range: "
                    + "it would be rounded to 0", at: start)
        }
    }

    private static func shortened(_ text: String) -> String {
        text.utf8.count <= 48 ? text : text.prefix(45) + "…"
    }

    private func malformed(_ start: JSONPosition, _ reason: String) -> JSONError {
        error(.syntax, "a malformed number: \(reason)", at: start)
    }
}
