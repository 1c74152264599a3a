import Glibc
import Harness
import JSON
import Testing

/// Another host that is lost, or was never there: the run is incomplete, no verdict is made up, and
/// nothing is left behind.
@Suite(.enabled(if: HostRig.isPossible, HostRig.reason))
struct HostFaultTests {
    private static let endless = PlanText.sender(length: #""duration": "120s""#)

    private func process(
        _ name: String, of execution: Execution
    ) throws -> ProcessTable.Identity {
        try #require(execution.descendants.first { $0.name == name })
    }

    @Test(
        "an agent or a launcher that is killed, or stops, makes the run incomplete",
        arguments: [("udplab-agent", SIGKILL), ("udplab-agent", SIGSTOP), ("unshare", SIGKILL)])
    func lost(name: String, signal: Int32) async throws {
        let rig = try await HostRig()
        var plan = rig.plan(Self.endless)
        // No gate is judged on what broke off.
        plan.thresholds = ["rtt.p50 < 1ns"]
        let trial = try Trial(plan)
        var others: [ProcessTable.Identity] = []
        let ended = try await trial.during(launcher: rig.near) { execution in
            // The first slot is a quarter of a second after the last worker is ready.
            try await nap(.seconds(1))
            others = execution.descendants
            kill(try process(name, of: execution).pid, signal)
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(report.verdict == "incomplete", "\(ended.all)")
        #expect(report.reasons.first?.contains("host \"b\"") == true, "\(report.reasons)")
        #expect(report.streams.first?.integer("ledger.sent") ?? 0 > 0)
        #expect(report.ledgerFaults == [])
        let host = try #require(report.json["hosts"]?.array.first)
        #expect(host["lost"]?.string?.contains("host \"b\"") == true)
        if signal == SIGSTOP {
            // Its workers do not wait for it, and it finds its lease over when it goes on.
            try await expectGone(others.filter { $0.name == "udplab-worker" })
            for other in others where other.name == "udplab-agent" { kill(other.pid, SIGCONT) }
        }
        try await expectGone(others)
    }

    @Test("of several hosts that send one is lost: the others' datagrams are counted")
    func oneOfFleet() async throws {
        let rig = try await HostRig()
        var plan = rig.plan(
            PlanText.sender(length: #""duration": "120s""#, keys: #""host": ["b", "c"]"#))
        plan.hosts = ["b": rig.host(), "c": rig.host()]
        plan.network = rig.path(of: ["b", "c"])
        plan.responder = #"{ "behaviour": "echo" }"#
        let trial = try Trial(plan)
        var others: [ProcessTable.Identity] = []
        let ended = try await Execution.during(
            Trial.arguments, in: trial.directory, launcher: rig.near
        ) { execution in
            let areSending = try await eventually(within: .seconds(30)) {
                execution.descendants.count { $0.hasThread(named: "sender") } == 2
            }
            try #require(areSending, "\(execution.errorsSoFar)")
            try await nap(.seconds(1))
            others = execution.descendants
            kill(try process("udplab-agent", of: execution).pid, SIGKILL)
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(report.verdict == "incomplete", "\(ended.all)")
        #expect(report.ledgerFaults == [])
        let hosts = report.streams.first?.at("fleet.hosts")?.array ?? []
        #expect(hosts.count { $0["ledger"]?.isNull == true } == 1, "\(ended.all)")
        #expect(hosts.compactMap { $0.integer("ledger.sent") }.allSatisfy { $0 > 0 })
        try await expectGone(others)
    }

    @Test("a runner that is killed leaves no worker on the other host")
    func runnerKilled() async throws {
        let rig = try await HostRig()
        let trial = try Trial(rig.plan(Self.endless))
        var others: [ProcessTable.Identity] = []
        let ended = try await trial.during(launcher: rig.near) { execution in
            others = execution.descendants
            execution.signal(SIGKILL)
        }
        #expect(ended.signal == SIGKILL)
        #expect(others.contains { $0.name == "udplab-agent" })
        try await expectGone(others)
    }

    @Test("Ctrl-C ends a run on two hosts in order")
    func interrupted() async throws {
        let rig = try await HostRig()
        let trial = try Trial(rig.plan(Self.endless))
        var others: [ProcessTable.Identity] = []
        let ended = try await trial.during(launcher: rig.near) { execution in
            others = execution.descendants
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try trial.report()
        #expect(report.verdict == "aborted")
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.responder_received") == stream.integer("ledger.sent"))
        try await expectGone(others)
    }

    @Test("a banner before the agent's greeting is no fault")
    func banner() async throws {
        let rig = try await HostRig()
        var plan = rig.plan()
        plan.hosts = [
            "b": rig.host(before: ["sh", "-c", "echo Welcome; echo; exec \"$@\"", "sh"])
        ]
        _ = try await Trial(plan).report(0, launcher: rig.near)
    }

    @Test("garbage from the other host in the middle of a run makes it incomplete")
    func garbage() async throws {
        let rig = try await HostRig()
        var plan = rig.plan(Self.endless)
        // What is behind it in the pipe is written by nobody that knows the protocol.
        plan.hosts = [
            "b": rig.host(before: ["sh", "-c", "(sleep 8; exec yes boo) & exec \"$@\"", "sh"])
        ]
        let trial = try Trial(plan)
        let ended = try await trial.run(launcher: rig.near)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(try trial.report().verdict == "incomplete")
    }

    @Test(
        "a host that cannot be reached is a reason not to begin, and the message says what to try",
        arguments: [
            ("false", "exited with code 1"), ("udplab-no-such-launcher", "could not be started"),
            ("cat", "exited with code 1; its last words: cat: agent"),
        ])
    func unreachable(launcher: String, reason: String) async throws {
        let rig = try await HostRig()
        var plan = rig.plan()
        plan.hosts = [
            "b": "{ \"launch\": [\"\(launcher)\"], \"udplab\": \"/opt/udplab\", \"consent\": true }"
        ]
        let trial = try Trial(plan)
        let ended = try await trial.run(launcher: rig.near)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("host \"b\""), "\(ended.all)")
        #expect(ended.errors.contains(reason), "\(ended.all)")
        #expect(!trial.directory.exists("report.json"))
    }

    @Test("another build of udplab on the other host is refused, with the way to copy this one")
    func otherBuild() async throws {
        let rig = try await HostRig()
        let trial = try Trial(rig.plan())
        var bytes = try TemporaryDirectory.read(Program.path)
        bytes.append(0)
        try trial.directory.write("other", bytes)
        chmod(trial.directory.file("other"), 0o755)
        var plan = rig.plan()
        plan.hosts = ["b": rig.host(program: trial.directory.file("other"))]
        try trial.directory.write("plan.json", plan.text)
        let ended = try await trial.run(launcher: rig.near)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("another build"), "\(ended.all)")
        #expect(ended.errors.contains("copy this one there"), "\(ended.all)")
    }

    @Test("without consent an address of another host is not loaded")
    func consent() async throws {
        let rig = try await HostRig()
        var plan = rig.plan()
        plan.hosts = ["b": rig.host().replacing("\"consent\": true", with: "\"consent\": false")]
        let ended = try await Trial(plan).run(launcher: rig.near)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("\"consent\": true"), "\(ended.all)")
    }

    @Test("two plans at once on the same host do not disturb each other")
    func twoPlans() async throws {
        let rig = try await HostRig()
        let (one, other) = (try Trial(rig.plan()), try Trial(rig.plan()))
        async let first = one.report(0, launcher: rig.near)
        async let second = other.report(0, launcher: rig.near)
        for (report, ended) in [try await first, try await second] {
            let stream = try #require(report.streams.first)
            #expect(
                stream.integer("ledger.in_time") == stream.integer("ledger.sent"), "\(ended.all)")
        }
    }
}
