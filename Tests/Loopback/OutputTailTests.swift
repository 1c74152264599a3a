import Harness
import Testing

@testable import Workers

/// The last lines of a program's output, whatever the pieces that it comes in.
@Suite struct OutputTailTests {
    private static func tail(of text: [UInt8], lines: Int, pieces: () -> Int) -> [String] {
        var tail = OutputTail(lines: lines)
        var start = 0
        while start < text.count {
            let end = min(text.count, start + max(1, pieces()))
            text[start..<end].withUnsafeBytes { tail.take($0) }
            start = end
        }
        return tail.finish()
    }

    @Test("what is kept are the last lines of all that was written, each cut at its limit")
    func property() {
        for seed in UInt64(1)...300 {
            var generator = SeededGenerator(seed: seed)
            let text = (0..<Int.random(in: 0...3_000, using: &generator)).map { _ in
                generator.chance(0.05)
                    ? UInt8(ascii: "\n") : UInt8.random(in: 97...122, using: &generator)
            }
            let lines = Int.random(in: 1...8, using: &generator)
            let most = [1, 7, 100, 5_000].randomElement(using: &generator) ?? 1
            let kept = Self.tail(of: text, lines: lines) {
                Int.random(in: 1...most, using: &generator)
            }
            var all = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            if all.last?.isEmpty == true { all.removeLast() }
            let expected = all.suffix(lines).map {
                String(decoding: $0.prefix(OutputTail.lineBytesLimit), as: UTF8.self)
            }
            #expect(kept == expected, "seed \(seed)")
        }
    }

    @Test("a line without end costs its limit and no more")
    func endless() {
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        let kept = Self.tail(of: text, lines: 20) { 1 << 16 }
        #expect(kept == [String(repeating: "x", count: OutputTail.lineBytesLimit)])
    }
}
