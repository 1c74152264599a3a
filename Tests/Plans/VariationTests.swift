import Harness
import JSON
import Reports
import Testing

@testable import Plans

/// Variables, selections, repeats and scaled durations.
@Suite struct VariationTests {
    private func vary(
        _ text: String, _ change: (inout PlanVariation) throws -> Void
    ) throws -> Plan {
        var variation = PlanVariation()
        try change(&variation)
        return try PlanReader.read(Array(text.utf8), path: "plan.json", variation: variation)
    }

    private func message(
        _ text: String, _ change: (inout PlanVariation) throws -> Void
    ) -> String {
        do {
            _ = try vary(text, change)
            return "a plan"
        } catch {
            return "\(error)"
        }
    }

    private static let environment = [
        "HOME_HOST": "10.0.0.9", "TOKEN": "s3cret-\"word", "EMPTY": "",
    ]

    private func variable(_ text: String, _ origin: PlanVariable.Origin) throws -> PlanVariable {
        try PlanVariable(text, origin) { Self.environment[$0] }
    }

    // MARK: - Variables

    private func remark(_ text: String) -> String { planText(more: ", \"x-a\": \"\(text)\"") }

    @Test(
        "A string's variables are filled from options and defaults",
        arguments: [
            ("${A}", "1"), ("a${A}b${A}c", "a1b1c"), ("${NONE:-x}", "x"), ("${NONE:-}", ""),
            ("${EMPTY:-x}", "x"), ("${EMPTY}", ""), ("$${A}", "${A}"), ("$$", "$$"), ("$A", "$A"),
            ("a$", "a$"), ("kill $$; $1", "kill $$; $1"), ("$$${A}", "$1"), ("$$$${A}", "$${A}"),
            ("${NONE:-a:-b}", "a:-b"),
            ("${HOME_HOST}:80", "10.0.0.9:80"), ("${A:-2}", "1"),
        ])
    func filled(text: String, value: String) throws {
        let plan = try vary(remark(text)) {
            $0.variables = try [
                variable("A=1", .typed), variable("EMPTY", .environment),
                variable("HOME_HOST", .environment),
            ].filter { try names(in: text).contains($0.name) }
        }
        #expect(plan.extras == [JSONMember(key: "x-a", value: .string(value))])
        let again = try PlanReader.read(Array(plan.effective.text.utf8), path: "-")
        #expect(again.extras == plan.extras && again.effective == plan.effective)
    }

    private func names(in text: String) throws -> [String] {
        try VariableText.parts(of: text).compactMap { part in
            if case .variable(let name, _) = part { name } else { nil }
        }
    }

    @Test(
        "A variable that is not filled is a problem with what to type",
        arguments: [
            ("${HOST}", "${HOST} has no value: type --var HOST=VALUE, or --env HOST"),
            ("${ABD}", "; did you mean \"ABC\"?"),
            ("${GONE}", "the environment has no GONE; export it, or type --var GONE=VALUE"),
            ("${", "has no \"}\""), ("${}", "is not legal: write ${NAME}"),
            ("${1A}", "is not legal"), ("${A-b}", "is not legal"), ("${a b}", "is not legal"),
            ("${A:-${B}}", "a plan"),
        ])
    func unfilled(text: String, says: String) throws {
        let said = message(remark(text)) {
            $0.variables = [try variable("GONE", .environment), try variable("ABC=1", .typed)]
                .filter {
                    text == "${GONE}" ? $0.name == "GONE" : text == "${ABD}" && $0.name == "ABC"
                }
        }
        #expect(said == "a plan" || said.hasPrefix("plan.json:3:"), "\(said)")
        #expect(said.contains(says), "\(said)")
    }

    @Test func aVariableThatNoStringHasIsAProblemOfItsOption() {
        let said = message(remark("${HOST:-a}")) {
            $0.variables = [try variable("HOSTS=b", .typed)]
        }
        #expect(
            said == "--var HOSTS=b: $: no string of the plan has ${HOSTS}; did you mean \"HOST\"?")
    }

    @Test func theReportHasTheValuesUsed() throws {
        let plan = try vary(remark("${A}${A}${B:-b}")) {
            $0.variables = [try variable("A=1", .typed)]
        }
        #expect(
            plan.variation.variables == [
                PlanVariableReport(name: "A", value: "1", origin: .typed),
                PlanVariableReport(name: "B", value: "b", origin: .fallback),
            ])
    }

    @Test(
        "What is no variable is refused",
        arguments: [
            ("A", PlanVariable.Origin.typed), ("1=2", .typed), ("=2", .typed), ("a-b=2", .typed),
            ("A=1", .environment), ("", .environment), ("S=abc", .secret), ("é=1", .typed),
        ])
    func malformed(text: String, origin: PlanVariable.Origin) {
        #expect(throws: JSONComplaint.self) { try variable(text, origin) }
    }

    @Test func aLongValueInManyStringsIsBounded() {
        let words = Array(repeating: "\"${A}\"", count: 40).joined(separator: ", ")
        let said = message(planText(more: ", \"x-a\": [\(words)]")) {
            $0.variables = [
                try variable("A=" + String(repeating: "a", count: 60_000), .typed)
            ]
        }
        #expect(said.contains("bytes of text once it is filled"), "\(said.prefix(200))")
    }

    // MARK: - Secrets

    private let service = planText(
        responders: #""echo": { "command": ["serve", "--token=${TOKEN}", "{port}"] }"#)

    @Test func aSecretIsInTheCommandAndNowhereElse() throws {
        let plan = try vary(service) { $0.variables = [try variable("TOKEN", .secret)] }
        guard case .command(let command) = plan.responders[0].kind else {
            Issue.record("no command")
            return
        }
        #expect(command.words[1] == "--token=s3cret-\"word")
        #expect(!plan.effective.text.contains("s3cret"))
        #expect(plan.effective.text.contains("--token=${TOKEN}"))
        #expect(
            plan.variation.variables == [
                PlanVariableReport(name: "TOKEN", value: nil, origin: .secret)
            ])
        #expect(plan.hidden.hiding(in: "said s3cret-\"word!") == "said •••!")
        #expect(plan.hidden.hiding(in: #"{"a":"s3cret-\"word"}"#) == #"{"a":"•••"}"#)
    }

    @Test func aSecretOutsideOfACommandIsRefused() {
        let said = message(remark("${TOKEN}")) {
            $0.variables = [try variable("TOKEN", .secret)]
        }
        #expect(said.contains("is for the words of a \"command\""), "\(said)")
        #expect(!said.contains("s3cret"))
    }

    // MARK: - Selections, repeats, scale

    private let two = planText(
        networks: #""a": { "kind": "loopback" }, "b": { "kind": "emulated", "delay": "1ms" }"#,
        scenario: #""networks": ["a", "b"], "responder": "echo", "warm_up": "1s""#)

    @Test func aSelectionKeepsWhatItNames() throws {
        let plan = try vary(two) { $0.selections = [try PlanSelection("one/b")] }
        #expect(plan.scenarios.map(\.networks).map { $0.map(\.name) } == [["b"]])
        let whole = try vary(two) {
            $0.selections = [try PlanSelection("one/b"), try PlanSelection("one")]
        }
        #expect(whole.scenarios[0].networks.map(\.name) == ["a", "b"])
        // A run has the seed that it has in the whole plan.
        let alone = try #require(plan.runs(of: plan.scenarios[0]).first)
        #expect(whole.runs(of: whole.scenarios[0]).contains(alone))
    }

    @Test(
        "A selection that the plan does not have is a problem of its option",
        arguments: [
            ("two", "--only two: $.scenarios: there is no scenario \"two\": known are \"one\""),
            ("onee", "; did you mean \"one\"?"),
            (
                "one/c",
                "--only one/c: $.scenarios[0].networks: scenario \"one\" has no network \"c\""
            ),
        ])
    func unknown(selection: String, says: String) throws {
        let said = message(two) { $0.selections = [try PlanSelection(selection)] }
        #expect(said.contains(says), "\(said)")
    }

    @Test func repeatsAreThoseOfEveryScenarioThatSends() throws {
        let plan = try vary(two) { $0.repeats = 7 }
        #expect(plan.scenarios[0].repeats == 7)
        #expect(plan.variation.options == ["--repeat 7"])
        let battery = try Corpus.bytes("\(Corpus.root)/good/battery.json")
        let said = message(String(decoding: battery, as: UTF8.self)) { $0.repeats = 2 }
        #expect(said.hasPrefix("--repeat 2: $.scenarios: every scenario is a battery"), "\(said)")
    }

    @Test func theScaleIsThatOfTheTimesThatLayOutARun() throws {
        let text = planText(
            networks: """
                "here": { "kind": "emulated", "delay": "20ms",
                          "blackhole": { "from": "3s", "until": "4s" } }
                """,
            scenario:
                #""networks": ["here"], "responder": "echo", "warm_up": "1s", "timeout": "2s""#,
            sender: """
                "rate": "50pps", "payload": "64B", "duration": "10s" },
                { "name": "few", "rate": "5pps", "payload": "64B", "count": 25 },
                { "name": "staged", "payload": "64B", "stages": [
                  { "rate": "5pps", "duration": "10s" }, { "rate": "9pps", "duration": "20s" } ]
                """)
        let plan = try vary(text) { $0.scale = try DurationScale("0.1") }
        let scenario = plan.scenarios[0]
        #expect(scenario.warmUpNs == 100_000_000 && scenario.timeoutNs == 2_000_000_000)
        #expect(
            scenario.senders.map(\.length) == [
                .durationNs(1_000_000_000), .count(3), .durationNs(3_000_000_000),
            ])
        #expect(
            scenario.senders[2].schedule.stages.map(\.lengthNs) == [1_000_000_000, 2_000_000_000])
        for part in [#""delay": "20ms""#, #""from": "300ms""#, #""until": "400ms""#] {
            #expect(plan.effective.text.contains(part), "\(plan.effective.text)")
        }
    }

    @Test func aScaledPlanIsCheckedLikeAnyOther() throws {
        let text = planText(
            scenario: #""networks": ["here"], "responder": "echo", "warm_up": "1h""#)
        let said = message(text) { $0.scale = try DurationScale("2") }
        #expect(
            said.hasPrefix(
                "--duration-scale 2: $.scenarios[0].warm_up: \"7200s\" is out of range"), "\(said)")
        // A problem of the plan itself is at its line.
        let wrong = message(text.replacing("1h", with: "2h")) {
            $0.scale = try DurationScale("0.1")
        }
        #expect(wrong.hasPrefix("plan.json:"), "\(wrong)")
    }

    @Test(
        "What is no factor is refused",
        arguments: ["", "0", "-1", "10%", "1e3", "1001", "a", "0.0001"])
    func factors(text: String) {
        #expect(throws: JSONComplaint.self) { try DurationScale(text) }
    }

    /// Seeded: a time that is scaled is, to half a nanosecond, the product.
    @Test func aScaledTimeIsTheProduct() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let ns = Int.random(in: 1...3_600_000_000_000, using: &random)
            let factor = Int.random(in: 100...999, using: &random)
            let text = "{ \"scenarios\": [ { \"warm_up\": \"\(ns)ns\" } ] }"
            let root = try JSONDocument.read(file: "plan.json", bytes: Array(text.utf8)).root
            let scaled = try DurationScale("0.\(factor)").applied(to: root, source: 0)
            let time = try #require(scaled["scenarios"]?.elements?.first?["warm_up"]?.string)
            let expected = (ns * factor + 500) / 1_000
            #expect(try Quantity.duration.steps(time) == expected, "seed 7: \(ns) ns × \(factor)")
        }
    }
}
