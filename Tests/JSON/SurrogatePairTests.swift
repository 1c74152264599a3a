import Testing

@testable import JSON

@Suite("Escaped surrogate pairs") struct SurrogatePairTests {
    private func read(_ text: String) throws -> JSONValue {
        try parse(text, limits: .roomy)
    }

    @Test(
        "a pair means its character, wherever its last 16 bits lie",
        arguments: [
            0x1_0000, 0x1_D7FF, 0x1_D800, 0x1_DC00, 0x1_DFFF, 0x1_E000, 0x2_D900, 0x5_DDCB,
            0xF_D800,
            0x10_FFFF,
        ])
    func everyPlane(value: Int) throws {
        let scalar = try #require(Unicode.Scalar(UInt32(value)))
        let escaped = String(scalar).utf16.map { "\\u" + String($0, radix: 16) }.joined()
        #expect(try read("[\"a\(escaped)\\u0007\"]") == .array([.string("a\(scalar)\u{7}")]))
        #expect(
            try read("{\"\(escaped)\": 1}")
                == .object([JSONMember(key: "\(scalar)", value: .integer(1))]))
    }

    @Test("a backslash that is escaped begins no pair")
    func escapedBackslash() throws {
        #expect(try read(#"["\\ud83d\\ude00"]"#) == .array([.string(#"\ud83d\ude00"#)]))
        #expect(try read(#"["\\\ud83d\ude00\""]"#) == .array([.string("\\\u{1F600}\"")]))
    }
}
