/// The statuses that the server answers with (RFC 9110 §15, RFC 6585 §5).
enum HTTPStatus: Int, Sendable, CaseIterable {
    case ok = 200
    case badRequest = 400
    case notFound = 404
    case methodNotAllowed = 405
    case targetTooLong = 414
    /// The request names another host than this server: a name that somebody else resolves to this
    /// address (DNS rebinding).
    case misdirected = 421
    case fieldsTooLarge = 431
    case tooManyVisits = 503

    /// The reason phrase, which is also the text of a refusal. Nothing of the request is in it.
    var phrase: StaticString {
        switch self {
        case .ok: "OK"
        case .badRequest: "Bad Request"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .targetTooLong: "URI Too Long"
        case .misdirected: "Misdirected Request"
        case .fieldsTooLarge: "Request Header Fields Too Large"
        case .tooManyVisits: "Service Unavailable"
        }
    }
}
