import Glibc
import Harness
import Testing

/// Every verb ends on the first signal, whatever comes in and whoever does not read what goes out.
/// A process that has to be ended by its own alarm says so, and fails the test.
@Suite struct StopTests {
    private static let overdue = "did not end within seconds"

    @Test(
        "T10 a verb that is flooded ends on the first signal",
        arguments: [
            ["chat", "--join"], ["send", "--count", "1000", "--interval", "0s", "--wait", "1h"],
        ], [SIGINT, SIGTERM])
    func t10Flood(verb: [String], signal: Int32) async throws {
        let flooder = try Flooder()
        let target = "127.0.0.1:\(flooder.port)"
        let words =
            verb[0] == "chat" ? verb + [target] : [verb[0], target, "hello"] + verb.dropFirst()
        // The input of a room has to stay open.
        let directory = try TemporaryDirectory()
        mkfifo(directory.file("input"), 0o600)
        let ended = try await Execution.during(
            words, in: directory, redirect: "<>input"
        ) { execution in
            let isFlooded = try await eventually(within: .seconds(60)) {
                execution.outputSoFar.utf8.count > 100_000
            }
            #expect(isFlooded, "\(execution.errorsSoFar)")
            execution.signal(signal)
        }
        #expect(ended.code == (verb[0] == "chat" ? 0 : 105), "\(ended.code ?? -1)")
        #expect(!ended.errors.contains(Self.overdue))
    }

    /// A FIFO that is full, and held open by the test, which does not read it.
    private static func fullPipe(in directory: TemporaryDirectory) throws -> Int32 {
        let path = directory.file("full")
        try #require(mkfifo(path, 0o600) == 0)
        let descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0)
        let octets = [UInt8](repeating: UInt8(ascii: "."), count: 4_096)
        while write(descriptor, octets, octets.count) > 0 {}
        return descriptor
    }

    @Test("T10 L12 a run whose standard error nobody reads comes to its end")
    func t10Unread() async throws {
        var plan = PlanText()
        plan.keys = [#""repeat": 3"#]
        let trial = try Trial(plan)
        let pipe = try Self.fullPipe(in: trial.directory)
        defer { close(pipe) }
        let ended = try await trial.run("--verbose", redirect: "2>full")
        #expect(ended.code == 0, "\(ended.all)")
        #expect(try trial.report().verdict == "pass")
    }

    @Test(
        "T10 a verb whose output nobody reads ends on the first signal",
        arguments: ["2>full", ">full", ">full 2>&1"])
    func t10UnreadSignal(redirect: String) async throws {
        let trial = try Trial(PlanText(senders: [PlanText.endless]))
        let pipe = try Self.fullPipe(in: trial.directory)
        defer { close(pipe) }
        let ended = try await Execution.during(
            Trial.arguments + ["--json"], in: trial.directory, redirect: redirect
        ) { execution in
            let isThere = try await eventually(within: .seconds(30)) {
                execution.descendants.contains { $0.hasThread(named: "sender") }
            }
            #expect(isThere)
            execution.signal(SIGTERM)
        }
        #expect(ended.code == 105, "\(ended.all)")
        #expect(!ended.errors.contains(Self.overdue))
        #expect(try trial.report().status == "partial")
    }

    @Test("T10 a program that detaches a process leaves none behind")
    func t10Detached() async throws {
        var plan = PlanText(senders: [PlanText.endless])
        plan.responder = PlanText.command([
            "sh", "-c",
            "(setsid sleep 600 &) ; setsid sleep 601 & exec \(Program.path) echo --port {port}",
        ])
        let trial = try Trial(plan)
        var processes: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            let areThere = try await eventually {
                execution.descendants.count { $0.name == "sleep" } == 2
            }
            #expect(areThere, "\(execution.descendants)")
            processes = execution.descendants
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        try await expectGone(processes)
    }
}
