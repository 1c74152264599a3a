extension StrictScanner {
    /// Reads a string, from its opening quote to behind its closing quote.
    ///
    /// - Parameter keepsBytes: whether the decoded UTF-8 is returned, as it is for keys.
    mutating func scanString(keepsBytes: Bool) throws(JSONError) -> [UInt8] {
        let start = position
        var decoded: [UInt8] = []
        var count = 0
        offset += 1
        while true {
            guard let byte = current else { throw unexpectedEnd(ofStringAt: start) }
            if byte == UInt8(ascii: "\"") { break }
            let scalar = try scanScalar(byte, ofStringAt: start)
            count += UTF8.width(scalar)
            guard count <= limits.stringBytesMax else {
                throw error(
                    .limit, "a string longer than \(limits.stringBytesMax) bytes", at: start)
            }
            if keepsBytes, let bytes = UTF8.encode(scalar) { decoded.append(contentsOf: bytes) }
        }
        offset += 1
        return decoded
    }

    private mutating func scanScalar(
        _ byte: UInt8, ofStringAt start: JSONPosition
    ) throws(JSONError) -> Unicode.Scalar {
        switch byte {
        case UInt8(ascii: "\\"): return try scanEscape(ofStringAt: start)
        case ..<0x20: throw rawControl(byte)
        case ..<0x80:
            offset += 1
            return Unicode.Scalar(byte)
        default: return try scanUTF8(byte)
        }
    }

    // MARK: Escapes

    private mutating func scanEscape(
        ofStringAt start: JSONPosition
    ) throws(JSONError) -> Unicode.Scalar {
        guard offset + 1 < bytes.count else {
            offset = bytes.count
            throw unexpectedEnd(ofStringAt: start)
        }
        let scalar: Unicode.Scalar
        switch bytes[offset + 1] {
        case UInt8(ascii: "\""): scalar = "\""
        case UInt8(ascii: "\\"): scalar = "\\"
        case UInt8(ascii: "/"): scalar = "/"
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"): return try scanUnicodeEscape(ofStringAt: start)
        case let other:
            throw error(
                .syntax,
                "no such escape: a backslash before \(describe(other)); "
                    + #"legal are \" \\ \/ \b \f \n \r \t, and \u before four hex digits"#)
        }
        offset += 2
        return scalar
    }

    /// Reads an escape: `\u` and four hexadecimal digits, or two of them that form a surrogate pair
    /// (RFC 8259 §7).
    private mutating func scanUnicodeEscape(
        ofStringAt start: JSONPosition
    ) throws(JSONError) -> Unicode.Scalar {
        let first = try codeUnit(at: offset, ofStringAt: start)
        if let scalar = Unicode.Scalar(first) {
            offset += 6
            return scalar
        }
        guard UTF16.isLeadSurrogate(first), hasEscape(at: offset + 6) else {
            throw loneSurrogate(first)
        }
        let second = try codeUnit(at: offset + 6, ofStringAt: start)
        guard UTF16.isTrailSurrogate(second) else { throw loneSurrogate(first) }
        let plane = UInt32(first - 0xD800) << 10 | UInt32(second - 0xDC00)
        guard let scalar = Unicode.Scalar(0x10000 + plane) else { throw loneSurrogate(first) }
        offset += 12
        return scalar
    }

    private func hasEscape(at index: Int) -> Bool {
        bytes[min(index, bytes.count)...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
    }

    /// Returns the value of the `\u` escape whose backslash is at `index`.
    private mutating func codeUnit(
        at index: Int, ofStringAt start: JSONPosition
    ) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for digitAt in index + 2..<index + 6 {
            guard digitAt < bytes.count else {
                offset = bytes.count
                throw unexpectedEnd(ofStringAt: start)
            }
            guard let digit = Self.hexadecimalDigit(bytes[digitAt]) else {
                throw error(.syntax, "\\u must be followed by four hexadecimal digits")
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    // MARK: UTF-8

    /// Reads one multi-byte scalar by the table of RFC 3629 §4: for every first byte, the number of
    /// bytes that follow and the range of the second, which excludes overlong forms, surrogates and
    /// values beyond U+10FFFF.
    private mutating func scanUTF8(_ lead: UInt8) throws(JSONError) -> Unicode.Scalar {
        let second: ClosedRange<UInt8>
        let following: Int
        switch lead {
        case 0xC2...0xDF: (following, second) = (1, 0x80...0xBF)
        case 0xE0: (following, second) = (2, 0xA0...0xBF)
        case 0xED: (following, second) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (following, second) = (2, 0x80...0xBF)
        case 0xF0: (following, second) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (following, second) = (3, 0x80...0xBF)
        case 0xF4: (following, second) = (3, 0x80...0x8F)
        default: throw invalidUTF8(lead, second: nil)
        }
        var value = UInt32(lead) & (0x3F >> UInt32(following))
        for index in 1...following {
            guard offset + index < bytes.count else { throw invalidUTF8(lead, second: nil) }
            let byte = bytes[offset + index]
            guard (index == 1 ? second : 0x80...0xBF).contains(byte) else {
                throw invalidUTF8(lead, second: index == 1 ? byte : nil)
            }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        guard let scalar = Unicode.Scalar(value) else { throw invalidUTF8(lead, second: nil) }
        offset += following + 1
        continuationBytes += following
        return scalar
    }

    // MARK: Errors

    private func invalidUTF8(_ lead: UInt8, second: UInt8?) -> JSONError {
        let continues = second.map { (0x80...0xBF).contains($0) } ?? false
        let reason =
            switch lead {
            case 0x80...0xBF: "a continuation byte without a first one"
            case 0xC0, 0xC1: "an overlong form"
            case 0xE0 where continues, 0xF0 where continues: "an overlong form"
            case 0xED where continues: "an encoded surrogate"
            case 0xF4 where continues, 0xF5...: "beyond U+10FFFF"
            default: "a truncated character"
            }
        return error(
            .encoding,
            "invalid UTF-8 at byte \(offset): 0x\(String(lead, radix: 16)) is \(reason)")
    }

    private func loneSurrogate(_ unit: UInt16) -> JSONError {
        error(
            .encoding,
            "\\u\(String(unit, radix: 16)) at byte \(offset) is half of a surrogate pair; "
                + "the other half is missing")
    }

    private func rawControl(_ byte: UInt8) -> JSONError {
        let hint =
            switch byte {
            case 0x0A: "; a string cannot span lines, write \\n"
            case 0x09: "; write \\t"
            case 0x0D: "; write \\r"
            default: "; write it as \\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))"
            }
        return error(.syntax, "a raw control character (\(describe(byte))) in a string\(hint)")
    }
}
