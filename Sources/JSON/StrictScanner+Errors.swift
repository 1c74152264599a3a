/// The messages for unexpected characters, with hints for readers who wrote JavaScript, Python or a
/// comment.
extension StrictScanner {
    func unexpectedValue(_ byte: UInt8) -> JSONError {
        let word = word(at: offset)
        switch byte {
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            guard follows(UInt8(ascii: ",")) else {
                return error(.syntax, "expected a value, found \(describe(byte))")
            }
            return trailingComma(byte)
        case UInt8(ascii: "+"):
            return error(.syntax, "a malformed number: a number has no plus sign")
        case UInt8(ascii: "."):
            return error(.syntax, "a malformed number: a digit must stand before the point")
        case _ where !word.isEmpty: return unexpectedWord(word)
        default: return unexpected("a value", byte)
        }
    }

    private func unexpectedWord(_ word: String) -> JSONError {
        switch word.lowercased() {
        case "nan", "infinity", "inf": return notFinite(word, at: position)
        case "true": return misspelt(word, "true")
        case "false": return misspelt(word, "false")
        case "null", "none", "nil", "undefined": return misspelt(word, "null")
        default:
            let hint =
                openContainer == nil
                ? "this is no JSON, which begins with { (not YAML, TOML or text)"
                : "strings are written in double quotes"
            return error(
                .syntax,
                "expected a value, found \(word.quotedForMessage) without quotes; \(hint)")
        }
    }

    private func misspelt(_ word: String, _ right: String) -> JSONError {
        error(.syntax, "expected a value, found \(word); did you mean \(right)?")
    }

    func notFinite(_ word: String, at position: JSONPosition) -> JSONError {
        error(.syntax, "\(word) is no JSON number; numbers are finite", at: position)
    }

    func unexpectedKey(_ byte: UInt8) -> JSONError {
        let word = word(at: offset)
        if byte == UInt8(ascii: "}") { return trailingComma(byte) }
        guard word.isEmpty else {
            return error(
                .syntax,
                "expected a key, found \(word.quotedForMessage) without quotes; "
                    + "keys are written in double quotes")
        }
        return unexpected("a key in double quotes", byte)
    }

    func unexpectedSeparator(_ byte: UInt8) -> JSONError {
        let end = openContainerEnd ?? "}"
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["):
            return error(
                .syntax, "expected ',' or '\(end)', found \(describe(byte)); is a comma missing?")
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            return error(
                .syntax,
                "expected ',' or '\(end)', found \(describe(byte)): "
                    + "\(openContainer ?? "the document") is still open")
        default: return unexpected("',' or '\(end)'", byte)
        }
    }

    func unexpectedTrailer() -> JSONError {
        guard let byte = current else { return unexpectedEnd() }
        if isComment(byte) { return unexpected("the end of the document", byte) }
        return error(
            .syntax,
            "expected the end of the document, found \(describe(byte)); "
                + "a file holds one JSON value and nothing behind it")
    }

    func unexpectedEnd() -> JSONError {
        guard let openContainer else {
            return error(.truncated, "the document ends before its value")
        }
        return error(.truncated, "the document ends too early: \(openContainer) is not closed")
    }

    func unexpectedEnd(ofStringAt start: JSONPosition) -> JSONError {
        error(.truncated, "the document ends too early: the string at \(start) is not closed")
    }

    private func trailingComma(_ byte: UInt8) -> JSONError {
        error(.syntax, "a trailing comma: no comma stands before \(describe(byte))")
    }

    private func unexpected(_ expected: String, _ byte: UInt8) -> JSONError {
        let hint =
            switch byte {
            case UInt8(ascii: "'"): "; strings are written in double quotes"
            case _ where isComment(byte):
                "; JSON has no comments, a key that starts with x- can hold a remark"
            case 0xE2 where bytes[offset...].starts(with: [0xE2, 0x80]):
                "; quotes are the plain \", not typographic ones"
            default: ""
            }
        return error(.syntax, "expected \(expected), found \(describe(byte))\(hint)")
    }

    private func isComment(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "#") || byte == UInt8(ascii: "/")
    }

    /// Whether the last non-white byte before `offset` is `byte`.
    private func follows(_ byte: UInt8) -> Bool {
        let whitespace: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        return bytes[..<offset].last { !whitespace.contains($0) } == byte
    }

    /// Returns a byte for a message: `'x'`, or the number of a byte that is not printable.
    func describe(_ byte: UInt8) -> String {
        switch byte {
        case 0: "a NUL byte"
        case 0x21...0x7E: "'\(Unicode.Scalar(byte))'"
        default: "byte 0x\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))"
        }
    }
}
