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
        "backward_lost", "responder_overflow",
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
                try await Task.sleep(for: .milliseconds(20))
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

    @Test("a program that ends before it answers is told with its exit code and last words")
    func endsAtOnce() async throws {
        let (ended, report) = try await run(
            PlanText.command(["sh", "-c", "echo out of order; exit 3", "sh", "{port}"]))
        #expect(ended.code == 75, "\(ended.all)")
        #expect(report.status == "partial")
        for words in ["ended before it answered", "(exit 3)", "out of order"] {
            #expect(report.reasons.first?.contains(words) == true, "\(report.reasons)")
            #expect(ended.errors.replacing("\n", with: " ").contains(words), "\(ended.all)")
        }
    }

    @Test("a program that is not installed is told by name")
    func missing() async throws {
        let (ended, report) = try await run(PlanText.command(["/nowhere/server", "{port}"]))
        #expect(ended.code == 75, "\(ended.all)")
        #expect(report.reasons.first?.contains("/nowhere/server: ENOENT") == true)
    }

    @Test("a program that never answers is given up after its time, with all that it forked")
    func neverAnswers() async throws {
        let (ended, report) = try await run(
            PlanText.command(
                ["sh", "-c", "echo thinking; sleep 100 & sleep 100", "sh", "{port}"],
                keys: #""ready_timeout": "400ms""#))
        #expect(ended.code == 75, "\(ended.all)")
        #expect(report.reasons.first?.contains("did not answer") == true, "\(report.reasons)")
        #expect(report.reasons.first?.contains("thinking") == true, "\(report.reasons)")
    }

    @Test("a program that ends in mid-run stops the run, and keeps the figures up to there")
    func endsInMidRun() async throws {
        let script = "\(Program.path) echo --port {port} & sleep 1; echo giving up; kill $!; exit 5"
        let (ended, report) = try await run(
            PlanText.command(["sh", "-c", script]),
            sender: PlanText.sender(length: #""duration": "100s""#))
        #expect(ended.code == 75, "\(ended.all)")
        #expect(report.status == "partial")
        #expect(report.reasons.first?.contains("ended in mid-run (exit 5)") == true)
        #expect(report.reasons.first?.contains("giving up") == true, "\(report.reasons)")
        #expect(report.streams.first?.integer("ledger.received") ?? 0 > 0)
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
