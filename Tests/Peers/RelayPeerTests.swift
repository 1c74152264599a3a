import Glibc
import Harness
import JSON
import Testing

/// Other people's programs through `udplab relay`: they report the loss that the relay reports.
@Suite struct RelayPeerTests {
    /// A port that was free just now, for programs that cannot be asked which one they took.
    private static func freePort() throws -> UInt16 { try BoundSocket().port }

    private static func relay(
        to target: UInt16, listen: UInt16, _ flags: [String], in directory: TemporaryDirectory
    ) async throws -> Execution {
        let relay = try Execution(
            ["relay", "--listen", "127.0.0.1:\(listen)", "--to", "127.0.0.1:\(target)", "--json"]
                + flags, in: directory)
        let isThere = try await eventually { relay.errorsSoFar.contains("relaying") }
        try #require(isThere, "\(relay.errorsSoFar)")
        return relay
    }

    private static func accounts(
        _ ended: Execution.Ended, _ direction: String
    ) throws -> JSONValue {
        let json = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
        return try #require(json["result"]?[direction]?["accounts"], "\(ended.all)")
    }

    @Test(
        "irtt reports, each way, the loss that the relay says it injected",
        .enabled(if: Program.tool("irtt") != nil, "irtt is not installed"))
    func irtt() async throws {
        let directory = try TemporaryDirectory()
        let target = try Self.freePort()
        let listen = try Self.freePort()
        let server = try Execution(
            ["server", "-b", "127.0.0.1:\(target)", "-i", "0"], program: "irtt", in: directory)
        // The first datagrams open irtt's session; without them there is no test.
        let relay = try await Self.relay(
            to: target, listen: listen,
            [
                "--forward-loss", "list:datagrams=20,21,22,50,77", "--backward-loss",
                "list:datagrams=30,60,61",
            ], in: directory)
        let client = try await Execution.run(
            ["client", "-i", "10ms", "-d", "1500ms", "-q", "--wait=500ms", "127.0.0.1:\(listen)"],
            program: "irtt", in: directory)
        #expect(client.code == 0, "\(client.all)")
        relay.signal(SIGINT)
        let ended = try await relay.end()
        server.signal(SIGTERM)
        _ = try await server.end()
        #expect(try Self.accounts(ended, "forward")["lost"] == .integer(5))
        #expect(try Self.accounts(ended, "backward")["lost"] == .integer(3))
        let sent = try Self.pair(after: "packets sent/received: ", in: client.output)
        #expect(sent[0] - sent[1] == 8, "\(client.output)")
        let received = try Self.pair(after: "server packets received: ", in: client.output)
        #expect(received[1] - received[0] == 5, "\(client.output)")
    }

    /// The numbers of `190/200` after `mark`.
    private static func pair(after mark: String, in output: String) throws -> [Int] {
        let range = try #require(output.firstRange(of: mark), "\(output)")
        let numbers = output[range.upperBound...].prefix { $0.isNumber || $0 == "/" }
            .split(separator: "/").compactMap { Int($0) }
        try #require(numbers.count == 2, "\(output)")
        return numbers
    }

    @Test(
        "iperf3 reports the loss that the relay says it injected",
        .enabled(
            if: Program.tool("iperf3") != nil && Program.socat != nil,
            "iperf3, or socat for its control connection, is not installed"))
    func iperf3() async throws {
        let directory = try TemporaryDirectory()
        let target = try Self.freePort()
        let listen = try Self.freePort()
        let server = try Execution(
            ["-s", "-1", "-B", "127.0.0.1", "-p", "\(target)"], program: "iperf3", in: directory)
        // What iperf3 agrees on goes over TCP, which is none of the relay's business.
        let control = try Execution(
            [
                "TCP4-LISTEN:\(listen),bind=127.0.0.1,fork,reuseaddr",
                "TCP4:127.0.0.1:\(target),retry=50,interval=0.1",
            ], program: "socat", in: directory)
        let lost = (1...30).map { $0 * 11 }
        let relay = try await Self.relay(
            to: target, listen: listen,
            ["--forward-loss", "list:datagrams=\(lost.map(String.init).joined(separator: ","))"],
            in: directory)
        try await nap(.milliseconds(300))
        let client = try await Execution.run(
            [
                "-c", "127.0.0.1", "-p", "\(listen)", "-u", "-b", "800k", "-l", "200", "-t", "1",
                "--json",
            ], program: "iperf3", in: directory)
        #expect(client.code == 0, "\(client.all)")
        relay.signal(SIGINT)
        let ended = try await relay.end()
        control.signal(SIGTERM)
        _ = try await server.end()
        _ = try await control.end()
        #expect(try Self.accounts(ended, "forward")["lost"] == .integer(30))
        let json = try JSONValue.parse(Array(client.output.utf8), limits: .report)
        #expect(json["end"]?["sum"]?["lost_packets"] == .integer(30), "\(client.output)")
    }
}
