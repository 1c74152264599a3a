/// What the battery asks: printable ASCII, so that a server that takes its input for text is not
/// tried by it, with a number that tells one answer from another.
///
/// ```
///  0        8        16
///  session  number   filler: abc…z, beginning with a letter of the number's
///  8 hexadecimal digits each
/// ```
struct ProbeText: Sendable {
    static let headerBytes = 16

    let session: [UInt8]

    init(session: UInt32) { self.session = ProbeText.hexadecimal(Int(session)) }

    /// - Parameter bytes: 16 at least.
    func octets(_ number: Int, bytes: Int) -> [UInt8] {
        var text = session + ProbeText.hexadecimal(number)
        text.reserveCapacity(bytes)
        while text.count < bytes {
            text.append(UInt8(ascii: "a") + UInt8((number + text.count) % 26))
        }
        return text
    }

    /// The number of the probe that an answer begins like; `nil` for anything else. A server that
    /// changes the case of letters is recognised too.
    func number(_ octets: some Collection<UInt8>) -> Int? {
        let head = Array(octets.prefix(ProbeText.headerBytes))
        guard head.count == ProbeText.headerBytes else { return nil }
        let text = String(decoding: head, as: UTF8.self).lowercased()
        guard text.hasPrefix(String(decoding: session, as: UTF8.self)) else { return nil }
        return Int(text.dropFirst(8), radix: 16)
    }

    /// Whether bytes have something of this battery's in them, whatever a server has put before
    /// it.
    func isIn(_ octets: [UInt8]) -> Bool {
        // The session has digits and lower-case letters only; 0x20 makes a letter one.
        let lower = octets.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        return lower.indices.contains { lower[$0...].starts(with: session) }
    }

    private static func hexadecimal(_ value: Int) -> [UInt8] {
        let digits = String(value & 0xffff_ffff, radix: 16)
        return Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
    }
}
