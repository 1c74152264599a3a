import Glibc
import Harness
import Testing

/// Rows S: what keeps a plan from being started, said before the first datagram.
@Suite struct StartTests {
    @Test("S1 a port in use is named with its errno")
    func s1() async throws {
        let taken = try BoundSocket()
        var plan = PlanText()
        plan.responder = #"{ "behaviour": "echo", "address": "127.0.0.1:\#(taken.port)" }"#
        let (report, ended) = try await Trial(plan).report(75)
        #expect(report.status == "partial")
        #expect(report.reasons.first?.contains("127.0.0.1:\(taken.port)") == true)
        #expect(report.reasons.first?.contains("EADDRINUSE") == true)
        #expect(ended.errors.contains("EADDRINUSE"))
    }

    @Test("S2 a name that does not resolve is refused before any run")
    func s2() async throws {
        var plan = PlanText()
        plan.network = #"{ "kind": "path", "address": "nowhere.invalid:7788" }"#
        plan.responder = nil
        let trial = try Trial(plan)
        let ended = try await trial.run()
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains(#"cannot resolve "nowhere.invalid""#), "\(ended.all)")
        #expect(!ended.errors.contains("EHOSTUNREACH"))
        #expect(trial.directory.names == ["plan.json"])
    }

    @Test("S2 an address of another host is not loaded without consent")
    func consent() async throws {
        var plan = PlanText()
        plan.network = #"{ "kind": "path", "address": "192.0.2.1:7788" }"#
        plan.responder = nil
        let ended = try await Trial(plan).run()
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("consent"), "\(ended.all)")
    }

    @Test("what run would refuse is an error of check, and a warning is one with --strict")
    func checks() async throws {
        var plan = PlanText()
        plan.network = #"{ "kind": "path", "address": "nowhere.invalid:7788" }"#
        plan.responder = nil
        let refused = try Trial(plan)
        let named = try await Execution.run(["check", "plan.json"], in: refused.directory)
        #expect(named.code == 104, "\(named.all)")
        #expect(named.output.hasPrefix("plan.json: refused: 1 run"), "\(named.all)")
        #expect(named.errors.contains(#"error: network "net": cannot resolve"#), "\(named.all)")
        let offline = try await Execution.run(
            ["check", "--offline", "plan.json"], in: refused.directory)
        #expect(offline.code == 0, "\(offline.all)")

        plan = PlanText()
        plan.moreNetworks["other"] = #"{ "kind": "loopback" }"#
        let few = try Trial(plan)
        let warned = try await Execution.run(["check", "plan.json"], in: few.directory)
        #expect(warned.code == 0, "\(warned.all)")
        #expect(warned.output.hasPrefix("plan.json: valid: 2 runs"), "\(warned.all)")
        #expect(warned.errors.contains("warning: scenario"), "\(warned.all)")
        let strict = try await Execution.run(["check", "--strict", "plan.json"], in: few.directory)
        #expect(strict.code == 104, "\(strict.all)")
        #expect(strict.output.hasPrefix("plan.json: refused: 2 runs"), "\(strict.all)")
        #expect(strict.errors.contains("error: scenario"), "\(strict.all)")
    }

    @Test("S4 too few file descriptors are told with both numbers, and nothing is started")
    func s4() async throws {
        let trial = try Trial()
        let ended = try await trial.run(launcher: ["prlimit", "--nofile=8:8"])
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("file descriptors"), "\(ended.all)")
        #expect(ended.errors.contains("the limit is 8"), "\(ended.all)")
        #expect(trial.directory.names == ["plan.json"])
    }

    @Test(
        "S4 with next to no descriptors, or next to no memory, a verb says so",
        arguments: [
            (["prlimit", "--nofile=4:4"], "ulimit -n"), (["prlimit", "--nofile=6:6"], "ulimit -n"),
            (["prlimit", "--as=60000000"], "ulimit -v"),
        ], [["check", "plan.json"], Trial.arguments, ["echo", "--port", "0"]])
    func s4Least(limit: (launcher: [String], words: String), verb: [String]) async throws {
        let trial = try Trial()
        let ended = try await Execution.run(
            verb, in: trial.directory, launcher: limit.launcher)
        // Where the program is no single file the loader may need the memory first.
        if ended.errors.contains("shared libraries") || ended.errors.contains("shared object") {
            return
        }
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains(limit.words), "\(ended.all)")
    }

    @Test("S4 a low soft limit is raised as far as the hard one allows")
    func softLimit() async throws {
        _ = try await Trial().report(0, launcher: ["prlimit", "--nofile=12:256"])
    }

    static let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    @Test(
        "S9 a privileged port without the right to it is told in words",
        .enabled(if: Program.isRoot, "only root can start it as nobody, and only nobody may not"))
    func s9() async throws {
        var plan = PlanText()
        plan.responder = #"{ "behaviour": "echo", "address": "127.0.0.1:7" }"#
        let trial = try Trial(plan)
        chmod(trial.directory.path, 0o777)
        let program = try Executable.forEverybody(in: trial.directory)
        let ended = try await Execution.run(
            Trial.arguments, program: program, in: trial.directory, launcher: Self.nobody)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("EACCES"), "\(ended.all)")
        #expect(ended.errors.contains("1024"), "\(ended.all)")
    }

    @Test(
        "S10 a report that has no place is refused before anything is sent",
        arguments: ["missing/report.json", "plan.json/report.json", "folder", "/dev/null"])
    func s10(path: String) async throws {
        let (trial, sink) = try Self.trialWithListener()
        mkdir(trial.directory.file("folder"), 0o755)
        let ended = try await Execution.run(
            ["run", "plan.json", "--report", path], in: trial.directory)
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.errors.contains("--report FILE"), "\(ended.all)")
        #expect(!sink.hasReceived)
        #expect(trial.directory.names == ["folder", "plan.json"])
    }

    @Test(
        "S10 a read-only directory is refused before anything is sent",
        .enabled(if: Program.isRoot, "only root can start it as nobody, and root writes anywhere"))
    func s10ReadOnly() async throws {
        let (trial, sink) = try Self.trialWithListener()
        let program = try Executable.forEverybody(in: trial.directory)
        let ended = try await Execution.run(
            Trial.arguments, program: program, in: trial.directory, launcher: Self.nobody)
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.errors.contains("EACCES"), "\(ended.all)")
        #expect(!sink.hasReceived)
    }

    @Test("S12 a report that exists is replaced only by --force")
    func s12() async throws {
        let (trial, sink) = try Self.trialWithListener()
        try trial.directory.write("report.json", "mine")
        let refused = try await trial.run()
        #expect(refused.code == 64, "\(refused.all)")
        #expect(refused.errors.contains("--force"), "\(refused.all)")
        #expect(!sink.hasReceived)
        #expect(try trial.directory.read("report.json") == Array("mine".utf8))
        let second = try Trial()
        try second.directory.write("report.json", "mine")
        _ = try await second.report(0, "--force")
    }

    @Test("a log of datagrams that has no place is refused before anything is sent")
    func log() async throws {
        let (trial, sink) = try Self.trialWithListener()
        let ended = try await trial.run("--log-datagrams", "missing/events.csv")
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.errors.contains("directory missing of the datagram log"), "\(ended.all)")
        #expect(!sink.hasReceived)
        #expect(trial.directory.names == ["plan.json"])
    }

    @Test("T12 a log of datagrams destroys nothing, and waits for nobody to read it")
    func t12Places() async throws {
        let (trial, sink) = try Self.trialWithListener()
        let directory = trial.directory
        try directory.write("mine", "mine")
        mkfifo(directory.file("fifo"), 0o600)
        symlink("mine", directory.file("link"))
        let plan = try directory.read("plan.json")
        let force: [String] = ["--force"]
        for (path, more, words) in [
            ("mine", [], "--force"), ("plan.json", force, "the plan"),
            ("report.json", force, "the report"), ("link", force, "no"), ("fifo", force, "no"),
            ("/dev/full", force, "not a regular file"),
        ] {
            let ended = try await Execution.run(
                Trial.arguments + ["--log-datagrams", path] + more, in: directory)
            #expect(ended.code == 64, "\(path) \(ended.all)")
            #expect(ended.errors.contains(words), "\(ended.all)")
        }
        #expect(!sink.hasReceived)
        #expect(try directory.read("plan.json") == plan)
        #expect(try directory.read("mine") == Array("mine".utf8))
        #expect(directory.names == ["fifo", "link", "mine", "plan.json"])
    }

    @Test("T12 a log that reaches the limit on a file's size lacks rows, and the stream is whole")
    func t12Limit() async throws {
        let plan = PlanText(senders: [
            PlanText.sender(rate: "5kpps", payload: "16B", length: #""count": 3000"#)
        ])
        let trial = try Trial(plan)
        // The log has some 180 kB, and the report less than 128 KiB.
        let ended = try await trial.run(
            "--log-datagrams", "events.csv", launcher: ["prlimit", "--fsize=131072"])
        #expect(ended.code == 0, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let warnings = "\(report.runs.first?["warnings"]?.array ?? [])"
        #expect(warnings.contains("the datagram log lacks"), "\(warnings)")
        #expect(warnings.contains("EFBIG"), "\(warnings)")
        #expect(try trial.directory.read("events.csv").count <= 131_072)
    }

    /// A plan that sends to a socket of the test's.
    private static func trialWithListener() throws -> (Trial, BoundSocket) {
        let listener = try BoundSocket()
        var plan = PlanText()
        plan.network = #"{ "kind": "path", "address": "127.0.0.1:\#(listener.port)" }"#
        plan.responder = nil
        return (try Trial(plan), listener)
    }
}
