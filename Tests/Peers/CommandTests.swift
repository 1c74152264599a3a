import Glibc
import Harness
import JSON
import Testing

/// Programs of other people in the responder's place.
@Suite struct CommandTests {
    /// Ten lines that anybody would write.
    private static let echo = """
        import socket, sys
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((sys.argv[1], int(sys.argv[2])))
        print("serving", flush=True)
        while True:
            data, peer = server.recvfrom(65535)
            server.sendto(data, peer)
        """

    private static let unknown = [
        "responder_received", "echoed", "echo_failed", "rejected", "forward_lost",
        "backward_lost",
    ]

    private func run(
        _ responder: String, sender: String = PlanText.sender()
    ) async throws -> (ended: Execution.Ended, report: ReportReading) {
        var plan = PlanText(senders: [sender])
        plan.responder = responder
        let directory = try TemporaryDirectory()
        try directory.write("plan.json", plan.text)
        try directory.write("echo.py", Self.echo)
        var processes: Set<ProcessTable.Identity> = []
        let ended = try await Execution.during(
            ["run", "plan.json", "--report", "report.json"], in: directory
        ) { execution in
            // Whatever it starts, as long as it runs.
            while execution.isRunning {
                processes.formUnion(execution.descendants)
                try await nap(.milliseconds(20))
            }
        }
        let areGone = try await eventually { !processes.contains(where: \.isAlive) }
        #expect(areGone, "still there: \(processes.filter(\.isAlive))")
        let report = try ReportReading(directory)
        #expect(report.ledgerFaults == [])
        return (ended, report)
    }

    private func expectEcho(_ ended: Execution.Ended, _ report: ReportReading) throws {
        #expect(ended.code == 0, "\(ended.all)")
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.sent") ?? 0 > 0)
        #expect(stream.integer("ledger.received") == stream.integer("ledger.sent"))
        for account in Self.unknown {
            #expect(stream.at("ledger.\(account)") == .null, "\(account)")
        }
        // The kernel tells what the program left in its buffer.
        #expect(stream.integer("ledger.responder_overflow") == 0)
        #expect(report.workers.contains { $0["role"] == .string("command") })
    }

    @Test(
        "ten lines of Python are an echo server",
        .enabled(if: Program.python != nil, "python3 is not installed"))
    func python() async throws {
        let (ended, report) = try await run(
            PlanText.command(["python3", "echo.py", "{host}", "{port}"]))
        try expectEcho(ended, report)
        let command = report.runs[0].at("responder.command")?.array.compactMap(\.string) ?? []
        let address = report.runs[0].at("responder.address")?.string ?? ""
        #expect(command.prefix(3) == ["python3", "echo.py", "127.0.0.1"], "\(command)")
        #expect(address == "127.0.0.1:\(command.last ?? "")")
        #expect(report.runs[0].at("responder.output_tail")?.array == [.string("serving")])
    }

    @Test(
        "socat is an echo server, with a process of its own per flow",
        .enabled(if: Program.socat != nil, "socat is not installed"))
    func socat() async throws {
        let words = ["socat", "-b", "65535", "UDP4-LISTEN:{port},fork", "PIPE"]
        let (ended, report) = try await run(
            PlanText.command(words),
            sender: PlanText.sender(payload: "1200B", keys: #""flows": 3"#))
        // What comes while it forks may go to the wrong child: its loss, and counted as such.
        #expect(ended.code == 0, "\(ended.all)")
        #expect(report.streams[0].integer("ledger.received") ?? 0 > 0)
    }

    /// The run ended 99, and its deciding reason has these words; so has the terminal.
    private func expectFailure(
        _ ended: Execution.Ended, _ report: ReportReading, _ words: [String],
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(ended.code == 99, "\(ended.all)", sourceLocation: location)
        #expect(report.verdict == "fail", sourceLocation: location)
        #expect(report.status == "partial", sourceLocation: location)
        for words in words {
            #expect(
                report.reasons.first?.contains(words) == true, "\(report.reasons)",
                sourceLocation: location)
            #expect(
                ended.errors.replacing("\n", with: " ").contains(words), "\(ended.all)",
                sourceLocation: location)
        }
    }

    @Test(
        "T3 a program that ends before it answers fails its run, with exit code and last words",
        arguments: [3, 0])
    func t3EndsAtOnce(code: Int) async throws {
        let (ended, report) = try await run(
            PlanText.command(
                ["sh", "-c", "echo one; echo out of order; exit \(code)", "sh", "{port}"]))
        expectFailure(
            ended, report, ["ended before it answered", "(exit \(code))", "out of order"])
        #expect(
            report.runs[0].at("responder.output_tail")?.array
                == [.string("one"), .string("out of order")])
    }

    @Test("T3 a program that is not installed, or cannot be executed, fails its run by name")
    func t3Missing() async throws {
        for (name, errno) in [("/nowhere/server", "ENOENT"), ("./plan.json", "EACCES")] {
            let (ended, report) = try await run(PlanText.command([name, "{port}"]))
            expectFailure(ended, report, ["\(name): \(errno)"])
        }
    }

    @Test("T3 a program that never answers fails after its time, with all that it forked ended")
    func t3NeverAnswers() async throws {
        let (ended, report) = try await run(
            PlanText.command(
                ["sh", "-c", "echo thinking; sleep 100 & sleep 100", "sh", "{port}"],
                keys: #""ready_timeout": "400ms""#))
        expectFailure(ended, report, ["did not answer", "thinking"])
    }

    @Test(
        "T3 a program that ends in mid-run fails the run, and keeps the figures up to there",
        arguments: ["exit 5", "exit 0", "kill -SEGV $$"])
    func t3EndsInMidRun(how: String) async throws {
        let script = "\(Program.path) echo --port {port} & sleep 1; echo giving up; kill $!; \(how)"
        let (ended, report) = try await run(
            PlanText.command(["sh", "-c", script]),
            sender: PlanText.sender(length: #""duration": "100s""#))
        let end = how.hasPrefix("exit") ? "(\(how))" : "(signal 11)"
        expectFailure(ended, report, ["ended in mid-run \(end)", "giving up"])
        #expect(report.streams.first?.integer("ledger.received") ?? 0 > 0)
        // The sender may notice that the program's child is gone before the program ends.
        let events = report.runs[0]["timeline"]?.array.compactMap { $0["event"]?.string } ?? []
        #expect(events.contains("worker_failed"), "\(events)")
        #expect(Set(events).isSubset(of: ["worker_failed", "responder_lost"]), "\(events)")
    }

    @Test(
        "T3 a program that ends with the last answer fails, and the next run is begun all the same",
        .enabled(if: Program.python != nil, "python3 is not installed"))
    func t3EndsAtTheEnd() async throws {
        // The questions for readiness are shorter than the only probe.
        let script = """
            import os, socket, sys
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            server.bind(("127.0.0.1", int(sys.argv[1])))
            data = b""
            while len(data) < 64:
                data, peer = server.recvfrom(65535)
                server.sendto(data, peer)
            os._exit(7)
            """
        let directory = try TemporaryDirectory()
        var plan = PlanText(senders: [PlanText.sender(rate: "1pps", length: #""count": 1"#)])
        plan.responder = PlanText.command([Program.python ?? "python3", "last.py", "{port}"])
        plan.keys = [#""repeat": 2"#]
        try directory.write("plan.json", plan.text)
        try directory.write("last.py", script)
        let ended = try await Execution.run(
            ["run", "plan.json", "--report", "report.json"], in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        let report = try ReportReading(directory)
        #expect(report.runs.count == 2)
        for run in report.runs {
            #expect(run["verdict"]?.string == "fail")
            let stream = try #require(run["streams"]?.array.first)
            #expect(stream.integer("ledger.received") == 1)
        }
        #expect(report.reasons.count == 2, "\(report.reasons)")
    }

    @Test("a program that ignores SIGTERM is killed all the same")
    func stubborn() async throws {
        let script = "trap '' TERM; \(Program.path) echo --port {port} & while :; do sleep 1; done"
        let (ended, report) = try await run(PlanText.command(["sh", "-c", script]))
        try expectEcho(ended, report)
    }

    @Test("a program that writes without end is measured all the same")
    func babbler() async throws {
        let script = "\(Program.path) echo --port {port} & exec yes"
        let (ended, report) = try await run(PlanText.command(["sh", "-c", script]))
        try expectEcho(ended, report)
        #expect(report.runs[0].at("responder.output_tail")?.array.count ?? 0 <= 20)
    }
}
