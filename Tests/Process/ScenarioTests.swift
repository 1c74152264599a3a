import Harness
import JSON
import Testing

/// The plans that ship, which the page on plans lists for newcomers.
@Suite struct ScenarioTests {
    static let names =
        [
            "quickstart", "throughput", "one-way", "both-ways", "marks", "unix",
            "payload-sizes", "loss-across-networks",
            "reordering", "bufferbloat", "blackout", "retry-policies", "windows-10054",
            "reset-storm", "saturation", "applications", "chat-room", "echo-resilience",
            "kill-and-restart",
            "partial-outage",
            cluster, day, "capacity",
        ] + services

    /// It needs a cluster: `SlurmHostTests` runs it on one of its own.
    private static let cluster = "slurm-two-nodes"

    /// It lasts for a day: `SoakTests` runs a part of it.
    private static let day = "soak"

    /// They need programs of Debian: `ServiceTests` runs them.
    private static let services = [
        "dns-lookups", "dns-under-load", "coap-pings", "stun-binding", "ntp-clients",
        "syslog-messages",
    ]

    /// Those with a sender at "max", or with a burst for a whole room: they need the machine.
    private static let fullSpeed = [
        "quickstart", "throughput", "one-way", "chat-room", "echo-resilience",
    ]

    @Test("every plan that ships has a test here")
    func all() {
        let files = TemporaryDirectory.names(in: "\(Program.root)/Scenarios")
        let plans = files.filter { $0.hasSuffix(".json") && !$0.hasSuffix(".schema.json") }
        #expect(Set(plans) == Set(Self.names.map { "\($0).json" }))
    }

    /// One of each kind of plan: a first look, networks that are compared, a timeline, a battery,
    /// stages.
    /// `./lab test --all` runs all of them.
    private static let running =
        Sweep.isWide
        ? names.filter { $0 != cluster && $0 != day && !services.contains($0) }
        : [
            "quickstart", "loss-across-networks", "kill-and-restart", "echo-resilience",
            "saturation", "applications", "marks", "unix", "both-ways",
        ]

    @Test("a plan that ships can be run here", arguments: names)
    func isFit(name: String) async throws {
        let plan = "\(Program.root)/Scenarios/\(name).json"
        let ended = try await Execution.run(["check", plan], in: TemporaryDirectory())
        #expect(ended.code == 0, "\(ended.all)")
    }

    @Test(
        "a plan that ships passes, its ledgers balance, and its report is valid by the schema",
        arguments: running)
    func ships(name: String) async throws {
        let directory = try TemporaryDirectory()
        let report = try await run(name, in: directory)
        #expect(report.status == "complete")
        #expect(report.ledgerFaults == [])
        for stream in report.streams {
            #expect(stream.integer("ledger.sent") ?? 0 > 0)
            #expect(stream.integer("ledger.forward_lost") == 0)
            #expect([0, nil].contains(stream.integer("ledger.backward_lost")))
        }
        for run in report.runs {
            let gates = run.at("thresholds")?.array ?? []
            let trials = run.at("battery.trials")?.array ?? []
            #expect(!(gates + trials).isEmpty)
        }
        if SchemaJudge.isThere {
            #expect(try await SchemaJudge.faults(in: ["report.json"], directory) == "")
        }
    }

    /// Other tests and other people use this machine: where it was the limit, and the program has
    /// said so, the plan gets another chance; then the fault is noted and is not the program's.
    private func run(
        _ name: String, in directory: TemporaryDirectory
    ) async throws -> ReportReading {
        let plan = "\(Program.root)/Scenarios/\(name).json"
        let arguments = ["run", plan, "--report", "report.json", "--force"]
        let places = Self.fullSpeed.contains(name) ? Turnstile.places : Turnstile.places / 2
        var ended = try await Execution.run(arguments, in: directory, places: places)
        if try Self.wasHostsFault(ended, ReportReading(directory)) {
            ended = try await Execution.run(arguments, in: directory, places: Turnstile.places)
        }
        let report = try ReportReading(directory)
        if Self.wasHostsFault(ended, report) {
            Issue.record("\(name): this machine is too busy: \(report.reasons)", severity: .warning)
        } else {
            #expect(ended.code == 0, "\(ended.all)")
            #expect(report.verdict == "pass")
        }
        return report
    }

    /// Where the host was the limit no gate is judged, and what it does not hold is said beside
    /// it: a gate that failed in another run would have the code of that.
    private static func wasHostsFault(_ ended: Execution.Ended, _ report: ReportReading) -> Bool {
        ended.code == 75 && report.verdict == "inconclusive"
            && report.reasons.contains { $0.contains("this host") }
    }

    @Test(
        "reports are held against the published schema",
        .enabled(if: SchemaJudge.isThere, "\(SchemaJudge.absence)"))
    func schemaJudgeIsThere() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("bad.json", #"{ "report": 2 }"#)
        #expect(try await SchemaJudge.faults(in: ["bad.json"], directory).contains("bad.json"))
    }

    @Test("the schema that ships is the one that the program prints")
    func schema() async throws {
        let printed = try await Execution.run(["schema"], in: TemporaryDirectory())
        let shipped = try TemporaryDirectory.read("\(Program.root)/Scenarios/plan.schema.json")
        #expect(Array(printed.output.utf8) == shipped, "udplab schema > Scenarios/plan.schema.json")
    }
}
