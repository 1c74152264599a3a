import Glibc
import Harness
import JSON
import Testing

/// An sshd of the test's own on the far end of a cable, with a key of its own.
private final class SSHRig: Sendable {
    private static let sshd = "/usr/sbin/sshd"
    static let isPossible =
        HostRig.isPossible && access(sshd, X_OK) == 0 && Program.tool("ssh") != nil
        && Program.tool("ssh-keygen") != nil
    static let reason: Comment =
        "needs root, openssh-server and openssh-client, and what two hosts need"

    let rig: HostRig
    private let directory: TemporaryDirectory
    private let server: Execution

    init() async throws {
        rig = try await HostRig()
        directory = try TemporaryDirectory()
        // sshd(8) does not start without it.
        mkdir("/run/sshd", 0o755)
        for name in ["key", "host"] {
            let made = try await Execution.run(
                ["-q", "-t", "ed25519", "-N", "", "-f", directory.file(name)],
                program: "ssh-keygen", in: directory)
            guard made.code == 0 else { throw HarnessError(made.all) }
        }
        try directory.write("authorized", directory.read("key.pub"))
        try directory.write(
            "sshd_config",
            """
            ListenAddress \(Cable.farAddress)
            HostKey \(directory.file("host"))
            AuthorizedKeysFile \(directory.file("authorized"))
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password

            """)
        try directory.write(
            "ssh_config",
            """
            Host far
              HostName \(Cable.farAddress)
              User root
              IdentityFile \(directory.file("key"))
              IdentitiesOnly yes
              UserKnownHostsFile /dev/null
              StrictHostKeyChecking no
              LogLevel ERROR
              BatchMode yes

            """)
        server = try Execution(
            ["-D", "-e", "-f", directory.file("sshd_config")], program: Self.sshd, in: directory,
            launcher: rig.launch)
        try await waitForLogin()
    }

    private func waitForLogin() async throws {
        for _ in 0..<100 {
            let ended = try await Execution.run(
                ["-F", directory.file("ssh_config"), "far", "true"], program: "ssh",
                in: directory, launcher: rig.near)
            if ended.code == 0 { return }
            try await nap(.milliseconds(100))
        }
        throw HarnessError("no login: \(server.errorsSoFar)")
    }

    deinit { server.signal(SIGKILL) }

    /// The processes that its server has started.
    var descendants: [ProcessTable.Identity] { server.descendants }

    /// The far host in a plan.
    var host: String {
        let words = ["ssh", "-T", "-F", directory.file("ssh_config"), "far"]
        let launch = words.map { JSONText.quoted($0) }.joined(separator: ", ")
        return
            "{ \"launch\": [\(launch)], \"udplab\": \(JSONText.quoted(Program.path)), \"consent\": true }"
    }
}

/// Two hosts with ssh between them.
@Suite(.enabled(if: SSHRig.isPossible, SSHRig.reason))
struct SSHHostTests {
    @Test("over ssh the loss of each way is what the kernels at both ends dropped")
    func loss() async throws {
        let ssh = try await SSHRig()
        try await ssh.rig.drop(every: 9, at: ssh.rig.cable.far)
        try await ssh.rig.drop(every: 5, at: ssh.rig.cable.near)
        var plan = ssh.rig.plan(
            PlanText.sender(rate: "200pps", payload: "160B", length: #""count": 300"#))
        plan.hosts = ["b": ssh.host]
        let (report, ended) = try await Trial(plan).report(0, launcher: ssh.rig.near)
        let stream = try #require(report.streams.first)
        let forward = try await ssh.rig.dropped(at: ssh.rig.cable.far)
        let backward = try await ssh.rig.dropped(at: ssh.rig.cable.near)
        #expect(forward > 0 && backward > 0)
        #expect(stream.integer("ledger.forward_lost") == forward, "\(ended.all)")
        #expect(stream.integer("ledger.backward_lost") == backward)
    }

    @Test("a client of ssh that is killed makes the run incomplete, and leaves nobody there")
    func killed() async throws {
        let ssh = try await SSHRig()
        var plan = ssh.rig.plan(PlanText.sender(length: #""duration": "120s""#))
        plan.hosts = ["b": ssh.host]
        let trial = try Trial(plan)
        var there: [ProcessTable.Identity] = []
        let ended = try await trial.during(launcher: ssh.rig.near) { execution in
            try await nap(.seconds(1))
            there = ssh.descendants.filter { $0.name.hasPrefix("udplab") }
            let client = try #require(execution.descendants.first { $0.name == "ssh" })
            kill(client.pid, SIGKILL)
        }
        #expect(ended.code == 75, "\(ended.all)")
        #expect(try trial.report().verdict == "incomplete", "\(ended.all)")
        #expect(!there.isEmpty)
        try await expectGone(there)
    }
}
