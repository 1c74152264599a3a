import Harness
import Testing

/// The fuzz targets on their corpora: each input as it is, cut off, and with bytes altered.
/// Coverage and sanitizers are for `./lab fuzz`.
@Suite struct FuzzCorpusTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Corpus"

    /// Of each input, beside itself.
    private static let mutations = 12

    @Test("what holds of every input holds of the corpus", arguments: FuzzTarget.all.map(\.name))
    func corpus(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let inputs = try Self.inputs(of: name)
        #expect(!inputs.isEmpty)
        for (file, octets) in inputs {
            try Self.test(target, octets, "\(name)/\(file)")
            for seed in 0..<UInt64(Self.mutations) {
                var random = SeededGenerator(seed: seed)
                let mutated = Self.mutated(octets, &random)
                try Self.test(target, mutated, "\(name)/\(file), seed \(seed)")
            }
        }
    }

    private static func test(_ target: FuzzTarget, _ octets: [UInt8], _ input: String) throws {
        let findings = Findings()
        target.test(octets, findings)
        #expect(findings.sentences == [], "\(input)")
    }

    private static func mutated(_ octets: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var octets = octets
        if random.chance(0.3) {
            octets.removeLast(Int.random(in: 0...octets.count, using: &random))
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) where !octets.isEmpty {
            let place = Int.random(in: 0..<octets.count, using: &random)
            octets[place] = UInt8(truncatingIfNeeded: random.next())
        }
        return octets
    }

    private static func inputs(of name: String) throws -> [(file: String, octets: [UInt8])] {
        let place = "\(folder)/\(name)"
        return try TemporaryDirectory.names(in: place).filter { !$0.hasPrefix(".") }.map {
            ($0, try TemporaryDirectory.read("\(place)/\($0)"))
        }
    }
}
