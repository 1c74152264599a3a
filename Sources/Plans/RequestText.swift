import JSON
import Load

/// Reads the text of a request, or of a pattern in an answer: bytes with placeholders.
enum RequestText {
    enum Form: Sendable {
        /// Characters as they are, in UTF-8.
        case text
        /// Pairs of hexadecimal digits; blanks between them do not count.
        case hex
        /// The bytes of a file: what is no placeholder stands for itself.
        case file
    }

    /// The greatest number of bytes of `{random:N}`.
    static let randomMost = 1_024
    /// The payload of the longest datagram.
    static let bytesMost = PlanLimits.payload.steps.upperBound

    static let placeholders =
        "{seq}, {seq:be16}, {seq:be32}, {run:hex8}, {random:N}, {time:ms}"

    /// Reads a pattern that is text, or hexadecimal digits after `0x`.
    static func pattern(_ text: String) throws(JSONComplaint) -> BytePattern {
        if text.hasPrefix("0x") { return try read(Array(text.utf8), as: .hex) }
        return try read(Array(text.utf8), as: .text)
    }

    static func read(_ bytes: [UInt8], as form: Form) throws(JSONComplaint) -> BytePattern {
        var pieces: [BytePattern.Piece] = []
        var pending: [UInt8] = []
        func flush() throws(JSONComplaint) {
            guard !pending.isEmpty else { return }
            pieces.append(.octets(form == .hex ? try octets(ofDigits: pending) : pending))
            pending = []
        }
        var rest = bytes[...]
        if form == .hex, rest.starts(with: "0x".utf8) { rest = rest.dropFirst(2) }
        while let first = rest.first {
            if first == UInt8(ascii: "{"), let word = word(at: rest) {
                if let piece = try piece(word, as: form) {
                    try flush()
                    pieces.append(piece)
                    rest = rest.dropFirst(word.utf8.count + 2)
                    continue
                }
            }
            pending.append(first)
            rest = rest.dropFirst()
        }
        try flush()
        let pattern = BytePattern(pieces)
        guard (1...bytesMost).contains(pattern.bytesMost) else {
            throw JSONComplaint(
                pattern.bytesMost == 0
                    ? "there is nothing to send: a request has 1 B or more"
                    : "\(pattern.bytesMost) B do not fit into a datagram (legal: up to "
                        + "\(bytesMost) B)")
        }
        return pattern
    }

    /// Returns what stands in the braces that begin the bytes, if it looks like a placeholder:
    /// lowercase letters and digits, with at most a colon between them.
    private static func word(at bytes: ArraySlice<UInt8>) -> String? {
        let inner = bytes.dropFirst().prefix(32)
        guard let end = inner.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let word = inner[..<end]
        let isWord = word.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: ":")
        }
        guard isWord, let first = word.first, first >= UInt8(ascii: "a") else { return nil }
        return String(decoding: word, as: UTF8.self)
    }

    /// Returns the placeholder of a word; nil if the bytes of a file only look like one.
    private static func piece(
        _ word: String, as form: Form
    ) throws(JSONComplaint) -> BytePattern.Piece? {
        switch word {
        case "seq": return .decimal
        case "seq:be16": return .be16
        case "seq:be32": return .be32
        case "run:hex8": return .runHex8
        case "time:ms": return .timeMs
        default: break
        }
        if word.hasPrefix("random:"), let count = Int(word.dropFirst(7)),
            (1...randomMost).contains(count)
        {
            return .random(count: count, isText: form == .text)
        }
        if form == .file { return nil }
        throw JSONComplaint(
            "{\(word)} is no placeholder (legal: \(placeholders), N from 1 to \(randomMost)); to "
                + "send these characters as they are, write them as \"hex\"")
    }

    private static func octets(ofDigits digits: [UInt8]) throws(JSONComplaint) -> [UInt8] {
        let blanks: Set<UInt8> = [9, 10, 13, 32]
        let digits = digits.filter { !blanks.contains($0) }
        if let wrong = digits.first(where: { Hexadecimal.value(of: $0) == nil }) {
            let text = wrong < 0x7f ? String(UnicodeScalar(wrong)).quoted : "a character"
            throw JSONComplaint(
                "\(text) is no hexadecimal digit (legal: 0-9, a-f, and \(placeholders))")
        }
        guard let octets = Hexadecimal.octets(digits) else {
            throw JSONComplaint(
                "\(digits.count) hexadecimal digits in a row are no whole number of bytes")
        }
        return octets
    }
}

extension BytePattern {
    /// Whether a decimal number is directly before a digit, so that its end cannot be seen.
    var hasOpenNumber: Bool {
        zip(pieces, pieces.dropFirst()).contains { one, next in
            guard one == .decimal else { return false }
            switch next {
            case .octets(let octets):
                return octets.first.map {
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                } ?? false
            case .decimal, .runHex8, .timeMs, .random: return true
            case .be16, .be32: return true
            }
        }
    }

    /// Returns the bytes of a pattern without placeholders; nil if there are some.
    var fixedOctets: [UInt8]? {
        var octets: [UInt8] = []
        for piece in pieces {
            guard case .octets(let more) = piece else { return nil }
            octets += more
        }
        return octets
    }
}
