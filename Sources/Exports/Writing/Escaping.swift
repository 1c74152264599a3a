import JSON

/// Escapes of text that may come from outside, one function per form. All of them show control
/// characters, changes of the writing direction and other invisible characters as `\u{1B}`, and cut
/// a text after 4,096 characters.
package enum Escaping {
    /// Returns text for an attribute or the content of an XML element.
    static func xml(_ text: String) -> String {
        text.shown.replacing(["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"])
    }

    /// Returns text for a paragraph or a table of GitHub's Markdown: each character that could
    /// begin markup has a backslash (CommonMark §2.4) or is an entity.
    static func markdown(_ text: String) -> String {
        let escapes: [Unicode.Scalar: String] = [
            "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "|": "\\|", "\\": "\\\\",
            "`": "\\`", "*": "\\*", "_": "\\_", "[": "\\[", "]": "\\]", "~": "\\~", "#": "\\#",
            "!": "\\!", "$": "\\$",
        ]
        // An address in the text must not become a link.
        return text.shown.replacing(escapes).replacing("://", with: ":\\//")
            .replacing("www.", with: "www\\.")
    }

    /// Returns a text cell of a table for spreadsheets (RFC 4180), which do not take it for a
    /// formula.
    static func csv(_ text: String) -> String {
        let shown = text.shown
        let isFormula = shown.first.map { "=+-@".contains($0) } ?? false
        let harmless = isFormula ? "'" + shown : shown
        guard harmless.contains(where: { ",\"\r\n;'".contains($0) }) else { return harmless }
        return "\"" + harmless.replacing(["\"": "\"\""]) + "\""
    }

    /// Returns a label's value in Prometheus' text format.
    static func prometheus(_ text: String) -> String {
        text.shown.replacing(["\\": "\\\\", "\"": "\\\"", "\n": "\\n"])
    }

    /// Returns a tag's value of the line protocol. Of a backslash the protocol makes what the next
    /// character makes of it, so that there is none but in escapes.
    static func influxTag(_ text: String) -> String {
        text.shown.replacing(["\\": "\\u{5C}"]).replacing([",": "\\,", "=": "\\=", " ": "\\ "])
    }

    /// Returns a string field of the line protocol, with its quotes.
    static func influxString(_ text: String) -> String {
        "\"" + text.shown.replacing(["\\": "\\\\", "\"": "\\\""]) + "\""
    }

    /// Returns the message of a workflow command of GitHub.
    static func gitHubMessage(_ text: String) -> String {
        text.shown.replacing(["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    /// Returns the property of a workflow command of GitHub.
    static func gitHubProperty(_ text: String) -> String {
        text.shown.replacing([
            "%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C",
        ])
    }
}

extension String {
    /// Returns the text with characters replaced.
    fileprivate func replacing(_ escapes: [Unicode.Scalar: String]) -> String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if let escape = escapes[scalar] {
                text.append(contentsOf: escape.unicodeScalars)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }
}
