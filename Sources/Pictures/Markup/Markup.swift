import JSON

/// Text of HTML or SVG, made of elements and of text.
///
/// Text becomes markup through ``escaped(_:)`` alone, and so does the value of every attribute: a
/// name from a plan or a server cannot become an element. Names of elements and attributes are
/// literals.
package struct Markup: Sendable, Equatable {
    /// The text of a page.
    package private(set) var text = ""

    private init(verbatim text: String) { self.text = text }

    /// Makes text, which is escaped.
    init(_ text: String) { self.text = Self.escaped(text) }

    /// Returns text in which no character is markup, controls the terminal of a person who reads
    /// the source, or changes the writing direction: `<b>` is `&lt;b&gt;`, and U+202E is
    /// `\u{202E}`.
    static func escaped(_ text: String) -> String {
        if text.utf8.count <= plainBytesMax, text.utf8.allSatisfy(isPlain) { return text }
        var escaped = ""
        for scalar in ShownText.of(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// The longest text that is examined as bytes; it has at most that many scalars.
    private static let plainBytesMax = 1_024

    /// Whether a byte is a printable character of ASCII that has no meaning in markup.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
            UInt8(ascii: "'"):
            false
        default: (0x20..<0x7F).contains(byte)
        }
    }

    /// Returns an element with content: `<p class="note">…</p>`.
    static func element(
        _ name: StaticString, _ attributes: [Attribute] = [], _ content: Markup...
    ) -> Markup {
        element(name, attributes, all: content)
    }

    static func element(
        _ name: StaticString, _ attributes: [Attribute] = [], all content: [Markup]
    ) -> Markup {
        var text = opening(name, attributes) + ">"
        for part in content { text += part.text }
        return Markup(verbatim: text + "</\(name)>")
    }

    /// Returns an element without content: `<line x1="0"/>`.
    static func shape(_ name: StaticString, _ attributes: [Attribute]) -> Markup {
        Markup(verbatim: opening(name, attributes) + "/>")
    }

    private static func opening(_ name: StaticString, _ attributes: [Attribute]) -> String {
        attributes.reduce("<\(name)") { $0 + " \($1.name)=\"\($1.text)\"" }
    }

    /// Returns the rules of a style sheet, which are a literal of this program.
    static func style(_ rules: StaticString) -> Markup {
        Markup(verbatim: "<style>\(rules)</style>")
    }

    /// The start of a page, by which a browser takes it for today's HTML.
    static let documentType = Markup(verbatim: "<!DOCTYPE html>\n")

    /// The whole without parts.
    static let none = Markup(verbatim: "")

    static func + (one: Markup, other: Markup) -> Markup {
        Markup(verbatim: one.text + other.text)
    }

    static func += (one: inout Markup, other: Markup) { one.text += other.text }
}

extension Markup: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}

extension Sequence where Element == Markup {
    /// The parts one after the other, each on its line.
    func joined() -> Markup {
        reduce(into: Markup.none) { whole, part in
            whole += part
            whole.breakLine()
        }
    }
}

extension Markup {
    /// Ends the line, so that a page can be read as text; a browser shows nothing of it between
    /// elements.
    fileprivate mutating func breakLine() {
        if !text.isEmpty { text += "\n" }
    }
}
