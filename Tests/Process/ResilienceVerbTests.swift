import Glibc
import Harness
import JSON
import Testing

/// How the verb `resilience` begins, ends and refuses.
@Suite struct ResilienceVerbTests {
    private func echo(_ directory: TemporaryDirectory, port: UInt16) throws -> Execution {
        try Execution(["echo", "--port", "\(port)"], in: directory)
    }

    @Test("a server that runs already is tried, and runs on afterwards")
    func running() async throws {
        let directory = try TemporaryDirectory()
        let port = try BoundSocket().port
        let server = try echo(directory, port: port)
        let isUp = try await eventually { server.errorsSoFar.contains("answering") }
        try #require(isUp)
        let ended = try await Execution.run(
            [
                "resilience", "--address", "127.0.0.1:\(port)", "--report", "card.json", "--json",
                "--quiet",
            ], in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.errors == "")
        let card = try ReportReading(directory, "card.json")
        #expect(try JSONValue.parse(Array(ended.output.utf8), limits: .report) == card.json)
        #expect(card.json.at("server.command") == .null)
        let restart = card.json["trials"]?.array.first { $0["id"]?.string == "restart" }
        #expect(restart?["verdict"]?.string == "not_applicable")
        if SchemaJudge.isThere {
            let faults = try await SchemaJudge.faults(
                in: ["card.json"], kind: "resilience", directory)
            #expect(faults == "")
        }
        #expect(server.isRunning)
        server.signal(SIGINT)
        _ = try await server.end()
    }

    @Test("a server that never answers is neither a pass nor a fail")
    func nobody() async throws {
        let directory = try TemporaryDirectory()
        let port = try BoundSocket().port
        let ended = try await Execution.run(
            ["resilience", "--address", "127.0.0.1:\(port)", "--report", "card.json"],
            in: directory)
        #expect(ended.code == 75, "\(ended.all)")
        let card = try ReportReading(directory, "card.json")
        #expect(card.verdict == "inconclusive")
        #expect(card.reasons.first?.contains("never healthy") == true, "\(card.reasons)")
    }

    @Test("T3 a command that ends at once fails with its exit code and last words")
    func t3EndsAtOnce() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(
            [
                "resilience", "--command", "sh -c 'echo out of order; exit 3'", "--address",
                "127.0.0.1:0", "--report", "card.json",
            ], in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        let reason = try ReportReading(directory, "card.json").reasons.first ?? ""
        #expect(reason.contains("exit 3") && reason.contains("out of order"), "\(reason)")
    }

    @Test("T3 a command that is not there fails by name")
    func t3Missing() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(
            [
                "resilience", "--command", "/nowhere/server", "--address", "127.0.0.1:0",
                "--report", "card.json",
            ], in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        #expect(ended.errors.contains("/nowhere/server: ENOENT"), "\(ended.all)")
        let card = try ReportReading(directory, "card.json")
        #expect(card.verdict == "fail")
        #expect(card.reasons.first?.contains("/nowhere/server: ENOENT") == true)
    }

    @Test(
        "wrong usage is refused with its reason, and nothing is started",
        arguments: [
            ([], "--address"),
            (["--address", "nowhere"], "names no port"),
            (["--address", "224.0.0.1:7"], "multicast"),
            (["--address", "127.0.0.1:0"], "out of range"),
            (["--address", "127.0.0.1:7", "--only", "nonsense"], "--list"),
            (["--address", "127.0.0.1:7", "--soak", "30"], "--soak"),
            (["--address", "127.0.0.1:7", "--command", "a 'b"], "quote"),
            (["--address", "127.0.0.1:7", "--profile", "hard"], "strict"),
        ])
    func usage(arguments: [String], words: String) async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(["resilience"] + arguments, in: directory)
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.errors.contains(words), "\(ended.all)")
        #expect(directory.names == [])
    }

    @Test("an address outside this host needs the consent of its owner")
    func consent() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(
            ["resilience", "--address", "192.0.2.1:7"], in: directory)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("--consent"), "\(ended.all)")
        #expect(directory.names == [])
    }

    @Test("--list names every trial and sends nothing")
    func list() async throws {
        let ended = try await Execution.run(["resilience", "--list"], in: TemporaryDirectory())
        #expect(ended.code == 0, "\(ended.all)")
        for name in ["baseline", "octets", "reset-storm", "soak"] {
            #expect(ended.output.contains("\n\(name) ") || ended.output.hasPrefix("\(name) "))
        }
    }

    @Test("L1 Ctrl-C ends the battery and its server, with a partial card")
    func l1Interrupted() async throws {
        let directory = try TemporaryDirectory()
        var processes: [ProcessTable.Identity] = []
        let ended = try await Execution.during(
            [
                "resilience", "--command", "'\(Program.path)' echo --port {port}", "--address",
                "127.0.0.1:0", "--profile", "strict", "--report", "card.json",
                "--ready-timeout", "120s",
            ], in: directory
        ) { execution in
            let isUnderWay = try await eventually(within: .seconds(60)) {
                execution.errorsSoFar.contains("] payload-sizes")
            }
            try #require(isUnderWay, "\(execution.errorsSoFar)")
            processes = execution.descendants
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let card = try ReportReading(directory, "card.json")
        #expect(card.verdict == "aborted")
        #expect(card.status == "partial")
        #expect(!processes.isEmpty)
        try await expectGone(processes)
    }
}
