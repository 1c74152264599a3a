/// The key of a session's authenticated mode: HMAC-SHA-256 (RFC 2104) truncated to 128 bits
/// (RFC 8762 §4.4), the state after the key's block kept, so that a tag costs no hash of the key.
///
/// The value describes itself without the key, whatever prints it.
package struct AuthenticationKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// The most bytes of a key. A longer one than a block is hashed first (RFC 2104 §2).
    package static let maximumBytes = 1_024

    private let inner: SHA256
    private let outer: SHA256

    package init(_ key: [UInt8]) {
        var block = key
        if key.count > SHA256.blockBytes {
            var hash = SHA256()
            key.withUnsafeBytes { hash.update($0) }
            block = Self.bytes(of: hash.finished())
        }
        block += [UInt8](repeating: 0, count: SHA256.blockBytes - block.count)
        func padded(_ pad: UInt8) -> SHA256 {
            var hash = SHA256()
            block.map { $0 ^ pad }.withUnsafeBytes { hash.update($0) }
            return hash
        }
        inner = padded(0x36)
        outer = padded(0x5c)
    }

    package var description: String { "a key" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Returns the tag of a message of two parts, the second of which may be empty.
    func tag(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> AuthenticationTag {
        AuthenticationTag(digest(first, second))
    }

    func digest(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> SIMD8<UInt32>
    {
        var hash = inner
        hash.update(first)
        hash.update(second)
        var words = hash.finished()
        for index in words.indices { words[index] = words[index].bigEndian }
        var whole = outer
        withUnsafeBytes(of: &words) { whole.update($0) }
        return whole.finished()
    }

    private static func bytes(of digest: SIMD8<UInt32>) -> [UInt8] {
        digest.indices.flatMap { index in
            stride(from: 24, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: digest[index] >> UInt32($0))
            }
        }
    }
}

/// The 16 bytes of a tag.
struct AuthenticationTag: Sendable {
    static let bytes = 16

    private let words: SIMD4<UInt32>

    init(_ digest: SIMD8<UInt32>) { words = digest.lowHalf }

    /// Whether the bytes are this tag. The time does not depend on the place of a difference.
    func isAt(_ place: UnsafeRawPointer) -> Bool {
        var difference: UInt32 = 0
        for index in 0..<4 {
            difference |=
                words[index]
                ^ UInt32(bigEndian: place.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
        }
        return difference == 0
    }

    func write(at place: UnsafeMutableRawPointer) {
        for index in 0..<4 {
            place.storeBytes(of: words[index].bigEndian, toByteOffset: 4 * index, as: UInt32.self)
        }
    }
}

extension AuthenticationKey {
    /// A text that is no key.
    package enum Fault: Error, Equatable, CustomStringConvertible {
        case empty, tooLong, noHexadecimal

        package var description: String {
            switch self {
            case .empty: "holds no key"
            case .tooLong: "holds a key above \(AuthenticationKey.maximumBytes) bytes"
            case .noHexadecimal:
                "begins with hex: and then is no even number of hexadecimal digits"
            }
        }
    }

    /// Reads a key's file: its bytes without the end of the line, or, after `hex:`, the bytes that
    /// the hexadecimal digits give.
    package init(file: [UInt8]) throws(Fault) {
        var key = file
        if key.last == UInt8(ascii: "\n") { key.removeLast() }
        if key.last == UInt8(ascii: "\r") { key.removeLast() }
        if key.starts(with: "hex:".utf8) { key = try Self.binary(key.dropFirst(4)) }
        guard !key.isEmpty else { throw .empty }
        guard key.count <= Self.maximumBytes else { throw .tooLong }
        self.init(key)
    }

    private static func binary(_ digits: ArraySlice<UInt8>) throws(Fault) -> [UInt8] {
        let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard values.count == digits.count, values.count.isMultiple(of: 2) else {
            throw .noHexadecimal
        }
        return stride(from: 0, to: values.count, by: 2).map {
            UInt8(values[$0] << 4 | values[$0 + 1])
        }
    }
}
