import Harness
import Testing

@testable import JSON

/// What people see is shown by a terminal, and obeyed never.
@Suite struct ShownTextTests {
    /// C0, C1, changes of direction, marks, separators, private use, and what is close to them.
    static let everything: [Unicode.Scalar] =
        (0...0x2FFF).compactMap(Unicode.Scalar.init)
        + [
            0xAD, 0x200B, 0x200E, 0x202A, 0x202E, 0x2066, 0x2069, 0x2028, 0x2029, 0xFEFF, 0xE000,
            0xFFF9, 0xE0001, 0xE0041, 0x10FFFF,
        ].compactMap(Unicode.Scalar.init)

    private func expectHarmless(_ text: String, keepingLines: Bool = false) {
        let obeyed = text.unicodeScalars.filter {
            !ShownText.isShown($0) && !(keepingLines && $0 == "\n")
        }
        #expect(obeyed.isEmpty, "\(obeyed.map(\.value))")
    }

    @Test("no scalar at all reaches a terminal that would obey it")
    func scalars() {
        for scalar in Self.everything {
            expectHarmless("a\(scalar)b".shown)
            expectHarmless(ShownText.of("a\(scalar)b", keepingLines: true), keepingLines: true)
            expectHarmless("\(scalar)".quotedForMessage)
        }
        #expect("\u{1B}[2J\u{9B}1m\u{202E}\n".shown == #"\u{1B}[2J\u{9B}1m\u{202E}\u{A}"#)
    }

    @Test("octets of any kind, and text of any length")
    func random() {
        for seed in UInt64(1)...200 {
            var generator = SeededGenerator(seed: seed)
            let octets = (0..<Int.random(in: 0...20_000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let shown = String(decoding: octets, as: UTF8.self).shown
            expectHarmless(shown)
            #expect(shown.utf8.count <= 4_097 * 10, "seed \(seed)")
        }
    }

    @Test("JSON text means what it meant, and has nothing that a terminal obeys")
    func inJSON() throws {
        let string = String(String.UnicodeScalarView(Self.everything))
        for style in [JSONStyle.compact, .pretty, .report] {
            let text = try JSONValue.array([.string(string), .string("grüße 日本")]).text(style)
            expectHarmless(text, keepingLines: true)
            #expect(text.contains("grüße 日本"))
            #expect(
                try JSONValue.parse(Array(text.utf8), limits: .report)
                    == .array([.string(string), .string("grüße 日本")]))
        }
    }

    @Test("a file's name is no part of the terminal's orders, in no message about it")
    func names() {
        let name = "a\u{1B}]0;x\u{07}\n\u{202E}b.json"
        let problem = JSONProblem(file: name, line: 1, column: 2, path: "$", message: "wrong")
        expectHarmless(problem.description)
    }
}
