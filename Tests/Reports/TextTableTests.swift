import Harness
import Testing

@testable import Reports

@Suite("Tables for a terminal")
struct TextTableTests {
    private func table(_ rows: [[String]]) -> TextTable {
        var table = TextTable([.name("name"), .figure("first"), .figure("second")])
        for row in rows { table.add(row) }
        return table
    }

    private func text(_ table: TextTable, width: Int) -> String {
        table.lines(width: width, style: TerminalStyle(isOn: false)).all.joined(separator: "\n")
    }

    private let rows = [["short", "12,345", "1 %"], ["a-rather-long-name", "7", "99.9 %"]]

    @Test func columnsAreAsWideAsTheirCells() {
        #expect(
            text(table(rows), width: 80) == """
                  name                 first  second
                  short               12,345     1 %
                  a-rather-long-name       7  99.9 %
                """)
    }

    @Test func theGapsThenTheNamesGiveWay() {
        #expect(
            text(table(rows), width: 34) == """
                  name                first second
                  short              12,345    1 %
                  a-rather-long-name      7 99.9 %
                """)
        let narrow = text(table(rows), width: 29)
        #expect(narrow.contains("…") && narrow.contains("12,345") && narrow.contains("99.9 %"))
    }

    @Test func figuresTakeTwoLinesBeforeTheyAreCut() {
        #expect(
            text(table(rows), width: 22) == """
                  name           first
                                second
                  short         12,345
                                   1 %
                  a-rath…-name       7
                                99.9 %
                """)
    }

    @Test func namesThatWouldLookAlikeAreNotElided() {
        let alike = [
            ["network-number-one-of-the-lab", "1", "2"],
            ["network-number-two-of-the-lab", "3", "4"],
        ]
        let text = text(table(alike), width: 28)
        #expect(!text.contains("…"), "\(text)")
        #expect(text.contains("first 1 · second 2"))
    }

    @Test(
        "no number is elided and no line too wide, at any width",
        arguments: 1...40 as ClosedRange<UInt64>)
    func anyWidth(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let figures = Int.random(in: 1...9, using: &random)
        var table = TextTable([.name("n"), .name("m")] + (0..<figures).map { .figure("t\($0)") })
        var numbers: [String] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let cells = (0..<figures).map { _ in
                UnitText.time(ns: Double.random(in: 0...1e12, using: &random))
            }
            numbers += cells
            let names = (0..<2).map { _ in
                String(
                    repeating: ["x", "漢", "é"].randomElement(using: &random) ?? "y",
                    count: Int.random(in: 1...70, using: &random))
            }
            table.add(names + cells)
        }
        for width in [40, 60, 80, 120, 300] {
            let lines = table.lines(width: width, style: TerminalStyle(isOn: false)).all
            for line in lines {
                #expect(TerminalText.width(line) <= width, "seed \(seed): \(line)")
            }
            let text = lines.joined(separator: "\n")
            for number in numbers {
                #expect(text.contains(number), "seed \(seed), \(width): \(number)")
            }
        }
    }

    // MARK: - Widths

    @Test(arguments: [
        ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("한", 2), ("ｱ", 1), ("Ａ", 2), ("👩‍👩‍👧", 2),
        ("🇩🇪", 2),
        ("❤\u{FE0F}", 2), ("…", 1), ("µ", 1), ("✓", 1), ("", 0), ("\u{200D}", 0),
    ])
    func aCharacterHasItsColumns(text: String, width: Int) {
        #expect(TerminalText.width(text) == width, "\(text)")
    }

    @Test func wideCharactersAreElidedByTheirColumns() {
        #expect(TerminalText.elided("漢字漢字漢字", to: 7) == "漢…字")
        #expect(TerminalText.elided("漢字", to: 4) == "漢字")
        for width in 0...12 {
            #expect(TerminalText.width(TerminalText.elided("a漢b字c漢d", to: width)) <= width)
        }
    }

    @Test func aSentenceIsWholeHoweverLongItsWords() {
        let path = "/a/" + String(repeating: "long-", count: 30) + "end"
        let lines = TerminalText.sentence("it is at \(path) now", indent: 2, width: 40)
        #expect(lines.allSatisfy { TerminalText.width($0) <= 40 })
        #expect(lines.map { $0.dropFirst(2) }.joined().contains(path))
    }
}
