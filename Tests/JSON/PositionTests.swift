import Testing

@testable import JSON

@Suite struct PositionTests {
    private func read(_ text: String) throws -> JSONNode {
        try JSONDocument.read(file: "p.json", bytes: Array(text.utf8)).root
    }

    @Test func everyValueAndKeyKnowsItsPlace() throws {
        let root = try read(
            """
            {
              "a": [1, {"b": null}],
              "c d": "x"
            }
            """)
        #expect(root.position == JSONPosition(offset: 0, line: 1, column: 1))
        #expect(root.path == "$")
        let array = try #require(root["a"])
        #expect((array.line, array.column, array.path) == (2, 8, "$.a"))
        guard case .array(let elements) = array.content else { throw WrongKind() }
        #expect((elements[0].line, elements[0].column, elements[0].path) == (2, 9, "$.a[0]"))
        let inner = try #require(elements[1]["b"])
        #expect((inner.line, inner.column, inner.path) == (2, 18, "$.a[1].b"))
        guard case .object(let members) = root.content else { throw WrongKind() }
        #expect(members.map(\.keyPosition.description) == ["2:3", "3:3"])
        #expect(members[1].node.path == "$[\"c d\"]")
        #expect(root.value == (try parse(#"{"a":[1,{"b":null}],"c d":"x"}"#)))
    }

    private struct WrongKind: Error {}

    @Test func columnsCountScalarsAndOffsetsCountBytes() throws {
        let root = try read("[\"é€😀\", \"e\u{301}\", 1]")
        guard case .array(let elements) = root.content else { throw WrongKind() }
        #expect(elements.map(\.column) == [2, 9, 15])
        #expect(elements.map(\.position.offset) == [1, 14, 21])
    }

    @Test func onlyALineFeedEndsALine() throws {
        let root = try read("[\r\n1,\r2,\n\"\u{2028}\",\n3]")
        guard case .array(let elements) = root.content else { throw WrongKind() }
        #expect(elements.map(\.position.description) == ["2:1", "2:4", "3:1", "4:1"])
    }

    @Test func anErrorNamesThePathAndPrintsOnOneLine() throws {
        let error = try #require(refusal("{\"a\": [1,\n {\"b\": tru}]}"))
        #expect(
            error.problem(file: "dir/p.json").description
                == "dir/p.json:2:8: $.a[1].b: expected a value, found \"tru\" without quotes; "
                + "strings are written in double quotes")
        #expect(error.description.hasPrefix("2:8: $.a[1].b: "))
    }

    @Test func truncationNamesWhatIsOpen() {
        #expect(refusal("{\"a\": [1")?.message.contains("the '[' at 1:7 is not closed") == true)
        #expect(refusal("[\"abc")?.message.contains("the string at 1:2 is not closed") == true)
        #expect(refusal("[\"abc\\")?.code == .truncated)
        #expect(refusal("[\"abc\\u00")?.code == .truncated)
        #expect(refusal("-")?.code == .syntax)
    }

    @Test func messagesCannotMoveTheCursor() throws {
        let error = try #require(refusal("{\"a\\u001b[2J\\u202e\": 1, \"a\\u001b[2J\\u202e\": 2}"))
        #expect(error.message.contains(#""a\u{1B}[2J\u{202E}""#))
        #expect(error.path == #"$["a\u{1B}[2J\u{202E}"]"#)
        let long = String(repeating: "k", count: 10_000)
        let second = try #require(refusal("{\"\(long)\": [tru]}"))
        #expect(second.path.utf8.count < 100)
    }
}
