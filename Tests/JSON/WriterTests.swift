import Testing

@testable import JSON

@Suite struct WriterTests {
    @Test func compactTextIsOneLineWithoutSpaces() throws {
        let value = try parse(#" { "b" : [ 1 , 2.5 , null , true ] , "a" : { } , "c" : [ ] } "#)
        #expect(try value.text() == #"{"b":[1,2.5,null,true],"a":{},"c":[]}"#)
    }

    @Test func prettyTextHasTwoSpacesALevelAndALineFeedAtTheEnd() throws {
        let value = try parse(#"{"b":[1,{"x":null}],"a":{},"c":[],"d":"e"}"#)
        #expect(
            try value.text(.pretty) == """
                {
                  "b": [
                    1,
                    {
                      "x": null
                    }
                  ],
                  "a": {},
                  "c": [],
                  "d": "e"
                }

                """)
    }

    @Test func aReportHasTheRowsOfItsTablesOnOneLineEach() throws {
        let text =
            #"{"rows":[{"a":1,"b":[1.5,null],"c":{"d":"late"}},{"a":2}],"n":[1,2,-3],"#
            + #""s":["a sentence with blanks"],"o":[{"t":"two words"}],"e":[],"i":{"x":1}}"#
        #expect(
            try parse(text).text(.report) == """
                {
                  "rows": [
                    {"a": 1, "b": [1.5, null], "c": {"d": "late"}},
                    {"a": 2}
                  ],
                  "n": [1, 2, -3],
                  "s": [
                    "a sentence with blanks"
                  ],
                  "o": [
                    {
                      "t": "two words"
                    }
                  ],
                  "e": [],
                  "i": {
                    "x": 1
                  }
                }

                """)
    }

    @Test func aRowThatIsTooLongIsWrittenLikeAnyOtherValue() throws {
        let long = JSONValue.array((0..<400).map { .integer($0 + 1_000_000) })
        let rows = try JSONValue.array([.array([.integer(1)]), long]).text(.report)
        #expect(rows.hasPrefix("[\n  [1],\n  [\n    1000000,\n"))
        #expect(try parse(rows) == .array([.array([.integer(1)]), long]))
    }

    @Test func aRowWithAKeyTwiceIsRefused() {
        let members = [1, 2].map { JSONMember(key: "a", value: .integer($0)) }
        #expect(throws: JSONError.self) { try JSONValue.array([.object(members)]).text(.report) }
        let nan = JSONValue.array([.object([JSONMember(key: "a", value: .number(.nan))])])
        #expect(throws: JSONError.self) { try nan.text(.report) }
    }

    @Test func scalarsAreDocumentsToo() throws {
        #expect(try JSONValue.null.text() == "null")
        #expect(try JSONValue.bool(false).text() == "false")
        #expect(try JSONValue.integer(.min).text() == "-9223372036854775808")
        #expect(try JSONValue.string("").text() == "\"\"")
        #expect(try JSONValue.object([]).text() == "{}")
    }

    @Test(
        "doubles are written in the shortest text that reads back the same",
        arguments: [
            (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (0.1, "0.1"), (1e-5, "1e-05"),
            (1.0 / 3, "0.3333333333333333"), (1e16, "1e+16"), (123_456_789, "123456789.0"),
            (.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        ] as [(Double, String)])
    func shortestDoubles(number: Double, text: String) throws {
        #expect(try JSONValue.number(number).text() == text)
        guard case .number(let read) = try parse(text) else {
            Issue.record("\(text) was not read as a number")
            return
        }
        #expect(read.bitPattern == number.bitPattern)
    }

    @Test func stringsOfAnyContentRoundTrip() throws {
        let everything = String(
            String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
        for string in [
            everything, "a/b\\c\"d", "\u{FEFF}", "\u{2028}", "😀", "\0", "\0\0x", "e\u{301}",
        ] {
            for style in [JSONStyle.compact, .pretty, .report] {
                let text = try JSONValue.array([.string(string)]).text(style)
                #expect(try parse(text) == .array([.string(string)]))
                #expect(text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A })
            }
        }
        #expect(try JSONValue.string("a/b").text() == "\"a/b\"")
        #expect(try JSONValue.string("\u{1}\n").text() == #""\u0001\n""#)
    }

    @Test func keysOfAnyContentButNULRoundTrip() throws {
        let key = "k\u{1}\"\\/é😀\u{7F}"
        let value = JSONValue.object([JSONMember(key: key, value: .integer(1))])
        #expect(try parse(value.text()) == value)
    }

    @Test func whatJSONCannotSayIsRefusedWithItsPath() throws {
        func refusal(_ value: JSONValue) -> String? {
            do throws(JSONError) {
                _ = try JSONValue.object([JSONMember(key: "a", value: .array([.null, value]))])
                    .text()
                return nil
            } catch {
                #expect(error.code == .unwritable || error.code == .limit)
                return error.description
            }
        }
        #expect(refusal(.number(.nan)) == "$.a[1]: nan cannot be written as JSON")
        #expect(refusal(.number(.infinity)) == "$.a[1]: inf cannot be written as JSON")
        #expect(refusal(.number(-.infinity)) == "$.a[1]: -inf cannot be written as JSON")
        let twice = [JSONMember(key: "k", value: .null), JSONMember(key: "k", value: .null)]
        #expect(refusal(.object(twice)) == "$.a[1].k: the key stands twice in the object")
        let nul = [JSONMember(key: "k\0l", value: .null)]
        #expect(refusal(.object(nul))?.contains("a key cannot hold a NUL character") == true)
        var deep = JSONValue.null
        for _ in 0..<200 { deep = .array([deep]) }
        #expect(refusal(deep)?.contains("deeper than 128") == true)
    }

    @Test func membersKeepTheirOrder() throws {
        let keys = (0..<500).map { "key\(($0 * 7919) % 500)" }
        let value = JSONValue.object(keys.map { JSONMember(key: $0, value: .null) })
        guard case .object(let members) = try parse(value.text()) else { return }
        #expect(members.map(\.key) == keys)
    }
}
