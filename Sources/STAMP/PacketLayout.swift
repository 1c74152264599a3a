/// The places of the fields in a STAMP packet (RFC 8762 §§4.2, 4.3; RFC 8972 §3), in bytes.
///
///                               unauthenticated        authenticated
///                              sender  reflected      sender  reflected
///     sequence number            0         0             0        0
///     timestamp                  4         4            16       16
///     error estimate            12        12            24       24
///     session identifier        14        14            26       26
///     receive timestamp          ·        16             ·       32
///     sender's sequence          ·        24             ·       48
///     sender's timestamp         ·        28             ·       64
///     sender's error estimate    ·        36             ·       72
///     sender's TTL               ·        40             ·       80
///     HMAC of bytes 0 ..< 96     ·         ·            96       96
///     TLVs                      44        44           112      112
///
/// All other bytes before the TLVs are zero when sent, and ignored when received.
package struct PacketLayout: Sendable, Equatable {
    package let isAuthenticated: Bool

    package init(isAuthenticated: Bool) { self.isAuthenticated = isAuthenticated }

    package static let baseBytes = 44
    package static let authenticatedBytes = 112
    static let macOffset = 96

    /// The bytes of a packet without TLVs.
    package var baseBytes: Int {
        isAuthenticated ? Self.authenticatedBytes : Self.baseBytes
    }
    package var timestamp: Int { isAuthenticated ? 16 : 4 }
    package var errorEstimate: Int { isAuthenticated ? 24 : 12 }
    package var session: Int { isAuthenticated ? 26 : 14 }
    package var receiveTimestamp: Int { isAuthenticated ? 32 : 16 }
    package var senderSequence: Int { isAuthenticated ? 48 : 24 }
    package var senderTimestamp: Int { isAuthenticated ? 64 : 28 }
    package var senderErrorEstimate: Int { isAuthenticated ? 72 : 36 }
    package var senderHopLimit: Int { isAuthenticated ? 80 : 40 }
}

extension UnsafeRawPointer {
    /// Returns the integer at an offset, which is in network byte order.
    func big<Word: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as: Word.Type) -> Word {
        Word(bigEndian: loadUnaligned(fromByteOffset: offset, as: Word.self))
    }
}

extension UnsafeMutableRawPointer {
    /// Writes an integer in network byte order.
    func put<Word: FixedWidthInteger & BitwiseCopyable>(_ word: Word, at offset: Int) {
        storeBytes(of: word.bigEndian, toByteOffset: offset, as: Word.self)
    }
}
