import JSON
import Load
import Testing

@testable import Plans

/// What the texts of requests stand for, and the requests that have a name.
struct RequestTests {
    private func pieces(
        _ text: String, as form: RequestText.Form = .text
    ) throws -> [BytePattern.Piece] {
        try RequestText.read(Array(text.utf8), as: form).pieces
    }

    private func octets(_ text: String) -> BytePattern.Piece { .octets(Array(text.utf8)) }

    @Test func everyPlaceholderIsAPiece() throws {
        #expect(
            try pieces("{seq}:{seq:be16}{seq:be32}{run:hex8}{random:7}{time:ms}") == [
                .decimal, octets(":"), .be16, .be32, .runHex8, .random(count: 7, isText: true),
                .timeMs,
            ])
    }

    @Test func bracesThatAreNoPlaceholderAreText() throws {
        for text in [#"{"id": 1}"#, "{}", "{ seq}", "{Seq}", "{", "a}b", "{1}", "{{"] {
            #expect(try pieces(text) == [octets(text)])
        }
        #expect(try pieces("{{seq}}") == [octets("{"), .decimal, octets("}")])
    }

    @Test func whatLooksLikeAPlaceholderAndIsNoneIsRefused() {
        for text in [
            "{sequence}", "{seq:be8}", "{random:0}", "{random:1025}", "{run}", "{time:us}",
        ] {
            #expect(throws: JSONComplaint.self, "\(text)") { try pieces(text) }
        }
    }

    @Test func aFileIsSentAsItIsBesideItsPlaceholders() throws {
        let bytes = [0xff, 0x00] + Array("{sequence}{seq:be16}{random:2}\n".utf8)
        #expect(
            try RequestText.read(bytes, as: .file).pieces == [
                .octets([0xff, 0x00] + Array("{sequence}".utf8)), .be16,
                .random(count: 2, isText: false), .octets([10]),
            ])
    }

    @Test func hexadecimalDigitsAreBytesAndBlanksDoNotCount() throws {
        #expect(
            try pieces(" 0A ff\n{seq:be16}00{random:3}", as: .hex) == [
                .octets([0x0a, 0xff]), .be16, .octets([0]), .random(count: 3, isText: false),
            ])
        #expect(try pieces("0x0102", as: .hex) == [.octets([1, 2])])
        #expect(try RequestText.pattern("0x0102") == BytePattern(octets: [1, 2]))
        #expect(try RequestText.pattern("0102") == BytePattern(octets: Array("0102".utf8)))
    }

    @Test func aPatternIsTheSameAfterAMessage() throws {
        for text in ["PING {seq} {time:ms}\u{0}{random:9}", "{run:hex8}{seq:be32}{seq:be16}"] {
            let pattern = try RequestText.read(Array(text.utf8), as: .text)
            let value = try JSONCoding.encode(pattern)
            #expect(try JSONCoding.decode(BytePattern.self, from: value) == pattern)
        }
        let bytes = BytePattern([.octets(Array(0...255)), .random(count: 4, isText: false)])
        let value = try JSONCoding.encode(bytes)
        #expect(try JSONCoding.decode(BytePattern.self, from: value) == bytes)
    }

    @Test("RFC 1035 §4.1: a query for www.example.com")
    func aDNSQueryHasItsFields() throws {
        let draft = try NamedRequests.dns(name: "www.example.com", type: 28)
        #expect(draft.template.pieces.first == .be16)
        let rest = BytePattern(Array(draft.template.pieces.dropFirst()))
        #expect(
            rest.fixedOctets
                == [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3] + Array("www".utf8) + [7]
                + Array("example".utf8) + [3] + Array("com".utf8) + [0, 0, 28, 0, 1])
        #expect(try NamedRequests.dns(name: "www.example.com.", type: 28) == draft)
    }

    @Test func theRootHasNoLabels() throws {
        let draft = try NamedRequests.dns(name: ".", type: 2)
        #expect(draft.template.bytesMost == 17)
    }

    @Test func aNameMayHaveTheLengthsOfItsRFC() throws {
        let label = String(repeating: "a", count: 63)
        // 3 × 64 + 62 + the root's length byte: 255 B.
        let longest = "\(label).\(label).\(label)." + String(repeating: "b", count: 61)
        #expect(try NamedRequests.dns(name: longest, type: 1).template.bytesMost == 12 + 255 + 4)
        #expect(throws: JSONComplaint.self) { try NamedRequests.dns(name: longest + "b", type: 1) }
    }

    @Test func everyNamedRequestHasARequestAndARule() throws {
        for word in NamedRequests.words {
            let draft = try #require(NamedRequests.draft(word), "\(word)")
            #expect(draft.name == word && draft.template.bytesMost > 0 && draft.answer != nil)
        }
        #expect(NamedRequests.draft("ntp")?.template.bytesMost == 48)
        #expect(NamedRequests.draft("coap-ping")?.template.bytesMost == 4)
        #expect(NamedRequests.draft("stun-binding")?.template.bytesMost == 20)
    }

    @Test func aFlowByTheNumberOf16BitsHasAWindowThatTellsThem() throws {
        var sender = SenderDefinition(
            name: "s", rate: .max, payloadBytes: 4, length: .durationNs(1_000_000_000))
        sender.request = RequestDefinition(
            name: "hex", templates: [BytePattern([.be16])], answer: .at(0, BytePattern([.be16])))
        #expect(sender.windowSlots(timeoutNs: 60_000_000_000) == 32_768)
        sender.request?.answer = .any
        #expect(sender.windowSlots(timeoutNs: 60_000_000_000) == 1)
    }
}
