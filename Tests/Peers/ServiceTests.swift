import Glibc
import Harness
import JSON
import Testing

/// Services of Debian in the responder's place, loaded with their own requests.
@Suite struct ServiceTests {
    /// A plan that ships, and the program that it needs.
    struct Shipped: Sendable, CustomTestStringConvertible {
        let plan: String
        let program: String
        let package: String
        var isOneWay = false
        /// Less than the plan's load: a busy machine serves this too.
        var options: [String] = []

        var testDescription: String { plan }
        var isThere: Bool { Service.tool(program) != nil }
    }

    static let shipped = [
        Shipped(plan: "dns-lookups", program: "dnsmasq", package: "dnsmasq-base"),
        Shipped(
            plan: "dns-under-load", program: "dnsmasq", package: "dnsmasq-base",
            options: ["--set", "scenarios.lookups.senders.clients.total_rate=500kbit"]),
        Shipped(plan: "coap-pings", program: "coap-server-notls", package: "libcoap3-bin"),
        Shipped(plan: "stun-binding", program: "turnserver", package: "coturn"),
        Shipped(plan: "ntp-clients", program: "chronyd", package: "chrony"),
        Shipped(
            plan: "syslog-messages", program: "rsyslogd", package: "rsyslog", isOneWay: true),
    ]

    @Test("the plans of services whose programs are here are tried: the others are named")
    func missing() {
        for service in Self.shipped where !service.isThere {
            Issue.record(
                """
                \(service.program) is not installed (Debian: \(service.package)), so that \
                \(service.plan) is not tried
                """,
                severity: .warning)
        }
    }

    @Test(
        "a service of Debian answers its own requests, each to the right one",
        arguments: shipped.filter(\.isThere))
    func answers(service: Shipped) async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(
            ["run", "\(Program.root)/Scenarios/\(service.plan).json", "--report", "report.json"]
                + service.options,
            in: directory, environment: Service.path, places: Turnstile.places)
        let report = try ReportReading(directory)
        #expect(report.ledgerFaults == [])
        #expect([0, 75].contains(ended.code), "\(ended.all)")
        for stream in report.streams {
            let sent = stream.integer("ledger.sent") ?? 0
            #expect(sent > 0)
            if service.isOneWay {
                #expect(stream.integer("ledger.untold") == sent)
                #expect(stream.at("rtt_ns") == .null && stream.at("duplication") == .null)
            } else {
                #expect(stream.integer("ledger.in_time") ?? 0 > 0, "\(ended.all)")
                #expect(stream.integer("ledger.wrong_answer") == 0, "\(ended.all)")
                #expect(stream.integer("rejected.unmatched") == 0)
                #expect(stream.integer("duplication.count") == 0)
            }
        }
    }

    /// Runs a plan with one sender.
    private func run(
        _ responder: String, _ request: String, in directory: TemporaryDirectory,
        keys: String = #""flows": 4, "rate": "50pps", "count": 50"#
    ) async throws -> (ended: Execution.Ended, report: ReportReading) {
        var plan = PlanText(senders: ["{ \"name\": \"clients\", \(keys), \(request) }"])
        plan.responder = responder
        plan.timeout = "2s"
        return try await run(plan, in: directory)
    }

    private func run(
        _ plan: PlanText, in directory: TemporaryDirectory
    ) async throws -> (ended: Execution.Ended, report: ReportReading) {
        try directory.write("plan.json", plan.text)
        let ended = try await Execution.run(
            ["run", "plan.json", "--report", "report.json"], in: directory,
            environment: Service.path)
        let report = try ReportReading(directory)
        #expect(report.ledgerFaults == [])
        return (ended, report)
    }

    @Test(
        "unbound answers what it knows, and says no to the rest: wrong answers, and no losses",
        .enabled(if: Service.tool("unbound") != nil, "unbound is not installed"))
    func unbound() async throws {
        let directory = try TemporaryDirectory()
        let start = """
            printf 'server:\\n interface: {host}@{port}\\n use-syslog: no\\n chroot: \\"\\"\\n \
            username: \\"\\"\\n do-daemonize: no\\n pidfile: \\"\\"\\n module-config: \\"iterator\\"\\n \
            access-control: 127.0.0.0/8 allow\\n local-zone: \\"test.\\" static\\n \
            local-data: \\"www.test. A 192.0.2.1\\"\\n' >unbound.conf; exec unbound -dd -c unbound.conf
            """
        let command = try JSONValue.array(
            ["sh", "-c", start.replacing("\\\"", with: "\"")].map { .string($0) }
        ).text()
        let (ended, report) = try await run(
            "{ \"command\": \(command) }",
            #""request": [ { "dns": { "name": "www.test" } }, { "dns": { "name": "no.test" } } ]"#,
            in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        let stream = try #require(report.streams.first)
        let sent = stream.integer("ledger.sent") ?? 0
        #expect(stream.integer("ledger.wrong_answer") == sent / 2)
        #expect(stream.integer("ledger.in_time") == sent - sent / 2)
        #expect(stream.integer("loss.count") == 0)
        #expect(stream.integer("rtt_ns.count") == stream.integer("ledger.in_time"))
    }

    @Test(
        "sipp answers OPTIONS, each by its Call-ID",
        .enabled(if: Service.tool("sipp") != nil, "sipp is not installed (Debian: sip-tester)"))
    func sip() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "uas.xml",
            """
            <?xml version="1.0" encoding="ISO-8859-1" ?>
            <scenario name="options"><recv request="OPTIONS"></recv><send><![CDATA[
            SIP/2.0 200 OK
            [last_Via:]
            [last_From:]
            [last_To:];tag=[call_number]
            [last_Call-ID:]
            [last_CSeq:]
            Content-Length: 0

            ]]></send></scenario>
            """)
        let (ended, report) = try await run(
            PlanText.command(["sipp", "-i", "{host}", "-p", "{port}", "-sf", "uas.xml", "-nostdin"]
            ),
            #""request": "sip-options""#, in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.in_time") == stream.integer("ledger.sent"))
    }

    @Test(
        "what a syslog daemon has written is what was sent to it",
        .enabled(if: Service.tool("rsyslogd") != nil, "rsyslogd is not installed"))
    func syslog() async throws {
        let directory = try TemporaryDirectory()
        let start = """
            exec rsyslogd -n -C -iNONE -f /dev/fd/3 3<<END
            module(load="imudp")
            input(type="imudp" address="{host}" port="{port}")
            action(type="omfile" file="\(directory.path)/messages")
            END

            """
        let command = try JSONValue.array(["sh", "-c", start].map { .string($0) }).text()
        let (ended, report) = try await run(
            "{ \"command\": \(command) }", #""request": { "syslog": "{run:hex8} {seq}" }"#,
            in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        let sent = report.streams.first?.integer("ledger.untold")
        let text = String(
            decoding: try TemporaryDirectory.read("\(directory.path)/messages"), as: UTF8.self)
        let messages = text.split(separator: "\n")
        #expect(messages.count == sent)
        // Of every flow each number once.
        let ends = messages.map { $0.split(separator: " ").suffix(2).joined(separator: " ") }
        #expect(Set(ends).count == sent)
    }

    // MARK: - Networks

    @Test("over an impaired network each unanswered request is the network's, as it counted")
    func emulated() async throws {
        let directory = try TemporaryDirectory()
        var plan = PlanText(senders: [
            #"{ "name": "c", "flows": 4, "rate": "200pps", "count": 500, "max_burst": 64,"#
                + #""request": { "text": "{random:4} {seq} of {run:hex8}" } }"#
        ])
        plan.network = """
            { "kind": "emulated", "loss": "5%", "delay": "2ms", "jitter": "1ms",
              "duplicate": "2%" }
            """
        plan.timeout = "2s"
        plan.responder = try ReturningServer.responder(in: directory)
        let (ended, report) = try await run(plan, in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        let stream = try #require(report.streams.first)
        let there = try #require(stream.integer("ledger.forward_injected"))
        let back = try #require(stream.integer("ledger.backward_injected"))
        #expect(there > 0 && back > 0)
        #expect(stream.integer("ledger.scheduled") == 2_000)
        #expect(there == report.runs.first?.integer("relay.forward.lost"))
        // Of two answers to one request one may be lost.
        #expect(back <= report.runs.first?.integer("relay.backward.lost") ?? 0)
        #expect(stream.integer("ledger.lost_unsplit") == 0, "\(ended.all)")
        #expect(stream.integer("loss.count") == there + back)
    }

    @Test(
        "a sink tells what arrived of requests that nobody answers",
        arguments: [
            "", #", "loss": "10%""#, #", "corrupt": "10%""#, #", "loss": "5%", "duplicate": "9%""#,
        ])
    func toSink(impairments: String) async throws {
        let directory = try TemporaryDirectory()
        var plan = PlanText(senders: [
            #"{ "name": "a", "flows": 3, "rate": "200pps", "count": 100, "max_burst": 64,"#
                + #""request": "statsd" }"#,
            #"{ "name": "b", "rate": "200pps", "count": 100, "max_burst": 64,"#
                + #""request": { "syslog": "message {seq}" } }"#,
        ])
        plan.network = "{ \"kind\": \"emulated\"\(impairments) }"
        plan.responder = #"{ "behaviour": "sink" }"#
        plan.thresholds = ["loss.ratio < 100%", "ledger.forward_lost == 0"]
        let (ended, report) = try await run(plan, in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        var gone = 0
        for stream in report.streams {
            #expect(stream.integer("ledger.forward_lost") == 0, "\(ended.all)")
            #expect(stream.at("ledger.untold") == .null && stream.at("one_way_ns") == .null)
            let injected = try #require(stream.integer("ledger.forward_injected"))
            let corrupt = try #require(stream.integer("ledger.forward_corrupt"))
            #expect(stream.integer("loss.count") == injected + corrupt)
            gone += injected + corrupt
        }
        let forward = try #require(report.runs.first?.at("relay.forward"))
        #expect(gone == (forward.integer("lost") ?? 0) + (forward.integer("altered") ?? 0))
        #expect(gone > 0 || impairments.isEmpty)
    }

    @Test("what a program left in its full receive buffer is its own loss, and no network's")
    func overflow() async throws {
        let directory = try TemporaryDirectory()
        var plan = PlanText(senders: [
            #"{ "name": "c", "rate": "2kpps", "count": 1000, "max_burst": 1000,"#
                + #""request": { "text": "{seq} {random:900}" } }"#
        ])
        plan.responder = try ReturningServer.responder(in: directory, count: 100)
        plan.timeout = "100ms"
        plan.thresholds = ["loss.ratio < 50%"]
        let (ended, report) = try await run(plan, in: directory)
        // It is measured well that the program fails.
        #expect(ended.code == 99, "\(ended.all)")
        let stream = try #require(report.streams.first)
        let overflow = try #require(stream.integer("ledger.responder_overflow"))
        #expect(overflow > 500 && overflow == report.runs.first?.integer("responder.drops"))
        #expect(overflow <= stream.integer("loss.count") ?? 0)
    }

    // MARK: - dnsperf

    @Test(
        "dnsperf and udplab agree on loss and latency of one server",
        .enabled(
            if: Service.tool("dnsperf") != nil && Program.python != nil,
            "dnsperf or python3 is not installed"))
    func dnsperf() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("server.py", Self.server)
        try directory.write(
            "names", (0..<20).map { "n\($0).test A\n" }.joined())
        _ = try await Execution.during(
            ["server.py"], program: Program.python ?? "", in: directory
        ) { server in
            defer { server.signal(SIGTERM) }
            let isUp = try await eventually { (try? Self.port(directory)) != nil }
            try #require(isUp)
            let port = try Self.port(directory)
            var plan = PlanText(senders: [
                #"{ "name": "c", "rate": "200pps", "count": 200, "max_burst": 64,"#
                    + #""request": { "dns": { "name": "n{random:2}.test" } } }"#
            ])
            plan.network = "{ \"kind\": \"path\", \"address\": \"127.0.0.1:\(port)\" }"
            plan.responder = nil
            plan.timeout = "1s"
            try directory.write("plan.json", plan.text)
            _ = try await Execution.run(
                ["run", "plan.json", "--report", "report.json"], in: directory)
            let theirs = try await Execution.run(
                [
                    "-s", "127.0.0.1", "-p", "\(port)", "-d", "names", "-n", "10", "-Q", "200",
                    "-t", "1",
                ], program: Service.tool("dnsperf") ?? "", in: directory)
            let stream = try #require(ReportReading(directory).streams.first)
            let ours = try #require(stream.number("loss.ratio"))
            let lost = try #require(Self.figure("Queries lost:", in: theirs.output))
            let sent = try #require(Self.figure("Queries sent:", in: theirs.output))
            #expect(sent == 200, "\(theirs.all)")
            // The server answers nine of ten.
            #expect(abs(ours - lost / sent) <= 0.1 * lost / sent, "\(ours), \(theirs.output)")
            let mean = try #require(stream.number("rtt_ns.mean"))
            let average = try #require(Self.figure("Average Latency (s):", in: theirs.output))
            #expect(abs(mean / 1e9 - average) <= 0.1 * average, "\(mean), \(theirs.output)")
        }
    }

    private static func port(_ directory: TemporaryDirectory) throws -> Int {
        let text = String(
            decoding: try TemporaryDirectory.read("\(directory.path)/port"), as: UTF8.self)
        return try #require(Int(text.split(separator: "\n").first ?? ""))
    }

    /// Returns the number after a word in the output of dnsperf.
    private static func figure(_ word: String, in output: String) -> Double? {
        let line = output.split(separator: "\n").first { $0.contains(word) }
        let rest = line.flatMap { line in
            line.firstRange(of: word).map { line[$0.upperBound...] }
        }
        return rest?.split(separator: " ").first.flatMap { Double($0) }
    }

    /// A server that answers nine of ten queries, each after 50 ms.
    private static let server = """
        import collections, os, select, socket, time
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 0))
        with open("port.new", "w") as file:
            file.write("%d\\n" % server.getsockname()[1])
        os.rename("port.new", "port")
        waiting = collections.deque()
        count = 0
        while True:
            left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
            if select.select([server], [], [], left)[0]:
                data, peer = server.recvfrom(4096)
                count += 1
                if count % 10:
                    answer = data[:2] + b"\\x81\\x80" + data[4:]
                    waiting.append((time.monotonic() + 0.05, answer, peer))
            while waiting and waiting[0][0] <= time.monotonic():
                server.sendto(*waiting.popleft()[1:])
        """
}

/// Programs of services, which Debian puts where administrators look.
enum Service {
    private static let folders = ["/usr/sbin", "/sbin"]

    static func tool(_ name: String) -> String? {
        if let path = Program.tool(name) { return path }
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The PATH of a plan that names such programs.
    static var path: [String: String?] {
        let own = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return ["PATH": ([own] + folders).joined(separator: ":")]
    }
}
