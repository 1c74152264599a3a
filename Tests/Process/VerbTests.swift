import Glibc
import Harness
import JSON
import Testing

/// The verbs other than `run`, and what each says about itself.
@Suite struct VerbTests {
    @Test("check takes all that ships in one go, its schema too")
    func checksWhatShips() async throws {
        let script = #"exec "$0" check \#(Program.root)/Scenarios/*.json"#
        let ended = try await Execution.run(
            ["-c", script, Program.path], program: "sh", in: TemporaryDirectory())
        #expect(ended.code == 0, "\(ended.all)")
        let valid = ended.output.split(separator: "\n").count { $0.contains(": valid: ") }
        #expect(valid == ScenarioTests.names.count, "\(ended.all)")
    }

    @Test(
        "--help of every verb ends 0 and shows an example",
        arguments: [
            "", "run", "check", "list", "init", "explain", "report", "compare", "trend", "schema",
            "echo", "relay", "send", "listen", "chat", "resilience", "doctor",
        ])
    func help(verb: String) async throws {
        let words = verb.isEmpty ? ["--help"] : [verb, "--help"]
        let ended = try await Execution.run(words, in: TemporaryDirectory())
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.output.contains("Examples:\n  udplab "), "\(ended.output)")
        #expect(ended.output.contains("USAGE: udplab"))
        #expect(!ended.output.contains("\n  worker"), "the hidden verb stays hidden")
    }

    @Test("--version is one line")
    func version() async throws {
        let ended = try await Execution.run(["--version"], in: TemporaryDirectory())
        #expect(ended.code == 0)
        #expect(ended.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(ended.all)")
    }

    @Test("doctor names this machine's limits and changes nothing")
    func doctor() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(["doctor"], in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.output.contains("kernel"), "\(ended.output)")
        #expect(ended.errors == "")
        #expect(directory.names == [])
    }

    @Test("doctor --json is JSON with a consequence for every finding")
    func doctorJSON() async throws {
        let ended = try await Execution.run(["doctor", "--json"], in: TemporaryDirectory())
        let json = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
        let findings = json["findings"]?.array ?? []
        #expect(findings.count > 5)
        #expect(findings.allSatisfy { $0["level"]?.string != nil })
    }

    @Test("check says what a plan will need")
    func check() async throws {
        let trial = try Trial()
        let ended = try await Execution.run(["check", "plan.json"], in: trial.directory)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.output.hasPrefix("plan.json: valid: 1 run, about "), "\(ended.output)")
        #expect(ended.output.contains("10 datagrams"), "\(ended.output)")
        #expect(ended.errors == "")
    }

    @Test("check tells all errors of all plans, and the good ones too")
    func checkSeveral() async throws {
        let trial = try Trial()
        try trial.directory.write(
            "bad.json", #"{ "plan": 1, "name": "bad", "seeed": 3, "networks": 7 }"#)
        let ended = try await Execution.run(
            ["check", "bad.json", "plan.json", "missing.json"], in: trial.directory)
        #expect(ended.code == 104)
        #expect(ended.output.contains("plan.json: valid"))
        for word in ["seeed", "did you mean", "$.networks", "missing.json: "] {
            #expect(ended.errors.contains(word), "\(word): \(ended.errors)")
        }
    }

    @Test("check finds a plan that is right and cannot be started here")
    func checkBudget() async throws {
        let trial = try Trial()
        let ended = try await Execution.run(
            ["check", "plan.json"], in: trial.directory, launcher: ["prlimit", "--nofile=8:8"])
        #expect(ended.code == 104, "\(ended.all)")
        #expect(ended.errors.contains("plan.json: error: the plan needs"), "\(ended.all)")
    }

    @Test("echo on a port in use ends with the reason")
    func echoTaken() async throws {
        let taken = try BoundSocket()
        let ended = try await Execution.run(
            ["echo", "--port", "\(taken.port)"], in: TemporaryDirectory())
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("EADDRINUSE"))
    }

    @Test("a worker that nobody gave an order ends at once, and not as a success")
    func worker() async throws {
        let ended = try await Execution.run(["worker"], in: TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.output.contains(#""message":"hello""#))
    }
}
