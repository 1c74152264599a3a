import Foundation
import Harness
import Reports
import Testing

@testable import Lab

/// Outcomes of runs, from what the workers say to the ledger, the verdict, the deciding reason and
/// the exit status: the table `outcomes.txt`, every two of its conditions together, and random
/// ones.
///
/// `UDPLAB_RECORD=1` writes the last three columns of the table; read what changed.
@Suite struct OutcomeTableTests {
    private static let path =
        #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/outcomes.txt"

    private static func lines() throws -> [Substring] {
        let text = String(decoding: try TemporaryDirectory.read(path), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private static func isRow(_ line: Substring) -> Bool {
        !line.isEmpty && !line.hasPrefix("#")
    }

    static func run(_ kind: PlanKind, _ conditions: [Condition]) throws -> MadeUpRun {
        var run = try #require(templates[kind])
        for condition in conditions { run.say(condition) }
        return run
    }

    /// A plan is read once.
    static let templates: [PlanKind: MadeUpRun] = {
        var templates: [PlanKind: MadeUpRun] = [:]
        for kind in PlanKind.allCases { templates[kind] = try? MadeUpRun(kind) }
        return templates
    }()

    @Test("every outcome has its ledger, its verdict, its deciding reason and its exit status")
    func table() throws {
        let isRecording = ProcessInfo.processInfo.environment["UDPLAB_RECORD"] != nil
        var recorded: [String] = []
        for line in try Self.lines() {
            guard Self.isRow(line) else {
                recorded.append(String(line))
                continue
            }
            let row = try #require(OutcomeRow(line), "no row: \(line)")
            let run = try Self.run(row.kind, row.conditions)
            let sealed = run.sealed()
            #expect(Consistency(run: run, sealed: sealed).problems() == [], "\(line)")
            let found = OutcomeRow(row.kind, row.conditions, sealed).line
            recorded.append(found)
            if !isRecording { #expect(found == line) }
        }
        guard isRecording else { return }
        try recorded.joined(separator: "\n").write(
            toFile: Self.path, atomically: true, encoding: .utf8)
    }

    @Test("the table has every kind of plan, every fate and every condition")
    func complete() throws {
        let rows = try Self.lines().filter(Self.isRow).compactMap { OutcomeRow($0) }
        #expect(rows.count >= 120)
        #expect(Set(rows.map(\.kind)) == Set(PlanKind.allCases))
        let conditions = rows.flatMap(\.conditions).map(\.what)
        for fate in Fate.allCases { #expect(conditions.contains(.fate(fate)), "\(fate)") }
        for name in Condition.Name.allCases {
            #expect(conditions.contains(.other(name)), "\(name)")
        }
        #expect(Set(rows.map { "\($0.kind) \($0.conditions)" }).count == rows.count)
    }

    @Test("of every two conditions the more severe decides", arguments: PlanKind.allCases)
    func pairs(kind: PlanKind) throws {
        let rows = try Self.lines().filter(Self.isRow).compactMap { OutcomeRow($0) }
        let singles = try rows.filter { $0.kind == kind && $0.conditions.count == 1 }.map {
            (
                condition: $0.conditions[0],
                verdict: try Self.run(kind, $0.conditions).judgedRun().document.verdict
            )
        }
        for (place, first) in singles.enumerated() {
            for second in singles[(place + 1)...] {
                var run = try Self.run(kind, [first.condition])
                // What there is no probe left for did not happen.
                guard run.say(second.condition) else { continue }
                let input = "\(kind.rawValue) | \(first.condition), \(second.condition)"
                // What a responder owed when resets ended it is its policy's doing, not this
                // host's.
                if input.contains("echo_failed"), input.contains("responder-ended") { continue }
                expectMoreSevere(run, max(first.verdict, second.verdict), input)
                #expect(Consistency.problems(run, run.judgedRun()) == [], "\(input)")
            }
        }
    }

    /// The verdict of both is the more severe one. What keeps a `fail` or a contradiction from
    /// being found is a cause itself, so that nothing passes: the run broke off, nothing was
    /// measured, or this host did something that cannot be told from what was tested.
    private func expectMoreSevere(_ run: MadeUpRun, _ expected: Verdict, _ input: String) {
        let judged = run.judgedRun().document
        guard judged.verdict < expected else { return }
        let obstacles = ["this host", "nothing was sent", "gave no result"]
        let hasObstacle =
            run.failure != nil
            || judged.reasons.contains { reason in obstacles.contains { reason.contains($0) } }
        #expect(
            judged.verdict > .pass && hasObstacle,
            "\(input): \(judged.verdict), not \(expected): \(judged.reasons)")
    }

    /// Of so many random outcomes the report is made, written and read as well.
    private static let sealedEvery: UInt64 = 25
    private static let slices = 8

    @Test(
        "whatever workers say, one verdict is told, and it is not better than its reasons",
        arguments: 0..<slices)
    func random(slice: Int) throws {
        let seeds = Sweep.seeds(10_000, wide: 100_000) / Self.slices
        for seed in UInt64(slice * seeds)..<UInt64((slice + 1) * seeds) {
            var random = Harness.SeededGenerator(seed: seed)
            let kind = try #require(PlanKind.allCases.randomElement(using: &random))
            let conditions = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                Self.condition(&random)
            }
            let run = try Self.run(kind, conditions)
            let problems =
                seed % Self.sealedEvery == 0
                ? Consistency(run: run, sealed: run.sealed()).problems()
                : Consistency.problems(run, run.judgedRun())
            #expect(problems == [], "seed \(seed): \(kind.rawValue) | \(conditions)")
        }
    }

    private static func condition(_ random: inout Harness.SeededGenerator) -> Condition {
        if random.chance(0.5), let fate = Fate.allCases.randomElement(using: &random) {
            return Condition(.fate(fate), Int.random(in: 1...60, using: &random))
        }
        let names = Condition.Name.allCases
        let name = names[Int.random(in: 0..<names.count, using: &random)]
        let amounts = [-3, 1, 2, 5, 6, 9, 30, 100, 537_404_983]
        return Condition(
            .other(name), amounts[Int.random(in: 0..<amounts.count, using: &random)])
    }
}
