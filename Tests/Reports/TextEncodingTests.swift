import Testing

@testable import Reports

/// Text in the encodings of other hosts, by the converter of the C library.
@Suite struct TextEncodingTests {
    private func encoding(_ name: String) throws -> TextEncoding {
        try #require(TextEncoding(name), "the C library of this host lacks \(name)")
    }

    @Test("text comes back from each encoding")
    func bothWays() throws {
        for (name, text, octets) in [
            ("GBK", "你好, a", [0xC4, 0xE3, 0xBA, 0xC3, 0x2C, 0x20, 0x61]),
            ("SHIFT_JIS", "日本", [0x93, 0xFA, 0x96, 0x7B]),
            ("WINDOWS-1252", "€ü", [0x80, 0xFC]),
            ("KOI8-R", "Да", [0xE4, 0xC1]),
            ("UTF-16LE", "a漢", [0x61, 0x00, 0x22, 0x6F]),
            // With the sequences that lead into another set of characters and back.
            ("ISO-2022-JP", "日", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42]),
        ] as [(String, String, [UInt8])] {
            let encoding = try encoding(name)
            #expect(try encoding.encoded(text.utf8) == octets, "\(name)")
            #expect(encoding.escaped(octets) == text, "\(name)")
            #expect(encoding.plainInJSON(octets) == text, "\(name)")
            // A second text is not taken for the rest of the first.
            #expect(encoding.escaped(octets) == text, "\(name)")
        }
    }

    @Test("bytes that stand for no character are shown, and none is lost")
    func invalid() throws {
        let gbk = try encoding("GBK")
        #expect(gbk.escaped([0x61, 0xFF, 0x62]) == #"a\xFFb"#)
        #expect(gbk.escaped([0xC4, 0xE3, 0xBA]) == #"你\xBA"#)
        #expect(gbk.escaped([0xC4, 0x0A]) == #"\xC4\n"#)
        #expect(gbk.escaped([]) == "")
        #expect(gbk.plainInJSON([0x61, 0xFF]) == nil)
        let wide = try encoding("UTF-16LE")
        #expect(wide.escaped([0x61, 0x00, 0x41]) == #"a\x41"#)
    }

    @Test("what a terminal obeys is escaped after it is decoded")
    func controls() throws {
        let wide = try encoding("UTF-16LE")
        #expect(wide.escaped([0x1B, 0x00, 0x5B, 0x00, 0x32, 0x00]) == #"\u{1B}[2"#)
        #expect(wide.escaped([0x2E, 0x20]) == #"\u{202E}"#)
        #expect(wide.plainInJSON([0x9B, 0x00]) == nil)
        #expect(try encoding("ISO-8859-1").escaped([0x9B, 0x31]) == #"\u{9B}1"#)
        // EBCDIC has its control characters elsewhere.
        #expect(try encoding("IBM037").escaped([0x27, 0x81]) == #"\u{1B}a"#)
    }

    @Test("no two bytes of any of these encodings make a terminal do anything")
    func allPairs() throws {
        for name in ["GBK", "SHIFT_JIS", "UTF-7", "BIG5", "UTF-16BE", "CP037"] {
            let encoding = try encoding(name)
            for first in UInt8.min...UInt8.max {
                for second in stride(from: UInt8.min, to: UInt8.max, by: 5) {
                    let text = encoding.escaped([first, second])
                    #expect(text.unicodeScalars.allSatisfy(ShownTextJudge.isHarmless), "\(name)")
                }
            }
        }
    }

    @Test("a text is longer than the buffer of the conversion")
    func long() throws {
        let text = String(repeating: "你好a", count: 5_000)
        let gbk = try encoding("GBK")
        #expect(gbk.escaped(try gbk.encoded(text.utf8)) == text)
    }

    @Test("a character that an encoding lacks is named, and so is text that is no UTF-8")
    func unencodable() throws {
        let fault = try #require(throws: TextEncoding.Fault.self) {
            try encoding("WINDOWS-1252").encoded("ab漢c".utf8)
        }
        #expect(fault.description == #"WINDOWS-1252 has no "漢""#)
        let other = try #require(throws: TextEncoding.Fault.self) {
            try encoding("GBK").encoded([0x61, 0xC4, 0xE3])
        }
        #expect(other.description.contains("no UTF-8"))
    }

    @Test("names that no encoding has, or that would lose bytes, are refused")
    func names() {
        for name in ["", "klingon", "GBK//IGNORE", "UTF-8//TRANSLIT", "/"] {
            #expect(TextEncoding(name) == nil)
        }
    }
}

/// An independent judgement of what is harmless to a terminal.
private enum ShownTextJudge {
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
            && !(0x202A...0x202E).contains(scalar.value) && scalar.value != 0x2028
    }
}
