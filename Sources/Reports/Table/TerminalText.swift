import JSON

/// Text for the columns of a terminal. A character is assumed to be one column wide.
package enum TerminalText {
    /// The maximum number of scalars per column that are examined: characters consist of several
    /// scalars, and a long text is not examined in full.
    private static let scalarsPerColumn = 8

    /// Returns the text with each control character replaced by `?`, for columns. Names in a report
    /// may come from a program under test.
    package static func harmless(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { ShownText.isShown($0) ? $0 : "?" }))
    }

    /// Returns at most `width` characters, with `…` in place of the omitted middle.
    package static func elided(_ text: String, to width: Int) -> String {
        let most = max(1, width) * scalarsPerColumn
        if text.utf8.count > 2 * most {
            let scalars = text.unicodeScalars
            if scalars.count > 2 * most {
                let ends = String(scalars.prefix(most)) + "…" + String(scalars.suffix(most))
                return elidedCharacters(ends, to: width)
            }
        }
        return elidedCharacters(text, to: width)
    }

    private static func elidedCharacters(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        guard width > 1 else { return String(text.prefix(width)) }
        let tail = (width - 1) / 2
        return text.prefix(width - 1 - tail) + "…" + text.suffix(tail)
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + spaces(width - text.count)
    }

    static func right(_ text: String, _ width: Int) -> String {
        spaces(width - text.count) + text
    }

    static func spaces(_ count: Int) -> String {
        String(repeating: " ", count: max(0, count))
    }

    /// Returns lines of `width` filled with the parts; only a part that alone is too long is
    /// elided.
    static func lines(
        of parts: [String], separator: String, indent: Int, width: Int
    ) -> [String] {
        let room = max(1, width - indent)
        var lines: [String] = []
        for part in parts.map({ elided($0, to: room) }) {
            if let last = lines.last, last.count + separator.count + part.count <= room {
                lines[lines.count - 1] += separator + part
            } else {
                lines.append(part)
            }
        }
        return lines.map { spaces(indent) + $0 }
    }

    /// Returns the lines of a sentence, which may come from outside.
    static func sentence(_ text: String, indent: Int, width: Int) -> [String] {
        let words = harmless(text).split(separator: " ").map(String.init)
        return lines(of: words, separator: " ", indent: indent, width: width)
    }
}

/// Colours of a terminal (ECMA-48 §8.3.117, SGR), if enabled.
struct TerminalStyle {
    enum Colour: Int {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
        case magenta = 35
    }

    let isOn: Bool

    func callAsFunction(_ colour: Colour, _ text: String) -> String {
        isOn ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
