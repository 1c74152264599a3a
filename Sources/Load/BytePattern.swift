/// A content of bytes in which some parts differ between datagrams.
package struct BytePattern: Sendable, Equatable {
    package enum Piece: Sendable, Equatable {
        case octets([UInt8])
        /// The number of the request in decimal digits.
        case decimal
        /// The low 16 bits of the number, in network byte order.
        case be16
        /// The low 32 bits of the number, in network byte order.
        case be32
        /// Eight hexadecimal digits, the same in all requests of a flow and of no other.
        case runHex8
        /// Random bytes, any or of `a`–`z` and `0`–`9`.
        case random(count: Int, isText: Bool)
        /// The wall-clock time of sending in milliseconds since 1970, 13 decimal digits.
        case timeMs
    }

    package var pieces: [Piece]

    package init(_ pieces: [Piece]) { self.pieces = pieces }

    package init(octets: [UInt8]) { pieces = [.octets(octets)] }
}

extension BytePattern.Piece {
    /// The length of the longest decimal number: sequence numbers end at 2^62.
    package static let decimalBytesMost = 19
    package static let timeBytes = 13
    package static let runBytes = 8

    /// The greatest number of bytes.
    package var bytesMost: Int {
        switch self {
        case .octets(let octets): octets.count
        case .decimal: Self.decimalBytesMost
        case .be16: 2
        case .be32: 4
        case .runHex8: Self.runBytes
        case .random(let count, _): count
        case .timeMs: Self.timeBytes
        }
    }

    /// The bits of the request's number that the piece has; nil if it has none of them.
    package var numberBits: Int? {
        switch self {
        case .decimal: 63
        case .be16: 16
        case .be32: 32
        case .octets, .runHex8, .random, .timeMs: nil
        }
    }
}

extension BytePattern {
    /// The greatest number of bytes.
    package var bytesMost: Int { pieces.reduce(0) { $0 + $1.bytesMost } }

    /// The bits of the request's number in the content; nil without a number.
    package var numberBits: Int? { pieces.compactMap(\.numberBits).max() }
}

extension BytePattern: Codable {
    /// A piece as a word, so that a content of 64 KiB is one short string in a message.
    package init(from decoder: any Decoder) throws {
        var words = try decoder.unkeyedContainer()
        pieces = []
        while !words.isAtEnd {
            let word = try words.decode(String.self)
            guard let piece = Piece(word: word) else {
                throw DecodingError.dataCorruptedError(
                    in: words, debugDescription: "\(word) is no piece of a request")
            }
            pieces.append(piece)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var words = encoder.unkeyedContainer()
        for piece in pieces { try words.encode(piece.word) }
    }
}

extension BytePattern.Piece {
    fileprivate var word: String {
        switch self {
        case .octets(let octets): "=" + Hexadecimal.text(octets)
        case .decimal: "seq"
        case .be16: "be16"
        case .be32: "be32"
        case .runHex8: "run"
        case .random(let count, let isText): (isText ? "text" : "random") + ":\(count)"
        case .timeMs: "time"
        }
    }

    fileprivate init?(word: String) {
        switch word {
        case "seq": self = .decimal
        case "be16": self = .be16
        case "be32": self = .be32
        case "run": self = .runHex8
        case "time": self = .timeMs
        default:
            if word.first == "=" {
                guard let octets = Hexadecimal.octets(word.dropFirst().utf8) else { return nil }
                self = .octets(octets)
                return
            }
            let parts = word.split(separator: ":")
            guard parts.count == 2, let count = Int(parts[1]), count > 0,
                ["text", "random"].contains(parts[0])
            else { return nil }
            self = .random(count: count, isText: parts[0] == "text")
        }
    }
}

/// Bytes as hexadecimal digits.
package enum Hexadecimal {
    package static func text(_ octets: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }

    /// Returns the bytes of pairs of digits; nil if there is another character, or an odd number.
    package static func octets(_ digits: some Collection<UInt8>) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            if let first = high {
                octets.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return octets
    }

    package static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
