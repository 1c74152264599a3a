import Terminal
import Testing

/// A line under way at a terminal.
@Suite struct TypedLineTests {
    /// The events of typed text, and the line that is left under way.
    private func typed(_ text: String, bytesMax: Int = 100) -> ([TypedLine.Event], String) {
        var line = TypedLine(bytesMax: bytesMax)
        let events = text.utf8.compactMap { line.take($0) }
        return (events, String(decoding: line.bytes, as: UTF8.self))
    }

    private func lines(_ texts: String...) -> [TypedLine.Event] {
        texts.map { .line(Array($0.utf8)) }
    }

    @Test("return ends a line, and an empty line is one as well")
    func lines() {
        #expect(typed("one\ntwo\r\nhal") == (lines("one", "two", ""), "hal"))
    }

    @Test("backspace takes back a character of any language, and nothing before the first")
    func backspace() {
        #expect(typed("aé\u{7F}") == ([], "a"))
        #expect(typed("你好\u{8}") == ([], "你"))
        #expect(typed("a👋🏽\u{7F}b") == ([], "ab"))
        #expect(typed("\u{7F}\u{7F}x") == ([], "x"))
    }

    @Test("bytes that are no UTF-8 are taken back one by one")
    func bytes() {
        var line = TypedLine(bytesMax: 100)
        for byte: UInt8 in [0xC4, 0xE3, 0x7F] { _ = line.take(byte) }
        #expect(line.bytes == [0xC4])
    }

    @Test("Ctrl-W takes back a word, Ctrl-U the line")
    func words() {
        #expect(typed("one two  \u{17}") == ([], "one "))
        #expect(typed("one two\u{15}x") == ([], "x"))
    }

    @Test("Ctrl-D ends the input on an empty line alone")
    func end() {
        #expect(typed("a\u{4}b\n\u{4}") == (lines("ab") + [.end], ""))
    }

    @Test("keys that send escape sequences, and other controls, leave nothing in the line")
    func escapes() {
        #expect(typed("a\u{1B}[A\u{1B}[1;5Cb\u{1B}OPc\u{1B}xd\u{0}\u{7}") == ([], "abcd"))
    }

    @Test("a line has a maximum")
    func maximum() {
        #expect(typed("abcdef\n", bytesMax: 4) == (lines("abcd"), ""))
    }
}
