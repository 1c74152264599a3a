import JSON
import Load
import Testing

@testable import Plans

@Suite struct PlanReaderTests {
    @Test func aPlanIsReadWithItsDefaults() throws {
        let plan = try read(planText())
        let scenario = try #require(plan.scenarios.first)
        let sender = try #require(scenario.senders.first)
        #expect(plan.name == "test")
        #expect(plan.seed == 0)
        #expect(plan.networks == [NetworkDefinition(name: "here", kind: .loopback)])
        #expect(scenario.networks == plan.networks)
        #expect(scenario.responder == plan.responders.first)
        #expect(scenario.responder?.kind == .own(OwnResponder(.echo)))
        #expect(scenario.responder?.address.text == "127.0.0.1:0")
        #expect(scenario.repeats == 1)
        #expect(scenario.order == .interleaved)
        #expect(scenario.warmUpNs == 0)
        #expect(scenario.timeoutNs == 1_000_000_000)
        #expect(scenario.tolerance == 0.05)
        #expect(scenario.thresholds.isEmpty)
        #expect(sender.flows == 1)
        #expect(sender.rate == .perFlow(pps: 50))
        #expect(sender.payloadBytes == 160)
        #expect(sender.length == .durationNs(10_000_000_000))
        #expect(sender.schedule == .constant)
        #expect(sender.window == nil)
        #expect(sender.startSequence == 0)
        #expect(sender.offload == OffloadKnobs())
        #expect(sender.timestamps == .auto)
        #expect(sender.pacing == .auto)
        #expect(sender.maxBurst == 1)
        #expect(sender.threads == 1)
        #expect(scenario.responder?.threads == 1)
    }

    @Test func aPlanIsReadWithAllItsKeys() throws {
        let plan = try PlanFile.load("\(Corpus.root)/good/all-keys.json")
        #expect(plan.seed == Int.max)
        #expect(
            plan.networks.map(\.name) == ["here", "there", "six", "scoped", "named", "x-named"])
        #expect(plan.responders.map(\.isSink) == [false, true, false, false])
        let there = try #require(plan.networks.first { $0.name == "there" })
        guard case .path(let address, let consent) = there.kind else {
            Issue.record("there is no path")
            return
        }
        #expect(address.text == "192.0.2.1:7")
        #expect(consent)
        let socat = try #require(plan.responders.first { $0.name == "socat" })
        guard case .command(let command) = socat.kind else {
            Issue.record("socat is no command")
            return
        }
        #expect(command.readyTimeoutNs == 2_500_000_000)
        #expect(command.outputLines == 0)
        #expect(command.words(host: "127.0.0.1", port: 7)[3] == "UDP4-LISTEN:7,fork")
        let scenario = plan.scenarios[0]
        #expect(scenario.tolerance == 0.005)
        #expect(scenario.repeats == 5)
        #expect(scenario.thresholds.count == 16)
        #expect(scenario.senders[0].offload.sendmmsg == .on)
        #expect(scenario.senders[0].offload.gso == .off)
        #expect(scenario.senders[0].startSequence == 4_294_967_290)
        #expect(scenario.senders[0].timestamps == .kernel)
        #expect(scenario.senders[0].pacing == .spin)
        #expect(scenario.senders[0].maxBurst == 1_024)
        #expect(scenario.senders[0].threads == 64)
        #expect(plan.responders.map(\.threads) == [64, 1, 1, 1])
        #expect(scenario.senders[1].rate == .max)
        #expect(scenario.senders[1].length == .count(1))
        #expect(scenario.senders[1].window == 1)
        #expect(plan.scenarios[2].responder == nil)
        let last = plan.scenarios[2].senders[0]
        #expect(last.offload == OffloadKnobs(sendmmsg: .auto, gso: .on, recvmmsg: .on, gro: .on))
        #expect(last.timestamps == .user)
        #expect(last.pacing == .sleep)
    }

    @Test(
        "P3 a plan that is empty or no object is refused",
        arguments: [
            ("", "empty"), (" \n", "empty"), ("null", "expected a plan (an object), found null"),
            ("[]", "expected a plan (an object), found an empty array"),
        ])
    func p3(text: String, says: String) {
        #expect(problems(of: text).map(\.message).joined().contains(says))
    }

    @Test("P4 a plan that is cut off at any byte is refused")
    func p4() throws {
        let text = Array(planText().utf8)
        for count in 0..<text.count - 1 {
            #expect(throws: PlanError.self, "cut off after \(count) bytes") {
                try PlanReader.read(Array(text[..<count]), path: "plan.json")
            }
        }
        _ = try PlanReader.read(text, path: "plan.json")
    }

    @Test("P5 a duplicate key is refused with both offsets")
    func p5() throws {
        let sender = "\"rate\": \"1pps\", \"rate\": \"2pps\", \"payload\": \"16B\", \"count\": 1"
        let message = try #require(problems(of: planText(sender: sender)).first).message
        let text = Array(planText(sender: sender).utf8)
        let key = Array("\"rate\"".utf8)
        let offsets = text.indices.filter { text[$0...].starts(with: key) }
        #expect(offsets.count == 2)
        for offset in offsets { #expect(message.contains("byte \(offset)")) }
    }

    @Test("P16 an unknown key is refused with the nearest one")
    func p16Nearest() {
        let sender = "\"rate\": \"50pps\", \"payload\": \"160B\", \"duratoin\": \"10s\""
        let found = problems(of: planText(sender: sender))
        #expect(found.map(\.path) == ["$.scenarios[0].senders[0].duratoin"])
        #expect(found.first?.message.contains("did you mean \"duration\"?") == true)
    }

    @Test("P16 x- keys are free at every level and stand in the plan with their path")
    func p16Free() throws {
        let plan = try PlanFile.load("\(Corpus.root)/good/all-keys.json")
        #expect(
            plan.extras.map(\.key) == [
                "x-ticket", "networks.here.x-rack", "scenarios[0].senders[1].x-note",
            ])
        #expect(plan.extras.last?.value == .string("kept"))
    }

    @Test(
        "P16 what a later version does is refused as such and never ignored",
        arguments: ["on_reset", "capacity"])
    func p16Later(key: String) {
        let text = planText(
            scenario: "\"networks\": [\"here\"], \"responder\": \"echo\", \"\(key)\": []")
        #expect(problems(of: text).map(\.message) == ["\"\(key)\" is not supported yet"])
    }

    @Test("a battery stands in the place of senders, and its budget is not known")
    func battery() throws {
        let plan = try PlanFile.load("\(Corpus.root)/good/battery.json")
        #expect(plan.scenarios[0].battery == .init(profile: .basic, soakNs: 30_000_000_000))
        #expect(plan.scenarios[0].senders == [] && plan.scenarios[0].repeats == 1)
        #expect(PlanBudget.of(plan).datagrams == nil && PlanBudget.of(plan).runTimeNs == nil)
        let strict = try PlanFile.load("\(Corpus.root)/good/battery-strict.json")
        #expect(strict.scenarios[0].battery == .init(profile: .strict, soakNs: 5_000_000_000))
    }

    @Test(
        "P17 a value of a wrong type is never converted",
        arguments: ["\"4\"", "true", "[]", "{}", "null", "4.0", "4.5"])
    func p17(value: String) {
        let sender =
            "\"flows\": \(value), \"rate\": \"1pps\", \"payload\": \"16B\", \"count\": 1"
        let found = problems(of: planText(sender: sender))
        #expect(found.map(\.path) == ["$.scenarios[0].senders[0].flows"])
        #expect(found.first?.message.hasPrefix("expected an integer") == true)
    }

    @Test(
        "P18 a quantity out of range is refused with what is legal",
        arguments: [
            ("rate", "0pps", "0.001pps to 100Mpps"), ("rate", "-1pps", "0.001pps to 100Mpps"),
            ("duration", "0s", "1ms to 168h"), ("duration", "-1s", "1ms to 168h"),
            ("payload", "0B", "16B to 65507B"), ("payload", "15B", "16B to 65507B"),
            ("payload", "65508B", "16B to 65507B"),
        ])
    func p18(key: String, value: String, legal: String) {
        var keys = ["rate": "50pps", "payload": "160B", "duration": "10s"]
        keys[key] = value
        let sender = keys.sorted { $0.key < $1.key }.map { "\"\($0)\": \"\($1)\"" }
        let found = problems(of: planText(sender: sender.joined(separator: ", ")))
        #expect(found.map(\.path) == ["$.scenarios[0].senders[0].\(key)"])
        #expect(found.first?.message.contains(legal) == true)
    }

    @Test("P20 a hundred thousand scenarios make one problem")
    func p20Scenarios() {
        let scenarios = Array(repeating: "{}", count: 100_000).joined(separator: ",")
        let text = "{\"plan\":1,\"name\":\"a\",\"networks\":{},\"scenarios\":[\(scenarios)]}"
        #expect(problems(of: text).count == 1)
    }

    @Test("P20 a string of a megabyte is refused, and its message is short")
    func p20String() throws {
        let long = String(repeating: "a", count: 1_000_000)
        let text = planText(scenario: "\"networks\": [\"\(long)\"], \"responder\": \"echo\"")
        let found = problems(of: text)
        #expect(found.count == 1)
        #expect(try #require(found.first).description.utf8.count < 400)
    }

    @Test("P20 many problems are counted and not all listed")
    func p20Problems() {
        let unknown = (0..<150).map { ", \"key\($0)\": 1" }.joined()
        let error = #expect(throws: PlanError.self) { try read(planText(more: unknown)) }
        guard case .invalid(let listed, let more)? = error else { return }
        #expect(listed.count == 100)
        #expect(more == 50)
    }

    @Test(
        "P21 a name is nothing that a path could mean",
        arguments: [
            "../../etc/x", ".", "..", "", String(repeating: "a", count: 300), "a\\nb", "a/b", "é",
            "voice\\n", "a b", ".hidden", "a\\u0000",
        ])
    func p21(name: String) {
        let text = planText().replacingFirst("\"one\"", by: "\"\(name)\"")
        let found = problems(of: text)
        #expect(found.map(\.path) == ["$.scenarios[0].name"])
        #expect(found.first?.message.contains("A-Z a-z 0-9 . _ -") == true)
    }

    @Test(
        "P22 no target is broadcast, multicast, unspecified or without a port",
        arguments: [
            "255.255.255.255:7", "224.0.0.1:7", "0.0.0.0:7", "[::]:7", "[ff02::1]:7",
            "127.0.0.1:0", "127.0.0.1:65536", "[::ffff:224.0.0.1]:7",
        ])
    func p22(address: String) {
        let found = problems(
            of: planText(
                networks: "\"here\": { \"kind\": \"path\", \"address\": \"\(address)\" }",
                scenario: "\"networks\": [\"here\"]"))
        #expect(found.map(\.path) == ["$.networks.here.address"])
    }

    @Test func allProblemsOfAFileAreFoundInItsOrder() {
        let found = problems(
            of: planText(
                networks: "\"here\": { \"kind\": \"lopback\" }",
                scenario: "\"networks\": [\"there\"], \"responder\": \"ecko\", \"repeat\": 0",
                sender: "\"rate\": 50, \"payload\": \"1B\"", more: ", \"colour\": 1"))
        #expect(
            found.map(\.path) == [
                "$.networks.here.kind", "$.scenarios[0].networks[0]", "$.scenarios[0].responder",
                "$.scenarios[0].repeat", "$.scenarios[0].senders[0]",
                "$.scenarios[0].senders[0].rate", "$.scenarios[0].senders[0].payload", "$.colour",
            ])
    }

    @Test func aScenarioOnBothKindsOfNetworkUsesItsResponderOnLoopback() throws {
        let plan = try read(
            planText(
                networks: "\"here\": { \"kind\": \"loopback\" }, "
                    + "\"there\": { \"kind\": \"path\", \"address\": \"127.0.0.1:7\" }",
                scenario: "\"networks\": [\"here\", \"there\"], \"responder\": \"echo\""))
        #expect(plan.scenarios[0].networks.count == 2)
        #expect(plan.scenarios[0].responder?.name == "echo")
    }

    @Test func aMessageCannotMoveTheCursorOfATerminal() throws {
        let text = planText(
            sender: "\"rate\": \"\\u001b[2J\", \"payload\": \"\\u009b1m\", \"count\": 1")
        let found = problems(of: text)
        #expect(found.count == 2)
        let printed = found.map(\.description).joined()
        #expect(printed.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }

    @Test func anErrorPrintsALineForEachProblem() {
        let error = PlanError.invalid(
            problems: [
                JSONProblem(file: "a", line: 1, column: 2, path: "$.b", message: "c"),
                JSONProblem(file: "a", line: 3, column: 4, path: "$.d", message: "e"),
            ], more: 1)
        #expect(error.description == "a:1:2: $.b: c\na:3:4: $.d: e\nand 1 more problems")
    }

    @Test(
        "a rate in bits is of the payload of each flow",
        arguments: [
            ("10Mbit", 1_250, 10_000_000), ("12.5Mbit", 1_250, 12_500_000),
            ("64kbit", 160, 64_000), ("1Gbit", 1_472, 1_000_000_000), ("1kbit", 65_507, 1_000),
        ] as [(String, Int, Double)])
    func rateInBits(rate: String, bytes: Int, bitsPerSecond: Double) throws {
        let text = """
            { "plan": 1, "name": "p", "networks": { "here": { "kind": "loopback" } },
              "responders": { "echo": { "behaviour": "echo" } },
              "scenarios": [ { "name": "s", "networks": ["here"], "responder": "echo", "senders": [
                { "name": "a", "flows": 3, "rate": "\(rate)", "payload": "\(bytes)B",
                  "duration": "10s" } ] } ] }
            """
        let plan = try PlanReader.read(Array(text.utf8), path: "plan.json")
        let pps = bitsPerSecond / Double(8 * bytes)
        #expect(plan.scenarios[0].senders[0].rate == .perFlow(pps: pps))
    }
}

extension String {
    fileprivate func replacingFirst(_ part: String, by other: String) -> String {
        guard let start = indices.first(where: { self[$0...].hasPrefix(part) }) else { return self }
        return self[..<start] + other + self[start...].dropFirst(part.count)
    }
}
