/// Replaces escaped surrogate pairs of JSON text (RFC 8259 §7) by their characters.
///
/// json-c 0.16 decodes a pair and then takes the last 16 bits of the result for a surrogate:
/// characters that end in D800 to DFFF, such as U+2D800, become U+FFFD. So json-c gets pairs
/// unescaped.
enum SurrogatePairs {
    private static let backslash = UInt8(ascii: "\\")
    /// The length of an escaped pair: `\ud83d\ude00`.
    private static let pairBytes = 12
    private static let escapeBytes = 6

    /// Returns the text without escaped pairs. The strict scan has accepted the text: there are no
    /// backslashes outside strings, and a low surrogate follows every high one.
    static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard bytes.contains(backslash) else { return Array(bytes) }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var rest = bytes
        while let start = rest.firstIndex(of: backslash) {
            text += rest[..<start]
            rest = rest[start...]
            if let scalar = pair(rest) {
                text += Array(String(scalar).utf8)
                rest = rest.dropFirst(pairBytes)
            } else {
                // The escaped character is copied too: it may be a backslash.
                text += rest.prefix(2)
                rest = rest.dropFirst(2)
            }
        }
        return text + rest
    }

    private static func pair(_ text: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let high = unit(text), let low = unit(text.dropFirst(escapeBytes)),
            UTF16.isLeadSurrogate(high), UTF16.isTrailSurrogate(low)
        else { return nil }
        return String(decoding: [high, low], as: UTF16.self).unicodeScalars.first
    }

    private static func unit(_ text: ArraySlice<UInt8>) -> UInt16? {
        let escape = text.prefix(escapeBytes)
        guard escape.count == escapeBytes, escape.starts(with: [backslash, UInt8(ascii: "u")])
        else { return nil }
        return UInt16(String(decoding: escape.dropFirst(2), as: UTF8.self), radix: 16)
    }
}
