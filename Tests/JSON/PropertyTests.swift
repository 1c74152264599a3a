import Harness
import Testing

@testable import JSON

/// Seeded, so that a failure can be repeated: its message has the seed and the input.
@Suite struct PropertyTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func anyValueSurvivesWriterAndParser(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for turn in 0..<500 {
            let value = randomValue(&random, depth: 0)
            for style in [JSONStyle.compact, .pretty, .report] {
                let text = try value.text(style)
                let read = try parse(text, limits: .roomy)
                #expect(read == value, "seed \(seed), turn \(turn): \(text)")
                #expect(ReferenceParser.parse(Array(text.utf8)) == value)
            }
        }
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func theScanAcceptsExactlyWhatTheReferenceAccepts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for turn in 0..<5_000 {
            let bytes = mutated(&random)
            let expected = ReferenceParser.parse(bytes)
            let error = refusal(bytes, limits: .roomy)
            let input = "seed \(seed), turn \(turn): \(String(decoding: bytes, as: UTF8.self))"
            #expect(
                (error == nil) == (expected != nil), "\(input): \(error?.message ?? "accepted")")
            // json-c must never have to object: its errors mean that the scan let through too much.
            #expect(error?.code != .disagreement && error?.code != .memory, "\(input)")
            #expect(error?.position.map { $0.offset <= bytes.count } != false, "\(input)")
            guard let expected, error == nil else { continue }
            accepted += 1
            let read = try JSONValue.parse(bytes, limits: .roomy)
            #expect(read == expected, "\(input)")
            #expect(try parse(read.text(), limits: .roomy) == read, "\(input)")
        }
        #expect(accepted > 200, "mutations that leave nothing legal test only refusals")
    }

    private func randomValue(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 6 ? 9 : 6), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2:
            .integer(
                Int(truncatingIfNeeded: random.next() >> UInt64.random(in: 0..<64, using: &random)))
        case 3: .number(randomDouble(&random))
        case 4, 5: .string(randomString(&random))
        case 6:
            .array(
                (0..<Int.random(in: 0..<6, using: &random)).map { _ in
                    randomValue(&random, depth: depth + 1)
                })
        default: .object(randomMembers(&random, depth: depth))
        }
    }

    private func randomMembers(_ random: inout SeededGenerator, depth: Int) -> [JSONMember] {
        var members: [JSONMember] = []
        for number in 0..<Int.random(in: 0..<6, using: &random) {
            // The number keeps keys apart; NUL is the one character that a key cannot hold.
            let key = randomString(&random).filter { $0 != "\0" } + "\(number)"
            members.append(JSONMember(key: key, value: randomValue(&random, depth: depth + 1)))
        }
        return members
    }

    /// All bit patterns, so that subnormals and huge exponents are as likely as ordinary figures.
    private func randomDouble(_ random: inout SeededGenerator) -> Double {
        let number = Double(bitPattern: random.next())
        return number.isFinite ? number : 0.5
    }

    private func randomString(_ random: inout SeededGenerator) -> String {
        var string = ""
        let ceilings: [UInt32] = [0x20, 0x80, 0x800, 0x10000, 0x110000]
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            let ceiling = ceilings.randomElement(using: &random) ?? 0x80
            let value = UInt32.random(in: 0..<ceiling, using: &random)
            if let scalar = Unicode.Scalar(value) { string.unicodeScalars.append(scalar) }
        }
        return string
    }

    private static let seeds: [[UInt8]] = [
        richDocument, #"{"a":1,"b":[true,false,null],"c":{"d":"e"}}"#, "[0,-1,1.5,1e3,-2.5E-3]",
        #"["\u00e9\ud83d\ude00\n\"\\\/","é€😀"]"#, " { \"k\" :\t[ ] ,\r\n \"l\" : { } } ",
        "[[[[[]]]]]",
        "123", "\"x\"", "-0.0", "[9223372036854775807,1e308,5e-324]",
    ].map { Array($0.utf8) }

    /// What breaks JSON parsers: structure, quotes, digits, letters of literals, bad UTF-8.
    private static let alphabet: [[UInt8]] =
        "{}[],:\"\\/ \t\n\r0123456789+-.eEtrufalsn'#x\0\u{7F}".unicodeScalars.map {
            Array(String($0).utf8)
        } + [[0x80], [0xC3], [0xC3, 0xA9], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], [0xFF]]
        + ["\\u0000", "\\ud800", "\\udc00", "\\u0061", "\"a\":", ",\"a\":1", "1e999", "1e-999"].map
    {
        Array($0.utf8)
    }

    private func mutated(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Self.seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, at + Int.random(in: 0...4, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(at..<end)
            case 1: bytes.insert(contentsOf: bytes[at..<end], at: at)
            case 2 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 3:
                let other = Self.seeds.randomElement(using: &random) ?? []
                bytes.insert(contentsOf: other.prefix(100), at: at)
            case 4:
                let piece = Self.alphabet.randomElement(using: &random) ?? []
                bytes.replaceSubrange(at..<end, with: piece)
            default:
                bytes.insert(contentsOf: Self.alphabet.randomElement(using: &random) ?? [], at: at)
            }
        }
        return bytes
    }
}
