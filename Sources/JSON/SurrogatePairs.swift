/// Escaped surrogate pairs of JSON text (RFC 8259 §7), as the characters that they mean.
///
/// json-c 0.16 decodes a pair and then looks at the last 16 bits of the result as if they were a
/// surrogate still: of the characters that end in D800 to DFFF, such as U+2D800, it makes U+FFFD.
/// So it gets them unescaped.
enum SurrogatePairs {
    private static let backslash = UInt8(ascii: "\\")
    /// `\ud83d\ude00`
    private static let pairBytes = 12
    private static let escapeBytes = 6

    /// The text without escaped pairs. The strict scan has accepted it: outside of strings there is
    /// no backslash, and behind a high surrogate comes a low one.
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
                // The escaped character too: it may be a backslash.
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
