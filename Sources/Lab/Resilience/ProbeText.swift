/// The text of the battery's questions: printable ASCII, so that a server that reads text accepts
/// it, with a number that distinguishes the answers.
///
/// ```
///  0        8        16
///  session  number   filler: abc…z, beginning with a letter of the number's
///  8 hexadecimal digits each
/// ```
struct ProbeText {
    static let headerBytes = 16

    let session: [UInt8]

    /// The request of a service, in place of a text.
    let request: AskedRequest?

    init(session: UInt32, request: AskedRequest? = nil) {
        self.session = ProbeText.hexadecimal(Int(session))
        self.request = request
    }

    /// Returns a question.
    /// - Parameter bytes: the length, at least 16.
    func octets(_ number: Int, bytes: Int) -> [UInt8] {
        if let request { return request.octets(number) }
        var text = session + ProbeText.hexadecimal(number)
        text.reserveCapacity(bytes)
        while text.count < bytes {
            text.append(UInt8(ascii: "a") + UInt8((number + text.count) % 26))
        }
        return text
    }

    /// Returns the number of the probe with which an answer begins; `nil` for anything else. A
    /// server that changes the case of letters is recognised too.
    func number(_ octets: some Collection<UInt8>) -> Int? {
        if let request { return request.number(octets) }
        let head = Array(octets.prefix(ProbeText.headerBytes))
        guard head.count == ProbeText.headerBytes else { return nil }
        let text = String(decoding: head, as: UTF8.self).lowercased()
        guard text.hasPrefix(String(decoding: session, as: UTF8.self)) else { return nil }
        return Int(text.dropFirst(8), radix: 16)
    }

    /// Whether an answer to a question is the right one: of an echo the question itself.
    func isRight(_ octets: [UInt8], number: Int, bytes: Int) -> Bool {
        request?.isRight(octets, number: number) ?? (octets == self.octets(number, bytes: bytes))
    }

    /// The questions of a trial as words: of which length, or of which kind.
    func words(bytes: Int) -> String {
        request.map { "\($0.definition.name) requests" } ?? "datagrams of \(bytes) bytes"
    }

    /// Whether bytes contain part of this battery's questions, whatever a server has put before it.
    func isIn(_ octets: [UInt8]) -> Bool {
        // The session consists of digits and lower-case letters; 0x20 makes a letter lower-case.
        let lower = octets.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        return lower.indices.contains { lower[$0...].starts(with: session) }
    }

    private static func hexadecimal(_ value: Int) -> [UInt8] {
        let digits = String(value & 0xffff_ffff, radix: 16)
        return Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
    }
}
