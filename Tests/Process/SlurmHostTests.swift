import Glibc
import Harness
import JSON
import Synchronization
import Testing

/// A Slurm of the test's own, of a controller and two nodes: namespaces of the network around a
/// bridge, each with a host name of its own, the second node with a clock of its own.
private final class SlurmRig: Sendable {
    private static let tools = ["slurmctld", "slurmd", "srun", "salloc", "sinfo", "munged"]
    static let isPossible =
        HostRig.isPossible
        && tools.allSatisfy { Program.tool($0) != nil || access("/usr/sbin/\($0)", X_OK) == 0 }
    static let reason: Comment =
        "needs slurmctld, slurmd, slurm-client and munge (Debian), and what two hosts need"
    static let addresses = ["ctl": "192.0.2.1", "n1": "192.0.2.11", "n2": "192.0.2.12"]
    private static let made = Atomic<Int>(0)

    private let directory: TemporaryDirectory
    private let names: [String: String]
    private let daemons: [Execution]

    init() async throws {
        let directory = try TemporaryDirectory()
        let number = "\(getpid())-\(Self.made.add(1, ordering: .relaxed).newValue)"
        let names = Self.addresses.keys.reduce(into: [String: String]()) {
            $0[$1] = "udplab-\($1)-\(number)"
        }
        self.directory = directory
        self.names = names
        for line in Self.links(names) {
            let words = line.split(separator: " ").map(String.init)
            let ended = try await Execution.run(words, program: "ip", in: directory)
            guard ended.code == 0 else { throw HarnessError("ip \(line): \(ended.all)") }
        }
        try directory.write("slurm.conf", Self.configuration(in: directory))
        try directory.write(
            "munge.key", (0..<1_024).map { _ in UInt8.random(in: 0...255) })
        chmod(directory.file("munge.key"), 0o600)
        var daemons = [
            try Execution(
                [
                    "--foreground", "--force", "--key-file=\(directory.file("munge.key"))",
                    "--socket=\(directory.file("munge.socket"))",
                    "--pid-file=\(directory.file("munged.pid"))",
                    "--log-file=\(directory.file("munged.log"))",
                    "--seed-file=\(directory.file("munged.seed"))",
                ], program: "/usr/sbin/munged", in: directory)
        ]
        let isThere = try await eventually { directory.exists("munge.socket") }
        guard isThere else { throw HarnessError("munged: \(daemons[0].errorsSoFar)") }
        let configuration = directory.file("slurm.conf")
        daemons.append(
            try Execution(
                ["-D", "-c", "-f", configuration], program: "/usr/sbin/slurmctld", in: directory,
                launcher: Self.on("ctl", names)))
        for node in ["n1", "n2"] {
            daemons.append(
                try Execution(
                    ["-D", "-N", node, "-f", configuration], program: "/usr/sbin/slurmd",
                    in: directory, launcher: Self.on(node, names)))
        }
        self.daemons = daemons
        try await waitForNodes()
    }

    private static func links(_ names: [String: String]) -> [String] {
        func name(_ host: String) -> String { names[host] ?? "" }
        let hosts = names.keys.sorted()
        return hosts.map { "netns add \(name($0))" }
            + hosts.map { "-n \(name($0)) link set lo up" }
            + [
                "-n \(name("ctl")) link add bridge type bridge",
                "-n \(name("ctl")) address add \(addresses["ctl"] ?? "")/24 dev bridge",
                "-n \(name("ctl")) link set bridge up",
            ]
            + ["n1", "n2"].flatMap { node in
                [
                    "-n \(name("ctl")) link add \(node) type veth peer name cable netns \(name(node))",
                    "-n \(name("ctl")) link set \(node) master bridge up",
                    "-n \(name(node)) address add \(addresses[node] ?? "")/24 dev cable",
                    "-n \(name(node)) link set cable up",
                ]
            }
    }

    private static func configuration(in directory: TemporaryDirectory) -> String {
        func folder(_ name: String) -> String {
            mkdir(directory.file(name), 0o755)
            return directory.file(name)
        }
        return """
            ClusterName=trial
            SlurmctldHost=ctl(\(addresses["ctl"] ?? ""))
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            CredType=cred/munge
            AuthInfo=socket=\(directory.file("munge.socket"))
            MpiDefault=none
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            ReturnToService=2
            SlurmctldPidFile=\(directory.file("slurmctld.pid"))
            SlurmdPidFile=\(directory.file("slurmd.%n.pid"))
            SlurmdSpoolDir=\(folder("spool")).%n
            StateSaveLocation=\(folder("state"))
            SlurmctldLogFile=\(directory.file("slurmctld.log"))
            SlurmdLogFile=\(directory.file("slurmd.%n.log"))
            SelectType=select/linear
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            KillWait=2
            NodeName=n1 NodeAddr=\(addresses["n1"] ?? "") CPUs=1 RealMemory=100 State=UNKNOWN
            NodeName=n2 NodeAddr=\(addresses["n2"] ?? "") CPUs=1 RealMemory=100 State=UNKNOWN
            PartitionName=trial Nodes=ALL Default=YES State=UP

            """
    }

    /// The words that start a program on a host of the cluster.
    private static func on(_ host: String, _ names: [String: String]) -> [String] {
        let clock =
            host == "n2" ? ["--time", "--monotonic", "2000000", "--fork", "--kill-child"] : []
        return ["nsenter", "--net=/run/netns/\(names[host] ?? "")", "unshare", "--uts"] + clock
            + ["sh", "-c", "hostname \(host); exec \"$@\"", "sh"]
    }

    private func waitForNodes() async throws {
        for _ in 0..<240 {
            let ended = try await Execution.run(
                ["-h", "-N", "-o", "%T"], program: "sinfo", in: directory,
                environment: environment, launcher: Self.on("ctl", names))
            if ended.output.split(separator: "\n") == ["idle", "idle"] { return }
            try await nap(.milliseconds(250))
        }
        throw HarnessError("no nodes: \(daemons.map(\.errorsSoFar))")
    }

    var environment: [String: String?] { ["SLURM_CONF": directory.file("slurm.conf")] }

    /// The words that start the runner within an allocation of both nodes.
    var allocation: [String] {
        Self.on("ctl", names) + ["salloc", "--nodes=2", "--quiet", "--time=5"]
    }

    /// A node in a plan.
    func host(_ node: String) -> String {
        let words = ["srun", "--overlap", "-N1", "-n1", "-w", node, "--quiet"]
        let launch = words.map { JSONText.quoted($0) }.joined(separator: ", ")
        return
            "{ \"launch\": [\(launch)], \"udplab\": \(JSONText.quoted(Program.path)), \"consent\": true }"
    }

    /// A plan whose ends are on the two nodes.
    func plan(_ length: String, behaviour: String) -> PlanText {
        var plan = PlanText(senders: [
            PlanText.sender(
                rate: "100pps", payload: "160B", length: length, keys: #""host": "n1""#)
        ])
        plan.hosts = ["n1": host("n1"), "n2": host("n2")]
        let ends = ["n1", "n2"].map { "\"\($0)\": \"\(Self.addresses[$0] ?? "")\"" }
        plan.network = "{ \"kind\": \"path\", \"at\": { \(ends.joined(separator: ", ")) } }"
        plan.responder = "{ \"behaviour\": \"\(behaviour)\", \"host\": \"n2\" }"
        return plan
    }

    // What still runs in the namespaces is of this cluster: step daemons outlive theirs.
    deinit {
        for daemon in daemons { daemon.signal(SIGKILL) }
        for name in names.values {
            system("kill -9 $(ip netns pids \(name)) 2>/dev/null; ip netns del \(name) 2>/dev/null")
        }
    }
}

/// Two nodes of a cluster, both ends of a plan.
@Suite(.enabled(if: SlurmRig.isPossible, SlurmRig.reason))
struct SlurmHostTests {
    @Test("both ends of a plan run on nodes of a cluster", arguments: ["echo", "sink"])
    func nodes(behaviour: String) async throws {
        let slurm = try await SlurmRig()
        let trial = try Trial(slurm.plan(#""count": 200"#, behaviour: behaviour))
        let ended = try await trial.run(
            environment: slurm.environment, launcher: slurm.allocation)
        #expect(ended.code == 0, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.in_time") == stream.integer("ledger.sent"), "\(ended.all)")
        #expect(report.workers.map { $0["host"]?.string } == ["n1", "n2"])
        let names = report.json["hosts"]?.array.compactMap { $0["hostname"]?.string }
        #expect(names == ["n1", "n2"])
    }

    @Test("the plan for two nodes that ships runs on two nodes, in both directions")
    func ships() async throws {
        let slurm = try await SlurmRig()
        let directory = try TemporaryDirectory()
        var words = ["run", ":slurm-two-nodes", "--report", "report.json"]
        for node in ["n1", "n2"] {
            words += ["--set", "hosts.\(node).udplab=\(Program.path)"]
            words += ["--set", "networks.fabric.at.\(node)=\(SlurmRig.addresses[node] ?? "")"]
        }
        let ended = try await Execution.run(
            words + ["--set", "scenarios.exchange.tolerance=100%"], in: directory,
            environment: slurm.environment, launcher: slurm.allocation)
        #expect(ended.code == 0, "\(ended.all)")
        let report = try ReportReading(directory)
        #expect(report.ledgerFaults == [])
        #expect(
            report.runs.compactMap { $0["network"]?.string } == ["fabric", "fabric:backward"])
        #expect(
            report.workers.map { $0["host"]?.string } == ["n1", "n2", "n2", "n1"],
            "\(ended.all)")
    }
}
