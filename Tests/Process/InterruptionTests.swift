import Glibc
import Harness
import Testing

/// Rows L1 to L4 and L15: how a run is stopped, and what is left of it.
@Suite struct InterruptionTests {
    private static func endless(responder: String? = nil) throws -> Trial {
        var plan = PlanText(senders: [PlanText.endless])
        if let responder { plan.responder = responder }
        return try Trial(plan)
    }

    @Test(
        "L1 L2 a signal in mid-run ends it with a partial report and 105",
        arguments: [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")])
    func l1l2(signal: Int32, name: String) async throws {
        let trial = try Self.endless()
        var processes: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            processes = execution.descendants
            execution.signal(signal)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "partial")
        #expect(report.verdict == "aborted")
        #expect(report.reasons.contains { $0.contains("stopped by \(name)") })
        #expect(report.streams.first?.integer("ledger.sent") ?? 0 > 0)
        #expect(report.ledgerFaults == [])
        #expect(trial.directory.names == ["plan.json", "report.json"])
        try await expectGone(processes)
    }

    @Test(
        "L1 a partial report is valid by the published schema",
        .enabled(if: SchemaJudge.isThere, "\(SchemaJudge.absence)"))
    func l1Schema() async throws {
        let trial = try Self.endless()
        _ = try await trial.during { $0.signal(SIGINT) }
        #expect(try await SchemaJudge.faults(in: ["report.json"], trial.directory) == "")
    }

    @Test("L1 a run that a shell started in the background stops on SIGINT as well")
    func l1Background() async throws {
        let trial = try Self.endless()
        let ignoring = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]
        let ended = try await Execution.during(
            Trial.arguments, in: trial.directory, launcher: ignoring
        ) { execution in
            let isThere = try await eventually { execution.descendants.count == 2 }
            #expect(isThere)
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
    }

    @Test("L2 nohup keeps a run from being hung up")
    func l2Nohup() async throws {
        let trial = try Self.endless()
        let ended = try await Execution.during(
            Trial.arguments, in: trial.directory, launcher: ["nohup"]
        ) { execution in
            let isThere = try await eventually { execution.descendants.count == 2 }
            #expect(isThere)
            execution.signal(SIGHUP)
            try await nap(.milliseconds(300))
            execution.signal(SIGTERM)
        }
        #expect(ended.code == 105, "\(ended.all)")
        #expect(try trial.report().reasons.contains { $0.contains("SIGTERM") })
    }

    @Test("L3 a second SIGINT ends the program at once, with its children and without a report")
    func l3() async throws {
        // It takes no hint, so that the end takes its time.
        let trial = try Self.endless(
            responder: PlanText.command([
                "sh", "-c",
                "trap '' TERM; \(Program.path) echo --port {port} & while :; do sleep 1; done",
            ]))
        var processes: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            processes = execution.descendants
            execution.signal(SIGINT)
            // Two of a kind at the same time are one to the kernel.
            let isStopping = try await eventually { execution.errorsSoFar.contains("stopping") }
            #expect(isStopping)
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        #expect(processes.count >= 5, "\(processes)")
        try await expectGone(processes)
        #expect(!trial.directory.exists("report.json"))
    }

    /// A program that forks what serves: its own end is not the end of it.
    private static let forking = PlanText.command([
        "sh", "-c", "\(Program.path) echo --port {port} & wait",
    ])

    @Test("L4 kill -9 of the runner leaves no process and no torn report")
    func l4() async throws {
        let trial = try Self.endless(responder: Self.forking)
        var processes: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            processes = execution.descendants
            execution.signal(SIGKILL)
        }
        #expect(ended.signal == SIGKILL)
        #expect(processes.count >= 5, "\(processes)")
        #expect(processes.count { $0.name == "udplab-worker" } == 2, "\(processes)")
        try await expectGone(processes)
        let left = trial.directory.names
        #expect(!left.contains("report.json"))
        #expect(left.contains { $0.hasSuffix(".tmp") })

        var plan = PlanText()
        plan.name = "next"
        try trial.directory.write("plan.json", plan.text)
        _ = try await trial.report(0)
        #expect(trial.directory.names == ["plan.json", "report.json"])
    }

    @Test("L15 a run that is stopped before anything was sent says so in a valid report")
    func l15Stopped() async throws {
        let silent = PlanText.command(
            ["sh", "-c", "exec sleep 60", "sh", "{port}"], keys: #""ready_timeout": "30s""#)
        let trial = try Self.endless(responder: silent)
        var processes: [ProcessTable.Identity] = []
        let ended = try await Execution.during(Trial.arguments, in: trial.directory) { execution in
            let isThere = try await eventually {
                execution.descendants.contains { $0.name == "sleep" }
            }
            #expect(isThere)
            processes = execution.descendants
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "partial")
        #expect(report.verdict == "aborted")
        #expect(report.reasons.contains { $0.contains("before anything was sent") })
        #expect(report.streams == [])
        try await expectGone(processes)
    }

    @Test("a stopped plan says how many of its runs were not begun")
    func notBegun() async throws {
        var plan = PlanText(senders: [PlanText.endless])
        plan.keys = [#""repeat": 3"#]
        let trial = try Trial(plan)
        let ended = try await trial.during { $0.signal(SIGINT) }
        #expect(ended.code == 105)
        #expect(try trial.report().reasons.contains { $0.contains("2 runs were not begun") })
    }
}
