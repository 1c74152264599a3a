import Testing

@testable import JSON

/// What RFC 8259 allows, each with the value that it means. The refusals are in `FaultTests`.
@Suite struct GrammarTests {
    @Test("every legal form is accepted and means what it says", arguments: legal)
    func accepted(text: String, value: JSONValue) throws {
        for document in [text, " \t\r\n\(text) \t\r\n"] {
            #expect(try parse(document) == value, "\(document)")
            let node = try JSONDocument.read(file: "", bytes: Array(document.utf8)).root
            #expect(node.value == value)
            #expect(ReferenceParser.parse(Array(document.utf8)) == value)
        }
    }

    private static func object(_ members: (String, JSONValue)...) -> JSONValue {
        .object(members.map { JSONMember(key: $0.0, value: $0.1) })
    }

    private static let legal: [(String, JSONValue)] = [
        ("null", .null), ("true", .bool(true)), ("false", .bool(false)),
        ("0", .integer(0)), ("-0", .integer(0)), ("7", .integer(7)), ("-12", .integer(-12)),
        ("1000000000000000000", .integer(1_000_000_000_000_000_000)),
        ("0.0", .number(0)), ("1.0", .number(1)), ("1e0", .number(1)), ("1E+2", .number(100)),
        ("1e-2", .number(0.01)), ("-1.5e3", .number(-1500)), ("0e1", .number(0)),
        ("0e+1", .number(0)), ("123.456789", .number(123.456789)), ("1e05", .number(100_000)),
        ("9223372036854775808.0", .number(9_223_372_036_854_775_808)),
        ("0.1000000000000000055511151231257827", .number(0.1)),
        (#""""#, .string("")), (#"" ""#, .string(" ")), (#""a'b""#, .string("a'b")),
        (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
        (#""\u0041\u00e9\u20AC\uFFFF""#, .string("Aé€\u{FFFF}")),
        (#""\ud83D\uDe00""#, .string("😀")), (#""\u0000""#, .string("\0")),
        (#""\\u0041""#, .string("\\u0041")),
        (
            #""/* no comment */ // #""#,
            .string("/* no comment */ // #")
        ),
        ("\"\u{2028}\u{7F}\u{80}\"", .string("\u{2028}\u{7F}\u{80}")),
        ("[]", .array([])), ("[ ]", .array([])), ("{}", object()), ("{\n}", object()),
        ("[1,2]", .array([.integer(1), .integer(2)])), ("[[],{}]", .array([.array([]), object()])),
        ("[\n1\n,\n2\n]", .array([.integer(1), .integer(2)])),
        (#"{"":1}"#, object(("", .integer(1)))),
        (
            #"{"a":{"a":[]}}"#,
            object(("a", object(("a", .array([])))))
        ),
        (#"{ "a" : 1 , "b" : 2 }"#, object(("a", .integer(1)), ("b", .integer(2)))),
        (#"{"\u0061":"\u0062"}"#, object(("a", .string("b")))),
        (#"{"a\"b":1}"#, object(("a\"b", .integer(1)))),
        (#"{"true":null}"#, object(("true", .null))),
    ]

    @Test(
        "illegal structure is refused",
        arguments: [
            "[", "{", "]", "}", "[[", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
            "\"",
            "[}", "{]", "[1 true]", "[\"a\":1]", "{\"a\":1:2}", "{\"a\":1 \"b\":2}", "{\"a\"}",
            "{:1}", "{null:1}", "{\"a\":}", "{\"a\" \"b\"}", "{{}}", "{[]:1}", "[,]", "[1,,]",
            "[:]",
            "{\"a\":1,,\"b\":2}", "{,\"a\":1}", "tru", "truex", "nul", "nullnull", "fals", "true1",
            "\\u0041", "*", "<a>", "&", "[\u{B}1]", "[\u{C}]", "\u{A0}1", "[1\u{2003}]",
            "[\"\\a\"]",
            "[\"\\'\"]", "[\"\\\u{9}\"]", "[\"\\uD83D\\u\"]", "[\"\\u 123\"]", "[\"\\u+123\"]",
            "[\"\\U0041\"]", "[\"\\\"]", "\"a", "\"a\\\"", "[a", "[\"a]", "[\"\\u00\"]",
            "[\"\\u\"]",
        ])
    func refused(text: String) throws {
        #expect(refusal(text) != nil, "\(text)")
        #expect(ReferenceParser.parse(Array(text.utf8)) == nil, "\(text)")
        #expect(throws: JSONError.self) { try parse(text) }
    }
}
