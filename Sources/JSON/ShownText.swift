/// Escapes text for a terminal. File names, the output of programs and the contents of datagrams
/// are shown through this type; characters that are not shown become `\u{1B}`, as in a string
/// literal.
package enum ShownText {
    /// The maximum length of an untrusted text in a message, in scalars.
    private static let scalarsMax = 4_096

    /// Whether a scalar is printable: it neither controls the terminal nor moves or hides the text
    /// around it. C0 and C1 controls, line feeds and changes of the writing direction are not.
    package static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
            .unassigned:
            false
        default: true
        }
    }

    /// Returns the escape sequence of a scalar: `\u{1B}`.
    package static func escape(_ scalar: Unicode.Scalar) -> String {
        "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
    }

    /// Returns the text with unprintable characters escaped; cut after 4,096 scalars unless
    /// `keepingLines`.
    /// - Parameter keepingLines: Whether line feeds stay: the text has lines of its own.
    package static func of(_ text: String, keepingLines: Bool = false) -> String {
        var shown = String.UnicodeScalarView()
        var left = keepingLines ? Int.max : scalarsMax
        for scalar in text.unicodeScalars {
            guard left > 0 else {
                shown.append("…")
                break
            }
            left -= 1
            if isShown(scalar) || keepingLines && scalar == "\n" {
                shown.append(scalar)
            } else {
                shown.append(contentsOf: escape(scalar).unicodeScalars)
            }
        }
        return String(shown)
    }

    /// Returns JSON text in which unprintable characters of strings are escaped as `\u001b` (RFC
    /// 8259 §7): the meaning is the same, and the text cannot control a terminal.
    static func inJSON(_ text: String) -> String {
        // json-c has escaped everything below a space; all beyond ASCII is inside strings.
        guard text.utf8.contains(where: { $0 >= 0x7F }) else { return text }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\n" || isShown(scalar) {
                shown.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                shown.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
            }
        }
        return String(shown)
    }
}

extension String {
    /// The text for a message, with unprintable characters escaped: a file's name may contain any.
    package var shown: String { ShownText.of(self) }
}
