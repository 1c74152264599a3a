@testable import JSON

/// RFC 8259 in the slow, obvious way: by recursion over Unicode scalars, with the standard
/// library judging UTF-8 and a regular expression judging numbers. It shares no code with the
/// strict scan, and answers nil for everything that it does not accept.
struct ReferenceParser {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var parser = ReferenceParser(scalars: Array(text.unicodeScalars))
        guard let value = parser.value() else { return nil }
        parser.skipSpace()
        return parser.index == parser.scalars.count ? value : nil
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func skipSpace() {
        while let scalar = next, " \t\n\r".unicodeScalars.contains(scalar) { index += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func value() -> JSONValue? {
        skipSpace()
        switch next {
        case "{": return object()
        case "[": return array()
        case "\"": return string().map(JSONValue.string)
        case "t": return word("true", .bool(true))
        case "f": return word("false", .bool(false))
        case "n": return word("null", .null)
        default: return number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) -> JSONValue? {
        for scalar in word.unicodeScalars {
            guard take(scalar) else { return nil }
        }
        return value
    }

    private mutating func array() -> JSONValue? {
        var elements: [JSONValue] = []
        guard take("[") else { return nil }
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            guard let element = value() else { return nil }
            elements.append(element)
            skipSpace()
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func object() -> JSONValue? {
        var members: [JSONMember] = []
        guard take("{") else { return nil }
        skipSpace()
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard let key = string(), !key.unicodeScalars.contains("\0") else { return nil }
            guard !members.contains(where: { Array($0.key.utf8) == Array(key.utf8) }) else {
                return nil
            }
            skipSpace()
            guard take(":"), let value = value() else { return nil }
            members.append(JSONMember(key: key, value: value))
            skipSpace()
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    /// Collects UTF-16 code units, so that a surrogate pair puts itself together.
    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var units: [UInt16] = []
        while let scalar = next {
            index += 1
            if scalar == "\"" { return String(validating: units, as: UTF16.self) }
            if scalar.value < 0x20 { return nil }
            if scalar != "\\" {
                units += Array(String(scalar).utf16)
            } else {
                guard let unit = escape() else { return nil }
                units.append(unit)
            }
        }
        return nil
    }

    private mutating func escape() -> UInt16? {
        guard let scalar = next else { return nil }
        index += 1
        let plain: [Unicode.Scalar: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 0xC, "n": 0xA, "r": 0xD, "t": 9,
        ]
        if let unit = plain[scalar] { return unit }
        guard scalar == "u", index + 4 <= scalars.count else { return nil }
        let digits = scalars[index..<index + 4]
        index += 4
        guard digits.allSatisfy({ $0.isASCII && $0.properties.isASCIIHexDigit }) else {
            return nil
        }
        return UInt16(digits.map { String($0) }.joined(), radix: 16)
    }

    private mutating func number() -> JSONValue? {
        let letters = scalars[index...].prefix { "+-.0123456789eE".unicodeScalars.contains($0) }
        let text = letters.map { String($0) }.joined()
        let grammar = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+\-]?[0-9]+)?/
        guard let match = text.wholeMatch(of: grammar) else { return nil }
        index += letters.count
        if match.2 == nil, match.3 == nil { return Int(text).map(JSONValue.integer) }
        guard let number = Double(text), number.isFinite else { return nil }
        let mantissa = text.split(whereSeparator: { "eE".contains($0) })[0]
        if number == 0, mantissa.contains(where: { "123456789".contains($0) }) { return nil }
        return .number(number)
    }
}
