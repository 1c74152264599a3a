import JSON

extension TerminalText {
    /// Returns received bytes as text that cannot control a terminal: UTF-8 unchanged; control
    /// characters, changes of the writing direction and bytes that are not UTF-8 escaped as in a
    /// string literal: `\n`, `\u{1B}`, `\xFF`. A backslash is doubled, so that a received escape
    /// sequence is not taken for one made here.
    package static func escaped(_ octets: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        var rest = octets[...]
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = octets.makeIterator()
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                rest = rest.dropFirst(encoded.count)
                append(Unicode.UTF8.decode(encoded), to: &text)
            case .error(let length):
                for octet in rest.prefix(length) { append(octet: octet, to: &text) }
                rest = rest.dropFirst(length)
            case .emptyInput: return String(text)
            }
        }
    }

    /// Whether the bytes are UTF-8 that is harmless to a terminal once JSON has escaped characters
    /// below U+0020 (RFC 8259 §7).
    package static func isPlainInJSON(_ octets: some Collection<UInt8>) -> Bool {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = octets.makeIterator()
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if scalar.value >= 0x20, !ShownText.isShown(scalar) { return false }
            case .error: return false
            case .emptyInput: return true
            }
        }
    }

    /// Returns the bytes as `68 65 6C 6C 6F`.
    package static func hexadecimal(_ octets: some Collection<UInt8>) -> String {
        octets.map(hex).joined(separator: " ")
    }

    private static func hex(_ octet: UInt8) -> String {
        (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
    }

    /// Appends a byte that stands for no character.
    static func append(octet: UInt8, to text: inout String.UnicodeScalarView) {
        text.append(contentsOf: "\\x\(hex(octet))".unicodeScalars)
    }

    /// Appends a received character, escaped if a terminal obeys it.
    static func append(
        _ scalar: Unicode.Scalar, to text: inout String.UnicodeScalarView
    ) {
        switch scalar {
        case "\n": text.append(contentsOf: "\\n".unicodeScalars)
        case "\r": text.append(contentsOf: "\\r".unicodeScalars)
        case "\t": text.append(contentsOf: "\\t".unicodeScalars)
        case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
        default:
            guard !ShownText.isShown(scalar) else { return text.append(scalar) }
            text.append(contentsOf: ShownText.escape(scalar).unicodeScalars)
        }
    }
}
