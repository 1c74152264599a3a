/// The bytes of answers.
enum Message {
    /// The fields of every answer. Its address has the token: it is neither stored nor passed on,
    /// and no other site may show the page or read it.
    private static let fields = """
        Connection: close\r
        Cache-Control: no-store\r
        Referrer-Policy: no-referrer\r
        X-Content-Type-Options: nosniff\r
        X-Frame-Options: DENY\r
        Cross-Origin-Resource-Policy: same-origin\r
        Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
        script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'\r

        """

    /// Returns a whole answer.
    static func whole(_ kind: StaticString, _ body: String) -> [UInt8] {
        head(.ok, kind, "Content-Length: \(body.utf8.count)\r\n") + Array(body.utf8)
    }

    static func refusal(_ status: HTTPStatus) -> [UInt8] {
        let body = "\(status.rawValue) \(status.phrase)\n"
        let allow = status == .methodNotAllowed ? "Allow: GET\r\n" : ""
        return head(
            status, "text/plain; charset=utf-8",
            "Content-Length: \(body.utf8.count)\r\n" + allow) + Array(body.utf8)
    }

    /// Returns the start of the events, which last until the connection ends.
    static func eventsBegin() -> [UInt8] { head(.ok, "text/event-stream; charset=utf-8", "") }

    /// Returns an event (HTML Standard §9.2.6): a line break in the data would end it.
    static func event(_ name: StaticString, _ data: String) -> [UInt8] {
        var bytes = Array("event: \(name)\n".utf8)
        for line in data.utf8.split(
            omittingEmptySubsequences: false,
            whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
        {
            bytes += Array("data: ".utf8) + line + [UInt8(ascii: "\n")]
        }
        return bytes + [UInt8(ascii: "\n")]
    }

    private static func head(
        _ status: HTTPStatus, _ kind: StaticString, _ more: String
    ) -> [UInt8] {
        Array(
            ("HTTP/1.1 \(status.rawValue) \(status.phrase)\r\nContent-Type: \(kind)\r\n" + more
                + fields + "\r\n").utf8)
    }
}
