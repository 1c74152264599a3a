import Testing

@testable import Watch

/// The places of the server, and who sees them.
@Suite("Places")
struct SiteTests {
    private let site = Site(authority: "127.0.0.1:8080", token: "secret")

    private func answer(_ target: String, host: String = "127.0.0.1:8080") -> Site.Answer {
        site.answer(to: RequestReader.Request(target: target, host: host))
    }

    @Test("below the token are the page, its script and the events, and nothing else")
    func places() {
        #expect(answer("/secret/") == .place(.page))
        #expect(answer("/secret/live.js") == .place(.script))
        #expect(answer("/secret/events") == .place(.events))
        for target in [
            "/", "/secret", "/secre/", "/secret2/", "/SECRET/", "//secret/", "/secret//",
            "/secret/?a", "/secret/events/", "/secret/../secret/", "/%73ecret/", "/x/secret/",
        ] {
            #expect(answer(target) == .refusal(.notFound), "\(target)")
        }
    }

    @Test(
        "a request for another name is refused, with the token or without",
        arguments: [
            "localhost:8080", "127.0.0.1", "127.0.0.1:80", "evil.example:8080", "",
            "127.0.0.1:8080.evil.example", "[::1]:8080", "127.0.0.1:08080",
        ])
    func rebinding(host: String) {
        #expect(answer("/secret/", host: host) == .refusal(.misdirected))
        #expect(answer("/guess/", host: host) == .refusal(.misdirected))
    }

    @Test("a token has 128 bits, and is another one each time")
    func token() {
        let tokens = (0..<100).map { _ in Site.randomToken() }
        #expect(Set(tokens).count == 100)
        #expect(tokens.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }

    @Test("an answer has the fields that keep the page to itself, and nothing of the request")
    func fields() {
        let page = String(decoding: Message.whole("text/html", "é"), as: UTF8.self)
        #expect(
            page.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n"))
        for field in [
            "Connection: close", "Cache-Control: no-store", "Referrer-Policy: no-referrer",
            "X-Content-Type-Options: nosniff", "frame-ancestors 'none'", "default-src 'none'",
        ] {
            #expect(page.contains(field), "\(field)")
        }
        for status in HTTPStatus.allCases {
            let text = String(decoding: Message.refusal(status), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n"))
            #expect(text.hasSuffix("\r\n\r\n\(status.rawValue) \(status.phrase)\n"))
        }
    }

    @Test("each line of an event's data is a line of its own")
    func events() {
        let text = String(decoding: Message.event("now", "a\nb\rc\r\n\nevent: x"), as: UTF8.self)
        #expect(
            text == "event: now\ndata: a\ndata: b\ndata: c\ndata: \ndata: \ndata: event: x\n\n")
    }
}
