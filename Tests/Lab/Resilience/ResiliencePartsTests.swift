import Reports
import Testing

@testable import Lab

/// The parts of the battery that need no server.
@Suite struct ResiliencePartsTests {
    // MARK: - Command words

    @Test(
        "a command is split as a shell would, and nothing else in it has a meaning",
        arguments: [
            ("python3 server.py", ["python3", "server.py"]),
            ("  a   b\tc ", ["a", "b", "c"]),
            ("'a b' \"c d\"", ["a b", "c d"]),
            ("a\\ b", ["a b"]),
            ("a''b", ["ab"]),
            ("a '' b", ["a", "", "b"]),
            (#""a\"b" "c\d" '\'"#, ["a\"b", "c\\d", "\\"]),
            ("a;b|c $HOME *", ["a;b|c", "$HOME", "*"]),
            ("s {host}:{port}", ["s", "{host}:{port}"]),
        ])
    func commandWords(text: String, words: [String]) throws {
        #expect(try CommandWords.split(text) == words)
    }

    @Test(
        "a command that ends in the middle, or names nothing, is refused",
        arguments: ["", "   ", "'a", "\"a", "a\\", "''", "a\0b"])
    func wrongCommandWords(text: String) {
        #expect(throws: ResilienceRequestError.self) { try CommandWords.split(text) }
    }

    // MARK: - Probes

    @Test("a probe is printable text of its length, and is told by its number")
    func probeText() {
        let text = ProbeText(session: 0x0abc_def0)
        for bytes in [16, 17, 32, 65_507] {
            let octets = text.octets(4_711, bytes: bytes)
            #expect(octets.count == bytes)
            #expect(octets.allSatisfy { (0x20...0x7e).contains($0) })
            #expect(text.number(octets) == 4_711)
        }
        let upper = String(decoding: text.octets(7, bytes: 20), as: UTF8.self).uppercased()
        #expect(text.number(Array(upper.utf8)) == 7, "a changed answer is an answer still")
    }

    @Test("what another battery asked, and what is too short, has no number")
    func strangeProbe() {
        let text = ProbeText(session: 1)
        #expect(text.number(ProbeText(session: 2).octets(7, bytes: 20)) == nil)
        #expect(text.number(text.octets(7, bytes: 20).prefix(15)) == nil)
        #expect(text.number([UInt8]()) == nil)
    }

    @Test("a probe is found in an answer that has something before it")
    func probeInside() {
        let text = ProbeText(session: 0x0abc_def0)
        let octets = text.octets(7, bytes: 20)
        #expect(text.isIn(octets))
        #expect(text.isIn(Array("echo: ".utf8) + octets))
        #expect(text.isIn(Array(String(decoding: octets, as: UTF8.self).uppercased().utf8)))
        #expect(!text.isIn(Array(octets[1...])))
        #expect(!text.isIn([]))
    }

    @Test("the same seed gives the same garbage")
    func seeded() {
        var (one, two) = (SeededGenerator(seed: 9), SeededGenerator(seed: 9))
        var other = SeededGenerator(seed: 10)
        let first = (0..<4).map { _ in one.next() }
        #expect(first == (0..<4).map { _ in two.next() })
        #expect(first != (0..<4).map { _ in other.next() })
    }

    // MARK: - Memory

    private func watch(_ samples: [Int]) -> MemoryWatch {
        var watch = MemoryWatch()
        for sample in samples { watch.sample(sample) }
        return watch
    }

    @Test("memory that grows all the time is a leak, by how much it grew after the start")
    func leak() {
        let samples = (0..<30).map { (10 << 20) + ($0 << 18) }
        #expect(watch(samples).growthBytes == 19 << 18)
    }

    @Test("memory that settles, takes one step, or is hardly known is none")
    func noLeak() {
        #expect(watch((0..<30).map { min($0, 9) << 20 }).growthBytes == nil)
        #expect(watch((0..<30).map { $0 < 20 ? 10 << 20 : 20 << 20 }).growthBytes == nil)
        #expect(watch((0..<30).map { 10 << 20 + $0 << 8 }).growthBytes == nil)
        #expect(watch([1 << 20, 90 << 20]).growthBytes == nil)
        #expect(watch([]).text == nil)
    }

    // MARK: - Trials

    @Test("no two trials have the same name, and basic has fewer of them than strict")
    func catalog() {
        let ids = TrialCatalog.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        var options = ResilienceOptions()
        let basic = TrialCatalog.trials(options)
        options.profile = .strict
        #expect(basic.count < TrialCatalog.trials(options).count)
        #expect(TrialCatalog.trials(options).count == ids.count)
        options.only = ["soak"]
        #expect(TrialCatalog.trials(options).map(\.id) == ["soak"])
    }
}
