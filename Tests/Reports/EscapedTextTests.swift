import Testing

@testable import Reports

/// What somebody sent, on a terminal.
@Suite struct EscapedTextTests {
    @Test("text stays text, whatever the language")
    func plain() {
        for text in ["hello", "grüße", "日本", "👋🏽 ok", ""] {
            #expect(TerminalText.escaped(Array(text.utf8)) == text)
        }
    }

    @Test("what a terminal obeys, and what is no UTF-8, is escaped")
    func escaped() {
        let cases: [([UInt8], String)] = [
            (Array("\u{1B}[2J".utf8), #"\u{1B}[2J"#), (Array("a\nb\rc\td".utf8), #"a\nb\rc\td"#),
            ([0], #"\u{0}"#), ([0x7f], #"\u{7F}"#), (Array("\u{9B}1m".utf8), #"\u{9B}1m"#),
            (Array("\u{202E}abc".utf8), #"\u{202E}abc"#), ([0xff], #"\xFF"#),
            ([0xc3], #"\xC3"#), ([0xe2, 0x82, 0x61], #"\xE2\x82a"#), ([0xc0, 0xaf], #"\xC0\xAF"#),
            ([0xed, 0xa0, 0x80], #"\xED\xA0\x80"#), (Array(#"\x41"#.utf8), #"\\x41"#),
        ]
        for (octets, text) in cases { #expect(TerminalText.escaped(octets) == text) }
    }

    @Test("no octets at all make a terminal do anything, and none is lost")
    func allOctets() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let text = TerminalText.escaped([first, second, 0x41])
                let isHarmless = text.unicodeScalars.allSatisfy {
                    $0.properties.generalCategory != .control
                        && $0.properties.generalCategory != .format
                }
                #expect(isHarmless, "\(first) \(second)")
                #expect(text.hasSuffix("A"), "\(first) \(second)")
            }
        }
    }

    @Test("JSON escapes what lies below a space, and nothing else")
    func inJSON() {
        #expect(TerminalText.isPlainInJSON(Array("a\n\u{1B}\\".utf8)))
        #expect(!TerminalText.isPlainInJSON(Array("\u{9B}".utf8)))
        #expect(!TerminalText.isPlainInJSON(Array("\u{7F}".utf8)))
        #expect(!TerminalText.isPlainInJSON([0xff]))
    }
}
