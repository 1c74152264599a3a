/// Text that a terminal shows and never obeys. What people see of file names, of a program's output
/// or of a datagram goes through here, and what is not shown as it is has the form of a string
/// literal: `\u{1B}`.
package enum ShownText {
    /// How much of a text from outside goes into a message, in scalars.
    private static let scalarsMax = 4_096

    /// Whether a terminal shows the scalar, and neither obeys it nor moves or hides what stands
    /// around it: C0 and C1 controls, line feeds, changes of the writing direction.
    package static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
            .unassigned:
            false
        default: true
        }
    }

    /// `\u{1B}`
    package static func escape(_ scalar: Unicode.Scalar) -> String {
        "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
    }

    /// The text with what is not shown escaped; cut after 4,096 scalars.
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

    /// JSON text in which strings have what is not shown as `\u001b` (RFC 8259 §7): they mean the
    /// same, and a terminal that shows the text obeys nothing in it.
    static func inJSON(_ text: String) -> String {
        // Below a space json-c has escaped everything; beyond ASCII all is inside of strings.
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
    /// The text for a message: a file's name may have anything in it.
    package var shown: String { ShownText.of(self) }
}
