import Glibc
import Harness
import JSON
import Testing

/// Two hosts and a router between them, of network namespaces: the second link carries packets of
/// 600 bytes only, and the router says so (RFC 1191, RFC 8201).
private final class NarrowPath: Sendable {
    static let mtuBytes = 600

    let near: String
    let far: String
    private let router: String
    private let directory: TemporaryDirectory

    init() async throws {
        let number = UInt16.random(in: 0...UInt16.max)
        let names = ["near", "router", "far"].map { "udplab-\($0)-mtu-\(getpid())-\(number)" }
        (near, router, far) = (names[0], names[1], names[2])
        directory = try TemporaryDirectory()
        // Of documentation: RFC 5737, RFC 3849.
        for line in [
            "netns add \(near)", "netns add \(router)", "netns add \(far)",
            "-n \(near) link add name wide type veth peer name wide netns \(router)",
            "-n \(far) link add name narrow type veth peer name narrow netns \(router)",
            "-n \(near) address add 192.0.2.1/24 dev wide",
            "-n \(router) address add 192.0.2.254/24 dev wide",
            "-n \(router) address add 198.51.100.254/24 dev narrow",
            "-n \(far) address add 198.51.100.1/24 dev narrow",
            "-n \(near) link set wide up", "-n \(router) link set wide up",
            "-n \(router) link set narrow mtu \(Self.mtuBytes) up",
            "-n \(far) link set narrow mtu \(Self.mtuBytes) up",
            "-n \(near) route add default via 192.0.2.254",
            "-n \(far) route add default via 198.51.100.254",
            "netns exec \(router) sysctl -qw net.ipv4.ip_forward=1",
        ] {
            let words = line.split(separator: " ").map(String.init)
            let ended = try await Execution.run(words, program: "ip", in: directory)
            guard ended.code == 0 else { throw HarnessError("ip \(line): \(ended.all)") }
        }
    }

    deinit {
        for name in [near, router, far] { system("ip netns del \(name) 2>/dev/null") }
    }
}

@Suite(.enabled(if: Cable.isPossible, "needs root, ip and tc, and leave to make namespaces"))
struct PathMTUTests {
    @Test("N13 T11 what a router of the path drops for its length is told from loss")
    func n13() async throws {
        let path = try await NarrowPath()
        var plan = PlanText(senders: [
            PlanText.sender("fits", payload: "572B", length: #""count": 20"#),
            PlanText.sender("wide", payload: "573B", length: #""count": 20"#),
        ])
        plan.network =
            #"{ "kind": "path", "address": "198.51.100.1:7007", "consent": true }"#
        plan.responder = nil
        plan.timeout = "200ms"
        plan.tolerance = "0%"
        let trial = try Trial(plan)
        let echo = try Execution(
            ["echo", "--port", "7007", "--bind", "198.51.100.1", "--allow", "192.0.2.1/32"],
            in: trial.directory, launcher: ["ip", "netns", "exec", path.far])
        try #require(
            try await eventually { (echo.outputSoFar + echo.errorsSoFar).contains("answering") },
            "\(echo.errorsSoFar)")
        let (report, ended) = try await trial.report(
            75, launcher: ["ip", "netns", "exec", path.near])
        let (fits, wide) = (report.streams[0], report.streams[1])
        #expect(fits.integer("socket.packet_too_big") == 0)
        #expect(fits.integer("ledger.in_time") == fits.integer("ledger.sent"))
        // From the router's word on this host cuts what is longer into fragments.
        #expect(wide.integer("socket.packet_too_big") == 1)
        #expect(wide.integer("ledger.lost_unsplit") == 1)
        #expect(wide.integer("socket.path_mtu_bytes") == NarrowPath.mtuBytes)
        let words = ended.errors.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        #expect(
            words.contains(
                "wide: 1 of 20 datagrams did not fit the path's MTU of 600 B, which a payload of "
                    + "572 B fits (EMSGSIZE; 1 of them a router of the path dropped and said so"),
            "\(ended.all)")
        echo.signal(SIGINT)
        _ = try await echo.end()
    }

    @Test("`send` says which length the path has room for")
    func send() async throws {
        let path = try await NarrowPath()
        let ended = try await Execution.run(
            ["send", "198.51.100.1:7007", String(repeating: "x", count: 573), "--wait", "2s"],
            in: try TemporaryDirectory(), launcher: ["ip", "netns", "exec", path.near])
        #expect(ended.code == 75)
        #expect(
            ended.errors.contains(
                "it does not fit the path's MTU of 600 B (EMSGSIZE (Message too long)): at "
                    + "most 572 B do"),
            "\(ended.all)")
    }
}
