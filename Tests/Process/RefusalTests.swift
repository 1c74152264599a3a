import Glibc
import Harness
import JSON
import Testing

/// What is said where a command line or a plan is refused.
@Suite struct RefusalTests {
    private static let wrongPlan = #"{ "plan": 1, "name": "wrong", "seeed": 3, "networks": 7 }"#

    @Test("--json prints one object with all errors where the plan is refused")
    func json() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("wrong.json", Self.wrongPlan)
        for (words, file) in [
            (["run", "wrong.json", "--json"], "wrong.json"),
            (["run", "missing.json", "--json"], nil),
            (["relay", "--to", "127.0.0.1:9", "--file", "wrong.json", "--json"], "wrong.json"),
        ] {
            let ended = try await Execution.run(words, in: directory)
            #expect(ended.code == 104, "\(ended.all)")
            let value = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
            guard case .array(let errors)? = value["errors"] else {
                Issue.record("no errors: \(ended.output)")
                continue
            }
            #expect(!errors.isEmpty)
            #expect(value["exit_code"] == .integer(104))
            for error in errors {
                #expect(error["file"] == file.map { .string($0) } ?? .null)
                guard case .string(let message)? = error["message"] else {
                    Issue.record("no message: \(ended.output)")
                    continue
                }
                #expect(ended.errors.contains(message))
            }
        }
    }

    @Test("--json prints the reason where a run, a comparison or a relay cannot begin")
    func jsonAtStart() async throws {
        let directory = try TemporaryDirectory()
        for words in [
            ["compare", "none.json", "other.json", "--json"],
            ["relay", "--to", "192.0.2.1:9", "--json"],
        ] {
            let ended = try await Execution.run(words, in: directory)
            #expect(ended.code != 0)
            let value = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
            guard case .array(let errors)? = value["errors"] else {
                Issue.record("no errors: \(ended.output)")
                continue
            }
            #expect(errors.count == 1)
            #expect(value["exit_code"] == .integer(Int(ended.code ?? -1)))
        }
    }

    @Test(
        "a misspelt option is guessed at where that is likely, and only there",
        arguments: [
            ("--junit", nil), ("--forse", "--force"), ("--log-datagram", "--log-datagrams"),
            ("--host", nil),
        ])
    func suggestions(option: String, guess: String?) async throws {
        let ended = try await Execution.run(["run", "plan.json", option], in: TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.errors.contains("Unknown option '\(option)'"), "\(ended.errors)")
        let said = ended.errors.firstMatch(of: /Did you mean '([^']*)'/).map { String($0.output.1) }
        #expect(said == guess, "\(ended.errors)")
    }

    @Test("a link-local address without its interface is refused with that reason")
    func linkLocal() async throws {
        for words in [
            ["send", "[fe80::1]:7", "hello"], ["listen", "--port", "0", "--bind", "fe80::1"],
            ["echo", "--port", "0", "--bind", "fe80::1"], ["relay", "--to", "[fe80::1]:7"],
            ["relay", "--to", "127.0.0.1:9", "--listen", "[fe80::1]:0"],
        ] {
            let ended = try await Execution.run(words, in: TemporaryDirectory())
            #expect(ended.code == 64, "\(ended.all)")
            #expect(ended.errors.contains("every interface has"), "\(ended.errors)")
        }
    }

    @Test("T9 check and the relay say what impairments come to")
    func t9Notes() async throws {
        var plan = PlanText(senders: [PlanText.sender(length: #""count": 1"#)])
        plan.network =
            #"{ "kind": "emulated", "delay": "1ms", "jitter": "5ms", "reorder": "100%" }"#
        let trial = try Trial(plan)
        let ended = try await Execution.run(["check", "plan.json"], in: trial.directory)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.errors.contains("its mean is 1.80 ms, not 1.00 ms"), "\(ended.errors)")
        #expect(ended.errors.contains("delivers 50 % out of order"), "\(ended.errors)")
        let relayed = try await Execution.run(
            [
                "relay", "--to", "127.0.0.1:9", "--backward-jitter", "5ms", "--duration", "1ms",
                "--json",
            ], in: trial.directory)
        #expect(relayed.code == 0, "\(relayed.all)")
        #expect(relayed.errors.contains("backward: \"jitter\" 5.00 ms reaches below 0"))
        let summary = try JSONValue.parse(Array(relayed.output.utf8), limits: .report)
        guard case .array(let warnings)? = summary["warnings"] else {
            Issue.record("no warnings: \(relayed.output)")
            return
        }
        #expect(warnings.count == 1)
    }
}
