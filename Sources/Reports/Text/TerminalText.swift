import JSON

/// Text for the columns of a terminal; its length is counted in columns.
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

    /// Returns at most `width` columns, with `…` in place of the omitted middle.
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
        guard self.width(text) > width else { return text }
        guard width > 1 else { return fitting(text, width) }
        let tail = (width - 1) / 2
        let end = String(fitting(String(text.reversed()), tail).reversed())
        return fitting(text, width - 1 - tail) + "…" + end
    }

    /// Returns the first characters of the text that fit the width.
    private static func fitting(_ text: String, _ width: Int) -> String {
        var left = width
        return String(
            text.prefix { character in
                left -= self.width(character)
                return left >= 0
            })
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + spaces(width - self.width(text))
    }

    static func right(_ text: String, _ width: Int) -> String {
        spaces(width - self.width(text)) + text
    }

    package static func spaces(_ count: Int) -> String {
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
            if let last = lines.last, self.width(last) + separator.count + self.width(part) <= room
            {
                lines[lines.count - 1] += separator + part
            } else {
                lines.append(part)
            }
        }
        return lines.map { spaces(indent) + $0 }
    }

    /// Returns the lines of a sentence, which may come from outside. A word that is longer than a
    /// line goes on in the next one, for up to `linesOfWordMax` lines.
    package static func sentence(_ text: String, indent: Int, width: Int) -> [String] {
        let room = max(1, width - indent)
        let words = harmless(text).split(separator: " ").flatMap { pieces(String($0), room) }
        return lines(of: words, separator: " ", indent: indent, width: width)
    }

    private static let linesOfWordMax = 20

    private static func pieces(_ word: String, _ room: Int) -> [String] {
        guard self.width(word) > room else { return [word] }
        var rest = elided(word, to: linesOfWordMax * room)[...]
        var pieces: [String] = []
        while !rest.isEmpty {
            let piece = fitting(String(rest), room)
            // A wide character in a room of one column.
            pieces.append(piece.isEmpty ? String(rest.prefix(1)) : piece)
            rest = rest.dropFirst(max(1, piece.count))
        }
        return pieces
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
