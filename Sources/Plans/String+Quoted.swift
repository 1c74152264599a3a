import JSON

extension StringProtocol {
    /// The text of a plan in double quotes for a message: shortened, with unprintable characters
    /// escaped, because a message must not be able to move the cursor of a terminal.
    var quoted: String {
        let bytesMax = 64
        var result = "\""
        for scalar in unicodeScalars {
            if result.utf8.count > bytesMax { return result + "…\"" }
            if scalar == "\"" || scalar == "\\" {
                result += "\\\(scalar)"
            } else if ShownText.isShown(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += ShownText.escape(scalar)
            }
        }
        return result + "\""
    }
}

extension Sequence<String> {
    /// The texts as `"a", "b"`, for a message.
    var quotedList: String { map(\.quoted).joined(separator: ", ") }
}

extension [String] {
    /// `"a"`, `"a" or "b"`, `"a", "b" or "c"`.
    var quotedAlternatives: String {
        guard count > 1, let last else { return quotedList }
        return Array(dropLast()).quotedList + " or " + last.quoted
    }
}

extension UInt8 {
    /// Whether the byte may occur in names, names of interfaces and host names: A-Z a-z 0-9 . _ -
    var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
