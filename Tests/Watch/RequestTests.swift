import Harness
import Testing

@testable import Watch

/// The reader of requests: what it takes, and what it refuses with which status.
@Suite("Requests")
struct RequestTests {
    private static let browser = """
        GET /abc/ HTTP/1.1\r
        Host: 127.0.0.1:8080\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r
        Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r
        Accept-Language: de,en;q=0.5\r
        Cookie: a=1; b=2\r
        \r

        """

    private func outcome(_ text: String) -> RequestReader.Outcome? {
        var reader = RequestReader()
        reader.read(text.utf8)
        return reader.outcome
    }

    @Test("what a browser sends is read, whole or byte by byte")
    func browser() {
        let request = RequestReader.Outcome.request(
            RequestReader.Request(target: "/abc/", host: "127.0.0.1:8080"))
        #expect(outcome(Self.browser) == request)
        var reader = RequestReader()
        for byte in Self.browser.utf8 {
            #expect(reader.outcome == nil)
            reader.read([byte])
        }
        #expect(reader.outcome == request)
    }

    @Test("bytes after the request change nothing")
    func more() {
        #expect(outcome(Self.browser + "POST / HTTP/1.1\r\n\0") == outcome(Self.browser))
    }

    @Test(
        "what is no request of a browser is refused",
        arguments: [
            ("GET / HTTP/1.1\n", .badRequest), ("GET /\r\n", .badRequest),
            ("GET  / HTTP/1.1\r\n", .badRequest), ("\r\n", .badRequest),
            ("GET / HTTP/2.0\r\n", .badRequest), ("GET / HTTP/1.1 \r\n", .badRequest),
            ("GET http://127.0.0.1/ HTTP/1.1\r\n", .badRequest),
            ("GET * HTTP/1.1\r\n", .badRequest),
            ("GET /\u{1B}[2J HTTP/1.1\r\n", .badRequest), ("GET /ä HTTP/1.1\r\n", .badRequest),
            ("G(T / HTTP/1.1\r\n", .badRequest), (" GET / HTTP/1.1\r\n", .badRequest),
            ("POST / HTTP/1.1\r\n", .methodNotAllowed), ("HEAD / HTTP/1.1\r\n", .methodNotAllowed),
            ("get / HTTP/1.1\r\n", .methodNotAllowed), ("PRI * HTTP/2.0\r\n", .badRequest),
            ("\u{16}\u{3}\u{1}\u{2}\r\n", .badRequest),
            ("GET / HTTP/1.1\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost : a\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nnothing\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: a\u{0}b\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: a\rb\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nContent-Length: 5\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", .badRequest),
        ] as [(String, HTTPStatus)])
    func refused(text: String, status: HTTPStatus) {
        #expect(outcome(text) == .refused(status))
    }

    @Test("each limit is the last that is taken")
    func limits() {
        func target(_ bytes: Int) -> String {
            let rest = "GET / HTTP/1.1\r".utf8.count
            return "GET /\(String(repeating: "a", count: bytes - rest)) HTTP/1.1\r\n"
        }
        #expect(outcome(target(RequestReader.lineBytesMax)) == nil)
        #expect(outcome(target(RequestReader.lineBytesMax + 1)) == .refused(.targetTooLong))
        let start = "GET / HTTP/1.1\r\n"
        func field(_ bytes: Int) -> String {
            start + "A: " + String(repeating: "a", count: bytes - 4) + "\r\n"
        }
        #expect(outcome(field(RequestReader.lineBytesMax)) == nil)
        #expect(outcome(field(RequestReader.lineBytesMax + 1)) == .refused(.fieldsTooLarge))
        func fields(_ count: Int) -> String {
            start + String(repeating: "A: b\r\n", count: count - 1) + "Host: a\r\n\r\n"
        }
        #expect(outcome(fields(RequestReader.fieldsMax)) != .refused(.fieldsTooLarge))
        #expect(outcome(fields(RequestReader.fieldsMax + 1)) == .refused(.fieldsTooLarge))
        let line = "A: " + String(repeating: "a", count: 995) + "\r\n"
        let lines = RequestReader.headBytesMax / line.utf8.count
        let many = start + String(repeating: line, count: lines)
        #expect(outcome(many) == nil || many.utf8.count > RequestReader.headBytesMax)
        #expect(outcome(many + line) == .refused(.fieldsTooLarge))
    }

    /// A request that is altered at some places, in pieces of any size.
    @Test("made-up requests have one outcome, however they arrive, and no limit is exceeded")
    func random() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("GET/ HTP1.0:\r\n\t host%;a\0\u{7F}\u{80}é".utf8)
        var taken = 0
        for _ in 0..<10_000 {
            var bytes = Array(Self.browser.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                case 2: bytes.remove(at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { bytes = [byte] }
            }
            var (whole, pieces) = (RequestReader(), RequestReader())
            whole.read(bytes)
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...40, using: &random))
                pieces.read(piece)
                rest = rest.dropFirst(piece.count)
            }
            #expect(whole.outcome == pieces.outcome, "seed \(seed)")
            guard case .request(let request) = whole.outcome else { continue }
            taken += 1
            let isSound =
                request.target.hasPrefix("/")
                && (request.target + request.host).utf8.allSatisfy { (0x21..<0x7F).contains($0) }
            #expect(isSound, "seed \(seed): \(request)")
        }
        #expect(taken > 1_000, "seed \(seed)")
    }

    @Test("garbage of any length neither ends the reader nor is it taken")
    func garbage() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...300, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            var reader = RequestReader()
            reader.read(bytes)
            if case .request? = reader.outcome { Issue.record("seed \(seed): \(bytes)") }
        }
    }
}
