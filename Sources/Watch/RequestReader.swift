/// Reads the head of one HTTP request, byte by byte as it arrives, within limits.
///
/// It takes what a browser sends and refuses everything else: RFC 9112 without the leniences that
/// it permits (bare line feeds, continued lines, other forms of the target, bodies).
struct RequestReader: Sendable {
    /// The maximum length of the request line and of each header field.
    static let lineBytesMax = 8_192
    /// The maximum length of all lines. Cookies of other servers at 127.0.0.1 are among them.
    static let headBytesMax = 16_384
    static let fieldsMax = 100

    enum Outcome: Sendable, Equatable {
        case request(Request)
        case refused(HTTPStatus)
    }

    struct Request: Sendable, Equatable {
        let target: String
        let host: String
    }

    private var line: [UInt8] = []
    private var headBytes = 0
    private var fields = 0
    private var target: String?
    private var host: String?
    private(set) var outcome: Outcome?

    /// Takes the next bytes. After the outcome nothing more is read.
    mutating func read(_ bytes: some Sequence<UInt8>) {
        for byte in bytes where outcome == nil { outcome = read(byte) }
    }

    private mutating func read(_ byte: UInt8) -> Outcome? {
        headBytes += 1
        guard headBytes <= Self.headBytesMax else { return .refused(.fieldsTooLarge) }
        guard byte == UInt8(ascii: "\n") else {
            line.append(byte)
            guard line.count <= Self.lineBytesMax else {
                return .refused(target == nil ? .targetTooLong : .fieldsTooLarge)
            }
            return nil
        }
        guard line.popLast() == UInt8(ascii: "\r"), line.allSatisfy(Self.isText) else {
            return .refused(.badRequest)
        }
        let text = String(decoding: line, as: UTF8.self)
        line.removeAll(keepingCapacity: true)
        guard let target else { return begin(text) }
        guard text.isEmpty else { return field(text) }
        guard let host else { return .refused(.badRequest) }
        return .request(Request(target: target, host: host))
    }

    /// Whether a byte may be in a line: printable ASCII and the tab. Nothing that udplab serves
    /// takes more.
    private static func isText(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) || byte == UInt8(ascii: "\t")
    }

    /// Reads the request line: `GET /path HTTP/1.1`.
    private mutating func begin(_ line: String) -> Outcome? {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(Self.isOfToken),
            words[1].first == "/", !words[1].contains("\t"),
            words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0"
        else { return .refused(.badRequest) }
        guard words[0] == "GET" else { return .refused(.methodNotAllowed) }
        target = String(words[1])
        return nil
    }

    private mutating func field(_ line: String) -> Outcome? {
        fields += 1
        guard fields <= Self.fieldsMax else { return .refused(.fieldsTooLarge) }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[0].allSatisfy(Self.isOfToken) else {
            return .refused(.badRequest)
        }
        let value = parts[1].drop(while: Self.isBlank)
        switch parts[0].lowercased() {
        case "host":
            guard host == nil else { return .refused(.badRequest) }
            host = String(value.prefix { !Self.isBlank($0) })
        case "transfer-encoding": return .refused(.badRequest)
        case "content-length" where value != "0": return .refused(.badRequest)
        default: break
        }
        return nil
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t"
    }

    /// Whether a character may be in a token (RFC 9110 §5.6.2).
    private static func isOfToken(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".contains(character))
    }
}
