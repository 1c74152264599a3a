import Testing

@testable import JSON

/// The rows of the plan-file table that concern the reading of JSON.
@Suite struct FaultTests {
    @Test("P3 empty and white-space-only input is refused; null is a document")
    func p3() throws {
        for text in ["", " ", "\n\n\t \r\n"] {
            #expect(refusal(text)?.code == .empty, "\(text.debugDescription)")
        }
        // What a bare null means is for the reader of a plan to say.
        #expect(try parse("null") == .null)
        #expect(try parse(" null\n") == .null)
    }

    @Test("P4 every truncation of a valid document is refused")
    func p4() throws {
        let bytes = Array(richDocument.utf8)
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        #expect(refusal(bytes) == nil)
        for count in 0...end {
            let error = try #require(refusal(Array(bytes[..<count])), "first \(count) bytes")
            let codes: [JSONError.Code] = [.empty, .truncated, .encoding, .syntax]
            #expect(codes.contains(error.code), "first \(count) bytes: \(error)")
            #expect(error.position.map { $0.offset <= count } == true)
        }
    }

    @Test("P5 a duplicate key is refused with both offsets")
    func p5() throws {
        let error = try #require(refusal(#"{"rate": 1, "x": [{"a": 1,"# + "\n" + #" "a": 2}]}"#))
        #expect(error.code == .duplicateKey)
        #expect(
            error.message
                == #"duplicate key "a": first at 1:20 (byte 19), again at 2:2 (byte 28)"#)
        #expect(error.path == "$.x[0].a")
        #expect(error.position == JSONPosition(offset: 28, line: 2, column: 2))
        #expect(refusal(#"{"a": {"a": 1}, "b": {"a": 2}}"#) == nil, "other objects, other keys")
    }

    @Test("P6 a duplicate key hidden by escapes is refused")
    func p6() {
        for text in [
            #"{"rate": 1, "r\u0061te": 2}"#, #"{"\u002F": 1, "\/": 2}"#,
            #"{"😀":1,"\ud83d\ude00":2}"#,
            #"{"": 1, "": 2}"#,
        ] {
            #expect(refusal(text)?.code == .duplicateKey, "\(text)")
        }
        // Canonically equivalent, yet other bytes: RFC 8259 §8.3 compares code points.
        #expect(refusal("{\"\u{e9}\": 1, \"e\u{301}\": 2}") == nil)
    }

    @Test("P7 nesting beyond 16 is refused in constant stack", arguments: [17, 33, 100_000])
    func p7(depth: Int) throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let text =
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            let error = try #require(refusal(text))
            #expect(error.code == .limit)
            #expect(error.message.contains("deeper than 16"))
            #expect(error.position?.offset == 16 * open.utf8.count)
        }
    }

    @Test("P7 sixteen levels are accepted")
    func p7Limit() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for inner in ["", "1", "\"x\""] where open == "[" || !inner.isEmpty {
                let text =
                    String(repeating: open, count: 16) + inner + String(repeating: close, count: 16)
                #expect(refusal(text) == nil, "\(text)")
            }
        }
    }

    @Test(
        "P8 an integer beyond 64 bits is refused, never clamped",
        arguments: [
            "9223372036854775808", "18446744073709551616", "-9223372036854775809",
            "1234567890123456789012345678901234567890",
        ])
    func p8(text: String) throws {
        let error = try #require(refusal("[\(text)]"))
        #expect(error.code == .range)
        #expect(error.message.contains("out of range: -2^63 to 2^63-1"))
        #expect(error.position?.column == 2)
    }

    @Test("P8 the outermost integers are accepted")
    func p8Limit() throws {
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("-9223372036854775808") == .integer(.min))
    }

    @Test(
        "P9 numbers that are not finite, or would become 0, are refused",
        arguments: [
            "NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "1e999", "-1e999", "1e-999",
            "0.0000001e-400", "-1E-999", "123456789e400",
        ])
    func p9(text: String) throws {
        let error = try #require(refusal("{\"a\": \(text)}"))
        #expect(error.code == .range || error.code == .syntax)
        #expect(error.path == "$.a")
        #expect(error.position?.column == 7)
        #expect(error.message.contains("finite") || error.message.contains("out of range"))
    }

    @Test("P9 zero written with an exponent and the smallest double are accepted")
    func p9Limit() throws {
        #expect(try parse("0e-999") == .number(0))
        #expect(try parse("-0.00e999") == .number(0))
        #expect(try parse("5e-324") == .number(.leastNonzeroMagnitude))
        #expect(try parse("1.7976931348623157e308") == .number(.greatestFiniteMagnitude))
    }

    @Test(
        "P10 a malformed number is refused",
        arguments: [
            "-01", "1.", "01", "+1", ".5", "123e+", "-", "-.5", "1.e1", "1e", "1e-", "1E+", "00",
            "-00", "0x10", "1_000", "1.2.3", "1e5.5", "--1", "1-", "1+1", "-a", "2.e+3", "0e+", "١",
        ])
    func p10(text: String) throws {
        for document in [text, "[\(text)]", "{\"a\":\(text)}"] {
            #expect(refusal(document)?.code == .syntax, "\(document)")
        }
    }

    @Test("P11 invalid UTF-8 is refused with its byte offset", arguments: invalidUTF8)
    func p11(bytes: [UInt8]) throws {
        let document = Array("[\"ab".utf8) + bytes + Array("\"]".utf8)
        let error = try #require(refusal(document), "\(bytes)")
        #expect(error.code == .encoding)
        #expect(error.message.contains("at byte 4"), "\(error)")
        #expect(refusal(Array("{\"ab".utf8) + bytes + Array("\": 1}".utf8))?.code == .encoding)
    }

    private static let invalidUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xFE], [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80],
        [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xE2, 0x28, 0xA1],
        [0xF8, 0x88, 0x80, 0x80, 0x80],
    ]

    @Test(
        "P11 half of a surrogate pair is refused",
        arguments: [
            #"\ud800"#, #"\udfff"#, #"\ud800x"#, #"\ud800\n"#, #"\ud800\ud800"#, #"\ud800\u0041"#,
            #"\udc00\ud800"#, #"\uDBFF"#,
        ])
    func p11Surrogates(text: String) throws {
        let error = try #require(refusal("[\"ab\(text)\"]"))
        #expect(error.code == .encoding)
        #expect(error.message.contains("at byte 4"), "\(error)")
    }

    @Test("P11 the edges of UTF-8 are accepted")
    func p11Limit() throws {
        let text = "\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}\u{FEFF}"
        #expect(try parse("\"\(text)\"") == .string(text))
        #expect(try parse(#""\ud800\udc00\uDBFF\uDFFF""#) == .string("\u{10000}\u{10FFFF}"))
    }

    @Test("P12 a raw control character is refused in strings and keys")
    func p12() throws {
        for byte in UInt8(0)..<0x20 {
            let text = Array("\"a".utf8) + [byte] + Array("b\"".utf8)
            let string = try #require(refusal(text), "0x\(String(byte, radix: 16))")
            #expect(string.code == .syntax && string.position?.column == 3)
            let key = try #require(refusal(Array("{".utf8) + text + Array(":1}".utf8)))
            #expect(key.code == .syntax)
        }
        #expect(refusal("\"a\u{7F}b\"") == nil, "DEL is no control character in RFC 8259")
    }

    @Test("P13 NUL bytes, and NUL in a key, are refused")
    func p13() throws {
        for bytes: [UInt8] in [
            [0], [0x31, 0], [0x31, 0, 0x32], [0x5B, 0, 0x5D], [0x5B, 0x31, 0, 0x5D],
            Array("{\"a\":1}".utf8) + [0], Array("{\"a\":1}\n".utf8) + [0],
        ] {
            #expect(refusal(bytes)?.code == .syntax, "\(bytes)")
        }
        let key = refusal(#"{"a\u0000b": 1}"#)
        #expect(key?.message.contains("NUL") == true)
        #expect(key?.position?.column == 2)
        #expect(try parse(#""a\u0000b""#) == .string("a\0b"), "in a value it is data")
    }

    @Test("P14 what is JSON elsewhere is refused with a hint", arguments: habits)
    func p14(text: String, hint: String) throws {
        let error = try #require(refusal(text), "\(text)")
        #expect(error.code == .syntax)
        #expect(error.message.contains(hint), "\(text): \(error)")
    }

    private static let habits: [(String, String)] = [
        ("{'a': 1}", "double quotes"), ("['a']", "double quotes"),
        ("{\"a\": 'b'}", "double quotes"),
        ("{a: 1}", "keys are written in double quotes"), ("[abc]", "double quotes"),
        ("[“a”]", "typographic"), ("[1, // one\n2]", "no comments"), ("/* x */ 1", "no comments"),
        ("# x\n1", "no comments"), ("[1 /* x */]", "no comments"), ("1 // x", "no comments"),
        ("{\"a\": 1, # x\n}", "no comments"), ("[1,]", "trailing comma"),
        ("{\"a\": 1,}", "trailing comma"), ("[1,\n  ]", "trailing comma"), ("[True]", "true"),
        ("[False]", "false"), ("[TRUE]", "true"), ("[None]", "null"), ("[undefined]", "null"),
        ("[NaN]", "finite"), ("[-Infinity]", "finite"), ("\u{FEFF}{}", "byte order mark"),
        ("[10s]", "in quotes: \"10s\""), ("[0.1%]", "in quotes: \"0.1%\""),
        ("[64KiB]", "in quotes: \"64KiB\""), ("[1 2]", "','"), ("[\"a\" \"b\"]", "comma"),
        ("{\"a\" 1}", "':'"), ("{\"a\", 1}", "':'"), ("[1}", "the '[' at 1:1 is still open"),
        ("{1: 2}", "a key in double quotes"), ("\"\\x41\"", "no such escape"),
        ("\"\\u12g4\"", "four hexadecimal"), ("\"a\nb\"", "\\n"), ("[,1]", "expected a value"),
        ("[1,,2]", "expected a value"), ("]", "expected a value"), ("{,}", "expected a key"),
    ]

    @Test("P15 anything behind the document is refused")
    func p15() throws {
        for text in ["{} {}", "1 2", "[]]", "{}}", "null,", "{}x", "\"a\"\"b\"", "{}\n{}\n"] {
            let error = try #require(refusal(text), "\(text)")
            #expect(error.code == .syntax)
            #expect(error.message.contains("end of the document"), "\(error)")
        }
        #expect(refusal("{} \n\t\r\n") == nil)
    }

    @Test("P20 the limits stop a document before json-c sees it")
    func p20() throws {
        let scenarios = "[" + Array(repeating: "{}", count: 100_000).joined(separator: ",") + "]"
        #expect(refusal(scenarios)?.message == "the document has more than 50000 values")

        let string = "\"" + String(repeating: "x", count: (1 << 20) - 2) + "\""
        let error = try #require(refusal(string))
        #expect(error.message == "a string longer than 65536 bytes")
        #expect(error.position?.offset == 0)

        let large = String(repeating: " ", count: 1 << 20) + "1"
        #expect(
            refusal(large)?.message == "the document has 1048577 bytes; the limit is 1048576")
        let number = "1." + String(repeating: "0", count: 200)
        #expect(refusal(number)?.message == "a number longer than 128 characters")
        for text in [scenarios, string, large, number] { #expect(refusal(text)?.code == .limit) }
    }

    @Test("P20 the limits themselves are legal")
    func p20Limit() {
        let limits = JSONLimits(
            documentBytesMax: 12, stringBytesMax: 4, valuesMax: 3, depthMax: 1, numberBytesMax: 3)
        #expect(refusal(#"["€a", 123] "#, limits: limits)?.code == .limit)
        #expect(refusal(#"["€a",123]"#, limits: limits) == nil)
        #expect(refusal(#"["€ab",1]"#, limits: limits)?.code == .limit)
        #expect(refusal(#"[1,2,3]"#, limits: limits)?.code == .limit)
        #expect(refusal(#"[1234]"#, limits: limits)?.code == .limit)
        #expect(refusal(#"[[]]"#, limits: limits)?.code == .limit)
    }
}
