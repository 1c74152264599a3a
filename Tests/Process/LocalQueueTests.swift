import Glibc
import Harness
import JSON
import Synchronization
import Testing

/// Two network namespaces and a cable between them (veth(4)): what happens in them reaches nothing
/// else, and they are gone with the test.
final class Cable: Sendable {
    let near: String
    let far: String
    static let nearAddress = "192.0.2.1"  // TEST-NET-1, RFC 5737
    static let farAddress = "192.0.2.2"

    /// Root alone may make them; and the tools are Debian's iproute2.
    static let isPossible =
        Program.isRoot && Program.tool("ip") != nil && Program.tool("tc") != nil
        && system("ip netns add udplab-try 2>/dev/null && ip netns del udplab-try") == 0

    private static let made = Atomic<Int>(0)
    private let directory: TemporaryDirectory

    init() async throws {
        let number = "\(getpid())-\(Self.made.add(1, ordering: .relaxed).newValue)"
        near = "udplab-near-\(number)"
        far = "udplab-far-\(number)"
        directory = try TemporaryDirectory()
        for line in [
            "netns add \(near)", "netns add \(far)",
            "-n \(near) link add name cable type veth peer name cable netns \(far)",
            "-n \(near) address add \(Self.nearAddress)/24 dev cable",
            "-n \(far) address add \(Self.farAddress)/24 dev cable",
            "-n \(near) link set cable up", "-n \(far) link set cable up",
            "-n \(near) link set lo up", "-n \(far) link set lo up",
        ] { try await Self.run("ip", line, directory) }
    }

    // The namespaces take their ends of the cable with them.
    deinit { system("ip netns del \(near) 2>/dev/null; ip netns del \(far) 2>/dev/null") }

    /// Puts a queueing discipline on the near end (tc(8)).
    func limit(_ discipline: String) async throws {
        try await Self.run("tc", "-n \(near) qdisc add dev cable root \(discipline)", directory)
    }

    private static func run(
        _ tool: String, _ line: String, _ directory: TemporaryDirectory
    ) async throws {
        let words = line.split(separator: " ").map(String.init)
        let ended = try await Execution.run(words, program: tool, in: directory)
        guard ended.code == 0 else { throw HarnessError("\(tool) \(line): \(ended.all)") }
    }
}

/// A queue of this host that is full.
@Suite struct LocalQueueTests {
    @Test(
        "N8 what a full local queue refuses is local_queue, no loss, and the verdict says so",
        .enabled(if: Cable.isPossible, "needs root, ip and tc, and leave to make namespaces"))
    func n8() async throws {
        let cable = try await Cable()
        try await cable.limit("tbf rate 1mbit burst 2kb limit 4kb")
        var plan = PlanText(senders: [
            PlanText.sender(rate: "2kpps", payload: "200B", length: #""duration": "1s""#)
        ])
        plan.network =
            "{ \"kind\": \"path\", \"address\": \"\(Cable.farAddress):7007\", \"consent\": true }"
        plan.responder = nil
        plan.tolerance = "5%"
        let trial = try Trial(plan)
        let echo = try Execution(
            [
                "echo", "--port", "7007", "--bind", Cable.farAddress, "--allow",
                "\(Cable.nearAddress)/32",
            ], in: trial.directory,
            launcher: ["ip", "netns", "exec", cable.far])
        let answers = try await eventually {
            (echo.outputSoFar + echo.errorsSoFar).contains("answering")
        }
        try #require(answers, "\(echo.errorsSoFar)")
        let (report, ended) = try await trial.report(
            75, launcher: ["ip", "netns", "exec", cable.near])
        echo.signal(SIGINT)
        _ = try await echo.end()
        let stream = try #require(report.streams.first)
        #expect(report.verdict == "inconclusive")
        #expect(stream.integer("ledger.scheduled") == 2_000)
        let refused = stream.integer("ledger.local_queue") ?? 0
        #expect(refused > 100, "\(ended.all)")
        // What left was not lost, and what did not leave is no loss.
        #expect(stream.integer("ledger.sent") == stream.integer("ledger.in_time"))
        #expect(stream.integer("loss.count") == 0)
        #expect(ended.errors.contains("local queue"), "\(ended.all)")
    }
}
