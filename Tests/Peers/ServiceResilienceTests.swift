import Glibc
import Harness
import JSON
import Testing

/// Servers that are no echo servers, tried with a request of their own.
@Suite struct ServiceResilienceTests {
    private static let echoOnly = [
        "payload-sizes", "octets", "buffer-size", "duplicates", "amplification",
    ]

    private func card(
        _ command: String, _ options: [String], in directory: TemporaryDirectory
    ) async throws -> (ended: Execution.Ended, card: ReportReading) {
        let ended = try await Execution.run(
            [
                "resilience", "--command", command, "--address", "127.0.0.1:0", "--report",
                "card.json",
            ] + options, in: directory, environment: Service.path)
        return (ended, try ReportReading(directory, "card.json"))
    }

    private func verdicts(_ card: ReportReading) -> [String: String] {
        Dictionary(
            (card.json["trials"]?.array ?? []).map {
                ($0["id"]?.string ?? "", $0["verdict"]?.string ?? "")
            }, uniquingKeysWith: { first, _ in first })
    }

    @Test(
        "dnsmasq passes the trials that need no echo; the others say why they do not apply",
        .enabled(if: Service.tool("dnsmasq") != nil, "dnsmasq is not installed"))
    func dnsmasq() async throws {
        let directory = try TemporaryDirectory()
        let (ended, card) = try await card(
            "dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --pid-file= "
                + "--port={port} --listen-address={host} --bind-interfaces "
                + "--address=/a.test/192.0.2.1",
            [
                "--request", #"{"dns": {"name": "{random:4}.a.test"}}"#, "--profile", "strict",
                "--soak", "1s", "--storm", "1s",
            ], in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(card.json.at("server.request")?.string == "dns")
        let verdicts = verdicts(card)
        #expect(verdicts.count == 26)
        for (id, verdict) in verdicts {
            let expected =
                Self.echoOnly.contains(id)
                ? ["not_applicable"] : ["pass", "degraded", "not_applicable"]
            #expect(expected.contains(verdict), "\(id): \(verdict)")
        }
        for id in ["baseline", "garbage", "empty-flood", "restart", "pause", "many-sources"] {
            #expect(verdicts[id] == "pass", "\(id)\n\(ended.all)")
        }
        if SchemaJudge.isThere {
            let faults = try await SchemaJudge.faults(
                in: ["card.json"], kind: "resilience", directory)
            #expect(faults == "")
        }
    }

    /// A server of a protocol of its own, which ends at what is no text.
    private static let careless = """
        import socket, sys
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", int(sys.argv[1])))
        while True:
            data, peer = server.recvfrom(65535)
            server.sendto(b"PONG " + data.decode().removeprefix("PING ").encode(), peer)
        """

    @Test(
        "a service that ends at bad datagrams fails the trial of them, and no other for it",
        .enabled(if: Program.python != nil, "python3 is not installed"))
    func careless() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("server.py", Self.careless)
        let (ended, card) = try await card(
            "\(Program.python ?? "") server.py {port}",
            [
                "--request", #"{"text": "PING {seq}"}"#, "--answer", #"{"prefix": "PONG {seq}"}"#,
            ], in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        let failed = verdicts(card).filter { $0.value == "fail" }.map(\.key)
        #expect(failed == ["bad-rows"], "\(ended.all)")
    }

    @Test(
        "a server whose answers are not what was asked for fails its baseline",
        .enabled(if: Program.python != nil, "python3 is not installed"))
    func wrong() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("server.py", Self.careless)
        let (ended, card) = try await card(
            "\(Program.python ?? "") server.py {port}",
            [
                "--request", #"{"text": "PING {seq}"}"#, "--answer", #"{"contains": "ONG {seq}"}"#,
                "--valid", #"[{"at": 0, "equals": "0x1b"}]"#, "--only", "baseline",
            ], in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        let saw = card.json["trials"]?.array.first?["saw"]?.string ?? ""
        #expect(saw.contains("20 of them not with what was asked for"), "\(saw)")
    }

    @Test(
        "a wrong request is refused before anything is sent, with its place",
        arguments: [
            (["--request", #"{"dns": {"name": "a..b"}}"#], "--request:1:18: $.dns.name"),
            (["--request", "coap-pong"], "did you mean \"coap-ping\"?"),
            (["--request", "ntp", "--answer", "none"], "cannot be tried"),
            (["--request", #"{"text": "x"}"#], "put {seq} into the request"),
            (["--answer", "any"], "go with --request"),
            (["--request", "ntp", "--valid", "[]"], "--valid:1:1"),
        ])
    func refused(options: [String], says: String) async throws {
        let ended = try await Execution.run(
            ["resilience", "--address", "127.0.0.1:9"] + options, in: TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.errors.contains(says), "\(ended.all)")
    }

    // MARK: - Hostile answers

    /// A service that answers with what a terminal obeys, and with what is no UTF-8.
    private static let hostile = """
        import socket, sys
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", int(sys.argv[1])))
        while True:
            data, peer = server.recvfrom(65535)
            server.sendto(b"\\x1b]0;owned\\x07\\x1b[2J\\xff\\xfe\\"},{\\x00 " + data, peer)
        """

    @Test(
        "an answer neither controls a terminal nor breaks the report",
        .enabled(if: Program.python != nil, "python3 is not installed"))
    func hostileAnswers() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("server.py", Self.hostile)
        var plan = PlanText(senders: [
            #"{ "name": "c", "rate": "50pps", "count": 20, "request": { "text": "Q {seq}." },"#
                + #" "answer": { "contains": "Q {seq}." },"#
                + #" "valid": [ { "at": 0, "equals": "fine" } ] }"#
        ])
        plan.responder = PlanText.command([Program.python ?? "", "server.py", "{port}"])
        try directory.write("plan.json", plan.text)
        let ended = try await Execution.run(
            [
                "run", "plan.json", "--report", "report.json", "--verbose", "--export",
                "html=p.html",
            ],
            in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        #expect(!(ended.output + ended.errors).unicodeScalars.contains { $0.value == 0x1b })
        let report = try ReportReading(directory)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.wrong_answer") == stream.integer("ledger.sent"))
        let answer = stream.at("request.first_wrong_answer")?.string ?? ""
        #expect(answer.hasPrefix("\\u{1B}]0;owned\\u{7}\\u{1B}[2J\\xFF\\xFE\""), "\(answer)")
        #expect(report.reasons.first?.contains("none of the") == true, "\(report.reasons)")
        let page = try TemporaryDirectory.read("\(directory.path)/p.html")
        #expect(!page.contains(0x1b))
    }
}
