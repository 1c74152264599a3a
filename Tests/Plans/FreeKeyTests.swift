import Harness
import JSON
import Testing

@testable import Plans
@testable import Reports

/// Free keys of any text, on their way from the plan to a comparison.
@Suite struct FreeKeyTests {
    private static let seed: UInt64 = 9

    private static let pieces = [
        "", "a", "note", ".", "..", " ", "\"", "\\", "'", "[", "]", "[0]", "$", "$.", "x-", "-",
        "说明", "é", "e\u{301}", "\u{301}", "\u{200D}", "\u{202E}", "\n", "\t", "\u{7F}", "👩‍👩‍👧", "{",
        "}", ",", ":", "/", "networks", "\u{FEFF}", "\u{10FFFF}",
        String(repeating: "long", count: 40),
    ]

    /// Texts that were a fault once, then random ones.
    private static var texts: [String] {
        var random = SeededGenerator(seed: seed)
        let known = ["说明", "my note", "a.b", "", "\"", "a]b", "]", ".x-", "\u{301}", "["]
        return known
            + (0..<200).map { _ in
                (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    pieces.randomElement(using: &random) ?? ""
                }.joined()
            }
    }

    /// The plan's text with the free key in the places that it can have.
    private func plan(_ key: String, network: String) throws -> String {
        let name = try JSONValue.string("x-" + key).text()
        let free = "\(name): { \"is\": [1, null] }"
        return planText(
            networks: "\"\(network)\": { \"kind\": \"loopback\", \(free) }",
            responders: "\"echo\": { \"behaviour\": \"echo\", \(free) }",
            scenario: "\"networks\": [\"\(network)\"], \"responder\": \"echo\", \(free)",
            sender: "\"rate\": \"50pps\", \"payload\": \"160B\", \"count\": 1, \(free)",
            more: ", \(free)")
    }

    @Test(
        "T1 free keys of any text reach the report, and the report is of its format",
        arguments: ["here", "a.b", "a.x-b", "x-here", "-", "networks"])
    func t1FreeKeys(network: String) throws {
        for text in Self.texts {
            let plan = try PlanReader.read(
                Array(try plan(text, network: network).utf8), path: "plan.json")
            let key = "x-" + text
            let place =
                network.contains(".") ? "networks[\"\(network)\"]" : "networks.\(network)"
            let places = [
                place, "responders.echo", "scenarios[0].senders[0]", "scenarios[0]",
            ]
            let expected = places.map { "\($0).\(key)" } + [key]
            // As bytes: Swift's comparison takes different texts for one.
            #expect(
                Set(plan.extras.map { Array($0.key.utf8) }) == Set(expected.map { Array($0.utf8) }),
                "seed \(Self.seed): \(text.debugDescription)")
            let sealed = Sealed(Judged(report(plan), Judgement()))
            #expect(
                sealed.judgement == Judgement(), "seed \(Self.seed): \(text.debugDescription)")
            let value = try JSONValue.parse(Array(sealed.text.utf8), limits: .report)
            #expect(value["plan"]?["extras"] == .object(plan.extras))
            #expect(ReportFormat.problems(in: value) == [])
            let read = try ComparedReport(path: "report.json", bytes: Array(sealed.text.utf8))
            #expect(read.verdict == .pass)
        }
    }

    private func report(_ plan: Plan) -> Report {
        let time = UTCTime(millisecondsSince1970: 1_763_822_220_000)
        return Report(
            tool: ToolReport(version: "0"),
            plan: PlanReport(
                name: plan.name, sha256: plan.sha256, seed: plan.seed, path: plan.path,
                extras: .object(plan.extras)),
            host: HostReport(kernel: "k", architecture: "a", cpus: 1, clockResolutionNs: 1),
            started: time, finished: time, status: .complete, judgement: Judgement())
    }
}
