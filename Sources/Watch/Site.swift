/// The places of the server and who may see them: the page, its script, and the events, all below a
/// token that only the address printed by udplab has.
struct Site: Sendable {
    /// The content of a place.
    enum Place: Sendable, Equatable {
        case page
        case script
        case events
    }

    enum Answer: Sendable, Equatable {
        case place(Place)
        case refusal(HTTPStatus)
    }

    private let authority: String
    private let token: String

    /// Makes a site.
    /// - Parameter authority: The host and port of its address: `127.0.0.1:8080`.
    init(authority: String, token: String = Site.randomToken()) {
        self.authority = authority
        self.token = token
    }

    var address: String { "http://\(authority)/\(token)/" }

    /// Returns 128 random bits of the kernel: the standard library takes them from getrandom(2).
    static func randomToken() -> String {
        (0..<16).map { _ in
            let digits = String(UInt8.random(in: .min ... .max), radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Returns the answer to a request. The host is checked first: a page of another site that has
    /// its name resolved to this address does not learn whether it guessed the token.
    func answer(to request: RequestReader.Request) -> Answer {
        guard request.host == authority else { return .refusal(.misdirected) }
        let parts = request.target.split(
            separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isEqual(parts[1], token) else { return .refusal(.notFound) }
        switch parts[2] {
        case "": return .place(.page)
        case "live.js": return .place(.script)
        case "events": return .place(.events)
        default: return .refusal(.notFound)
        }
    }

    /// Whether two texts are equal, in a time that does not depend on the place at which they
    /// differ.
    private static func isEqual(_ one: Substring, _ other: String) -> Bool {
        guard one.utf8.count == other.utf8.count else { return false }
        return zip(one.utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
