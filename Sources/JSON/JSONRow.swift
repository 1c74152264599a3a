/// The text of a value on one line, if it is a row of a table: numbers, words, and objects and
/// arrays of them.
enum JSONRow {
    /// A longer row is written like any other value.
    private static let bytesMax = 1_000
    private static let wordBytesMax = 24

    /// Returns the text; nil for a value that is no row, is too long or cannot be written.
    static func text(of value: JSONValue) -> String? {
        var text = ""
        return append(value, to: &text) ? text : nil
    }

    /// - Returns: Whether the value is a row, and the text is not too long.
    private static func append(_ value: JSONValue, to text: inout String) -> Bool {
        switch value {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .integer(let integer): text += String(integer)
        case .number(let number):
            guard number.isFinite else { return false }
            text += number.description
        case .string(let string):
            guard isWord(string) else { return false }
            text += "\"\(string)\""
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += ", " }
                guard append(element, to: &text) else { return false }
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                guard isWord(member.key),
                    !members[..<index].contains(where: { $0.key == member.key })
                else { return false }
                text += (index > 0 ? ", \"" : "\"") + member.key + "\": "
                guard append(member.value, to: &text) else { return false }
            }
            text += "}"
        }
        return text.utf8.count <= bytesMax
    }

    /// Whether a string needs no escapes and is short: a key, a name of an account.
    private static func isWord(_ string: String) -> Bool {
        string.utf8.count <= wordBytesMax
            && string.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "."), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}
