/// SHA-256 (FIPS 180-4): the identity of a plan in its reports, and the hash of STAMP's
/// authenticated mode. It allocates nothing, so that a data thread may use it.
///
/// Implemented here because no dependency has it, and swift-crypto would link all of BoringSSL into
/// the program's one file.
package struct SHA256: Sendable {
    static let blockBytes = 64

    private var state = SHA256.initialState
    /// The bytes after the last whole block.
    private var rest = SIMD64<UInt8>()
    private var bytes = 0

    package init() {}

    /// Returns the digest of `bytes` as 64 lower-case hexadecimal digits.
    package static func hexDigest(of bytes: [UInt8]) -> String {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        let digest = hash.finished()
        return digest.indices.map { hex(digest[$0]) }.joined()
    }

    /// Adds bytes to the message.
    package mutating func update(_ message: UnsafeRawBufferPointer) {
        guard let start = message.baseAddress else { return }
        var offset = 0
        let held = bytes % Self.blockBytes
        bytes += message.count
        if held > 0 {
            offset = min(Self.blockBytes - held, message.count)
            keep(start, count: offset, after: held)
            guard held + offset == Self.blockBytes else { return }
            compressRest()
        }
        while message.count - offset >= Self.blockBytes {
            Self.compress(start + offset, into: &state)
            offset += Self.blockBytes
        }
        keep(start + offset, count: message.count - offset, after: 0)
    }

    /// Returns the digest, as eight words.
    package consuming func finished() -> SIMD8<UInt32> {
        // §5.1.1: one bit, zeros up to 56 modulo 64, and the length in bits, big endian.
        let bits = UInt64(bytes) * 8
        var held = bytes % Self.blockBytes
        withUnsafeMutableBytes(of: &rest) { rest in
            rest[held] = 0x80
            for index in held + 1..<Self.blockBytes { rest[index] = 0 }
        }
        held += 1
        if held > Self.blockBytes - 8 {
            compressRest()
            rest = SIMD64<UInt8>()
        }
        withUnsafeMutableBytes(of: &rest) {
            $0.storeBytes(of: bits.bigEndian, toByteOffset: Self.blockBytes - 8, as: UInt64.self)
        }
        compressRest()
        return state
    }

    private mutating func keep(_ start: UnsafeRawPointer, count: Int, after held: Int) {
        guard count > 0 else { return }
        withUnsafeMutableBytes(of: &rest) { rest in
            for index in 0..<count {
                rest[held + index] = start.load(fromByteOffset: index, as: UInt8.self)
            }
        }
    }

    private mutating func compressRest() {
        var state = state
        withUnsafeBytes(of: &rest) { rest in
            guard let start = rest.baseAddress else { return }
            Self.compress(start, into: &state)
        }
        self.state = state
    }

    /// Compresses one block (§6.2.2). The additions are modulo 2^32 by definition.
    private static func compress(_ block: UnsafeRawPointer, into state: inout SIMD8<UInt32>) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            for index in 0..<16 {
                schedule[index] = UInt32(
                    bigEndian: block.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
            }
            for index in 16..<64 {
                let before15 = schedule[index - 15]
                let before2 = schedule[index - 2]
                let sigma0 = rotated(before15, 7) ^ rotated(before15, 18) ^ before15 >> 3
                let sigma1 = rotated(before2, 17) ^ rotated(before2, 19) ^ before2 >> 10
                schedule[index] = schedule[index - 16] &+ sigma0 &+ schedule[index - 7] &+ sigma1
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            for index in 0..<64 {
                let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
                let choice = e & f ^ ~e & g
                let first = h &+ sum1 &+ choice &+ roundConstants[index] &+ schedule[index]
                let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
                let majority = a & b ^ a & c ^ b & c
                (h, g, f, e) = (g, f, e, d &+ first)
                (d, c, b, a) = (c, b, a, first &+ sum0 &+ majority)
            }
            state = state &+ SIMD8(a, b, c, d, e, f, g, h)
        }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    private static func hex(_ word: UInt32) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The initial hash value of §5.3.3.
    private static let initialState = SIMD8<UInt32>(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)

    /// The constants of §4.2.2.
    private static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
        0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
        0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
        0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
        0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
        0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
        0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
