import Glibc
import Harness
import JSON
import Testing

/// How datagrams are sent, and what of it arrives, by the real program.
@Suite struct MarkTests {
    private static let marks = #""dscp": "EF", "ecn": "ect1", "ttl": 33"#

    private static func plan(_ keys: String, rate: String = "200pps") -> PlanText {
        var plan = PlanText(senders: [PlanText.sender(rate: rate, keys: keys)])
        plan.timeout = "2s"
        return plan
    }

    private static func expectUnchanged(
        _ stream: JSONValue, _ way: String, of account: String, ttl: Int = 33,
        at location: SourceLocation = #_sourceLocation
    ) {
        let count = stream.integer("ledger.\(account)") ?? -1
        let marks = stream.at("\(way).marks") ?? .null
        #expect(count > 0 && marks.integer("count") == count, "\(marks)", sourceLocation: location)
        #expect(marks.integer("ect1") == count, "\(marks)", sourceLocation: location)
        for key in ["dscp_changed", "ecn_changed", "ecn_bleached", "ce", "ect0", "not_ect"] {
            #expect(marks.integer(key) == 0, "\(way) \(key) \(marks)", sourceLocation: location)
        }
        #expect(marks["dscp_changed_to"] == .null, sourceLocation: location)
        #expect(marks.integer("ttl_min") == ttl, "\(marks)", sourceLocation: location)
        #expect(marks.integer("ttl_max") == ttl, "\(marks)", sourceLocation: location)
    }

    @Test(
        "marks cross loopback and come back, over IPv4 and IPv6, from an echo and a reflector",
        arguments: [
            #"{ "behaviour": "echo" }"#, #"{ "behaviour": "echo", "address": "[::1]:0" }"#,
            #"{ "behaviour": "stamp" }"#, #"{ "behaviour": "echo", "threads": 2 }"#,
        ])
    func echoed(responder: String) async throws {
        var plan = Self.plan(Self.marks + #", "flows": 2"#)
        plan.responder = responder
        plan.thresholds = [
            "forward.marks.dscp_changed == 0", "backward.marks.ce_ratio < 1%",
            "forward.marks.ttl_min == 33",
        ]
        let (report, ended) = try await Trial(plan).report(0)
        let stream = report.streams[0]
        Self.expectUnchanged(stream, "forward", of: "responder_received")
        // The hop limit of an answer is the responder's own.
        let own = stream.integer("backward.marks.ttl_min") ?? 0
        Self.expectUnchanged(stream, "backward", of: "received", ttl: own)
        #expect(report.verdict == "pass", "\(ended.all)")
    }

    @Test("a sink sees the marks of its only way")
    func sink() async throws {
        var plan = Self.plan(Self.marks)
        plan.responder = #"{ "behaviour": "sink" }"#
        let (report, _) = try await Trial(plan).report(0)
        Self.expectUnchanged(report.streams[0], "forward", of: "responder_received")
        #expect(report.streams[0]["backward"] == .null)
    }

    @Test("super-packets have the marks of each datagram in them")
    func offloaded() async throws {
        var plan = Self.plan("\"x-a\": 1")
        plan.senders = [
            PlanText.sender(
                rate: "max", payload: "200B", length: #""count": 20000"#,
                keys: Self.marks + #", "offload": { "gso": "on", "gro": "on" }"#)
        ]
        let (report, _) = try await Trial(plan).report(0)
        let stream = report.streams[0]
        #expect(stream.at("features.gso")?.string == "on")
        Self.expectUnchanged(stream, "forward", of: "responder_received")
        #expect(stream.integer("backward.marks.ect1") == stream.integer("ledger.received"))
    }

    @Test("streams of one responder have marks of their own, and one without has none")
    func mixed() async throws {
        var plan = PlanText(senders: [
            PlanText.sender("a", rate: "100pps", keys: #""dscp": "EF", "ecn": "ect0""#),
            PlanText.sender("b", rate: "100pps", keys: #""dscp": 10"#),
            PlanText.sender("c", rate: "100pps"),
        ])
        plan.timeout = "2s"
        let (report, _) = try await Trial(plan).report(0)
        for stream in report.streams.prefix(2) {
            for (way, account) in [("forward", "responder_received"), ("backward", "received")] {
                let marks = stream.at("\(way).marks") ?? .null
                #expect(marks.integer("count") == stream.integer("ledger.\(account)"))
                #expect(marks.integer("dscp_changed") == 0, "\(marks)")
                #expect(marks.integer("ecn_changed") == 0, "\(marks)")
            }
        }
        #expect(report.streams[2].at("forward.marks") == .null)
        #expect(report.streams[2].at("backward.marks") == .null)
    }

    @Test("an emulated network keeps the marks, and is one hop; copies count once")
    func emulated() async throws {
        var plan = Self.plan(Self.marks)
        plan.network = """
            { "kind": "emulated", "forward": { "loss": "20%", "duplicate": "20%", "delay": "2ms" },
              "backward": { "reorder": "20%" } }
            """
        let (report, _) = try await Trial(plan).report(0)
        let stream = report.streams[0]
        Self.expectUnchanged(stream, "forward", of: "responder_received", ttl: 32)
        Self.expectUnchanged(
            stream, "backward", of: "received",
            ttl: stream.integer("backward.marks.ttl_min") ?? 0)
        #expect(stream.integer("ledger.forward_injected") ?? 0 > 0)
    }

    @Test("what ran out of hops at the relay is injected, and not the network's loss")
    func lastHop() async throws {
        var plan = Self.plan(#""ttl": 1"#)
        plan.network = #"{ "kind": "emulated" }"#
        let trial = try Trial(plan)
        _ = try await trial.run()
        let report = try trial.report()
        let stream = report.streams[0]
        #expect(stream.integer("ledger.forward_injected") == stream.integer("ledger.sent"))
        #expect(stream.integer("ledger.forward_lost") == 0)
        #expect(
            report.runs[0].integer("relay.forward.hop_limit") == stream.integer("ledger.sent"))
        #expect(stream.integer("forward.marks.count") == 0)
        #expect(stream.at("forward.marks.ce_ratio") == .null)
    }

    @Test("of somebody else's answers it is not said that the way changed their marks")
    func foreign() async throws {
        var plan = Self.plan(Self.marks)
        plan.responder = PlanText.command(
            [Program.path, "echo", "--port", "{port}"])
        let (report, ended) = try await Trial(plan).report(0)
        let stream = report.streams[0]
        #expect(stream.at("forward.marks") == .null, "\(ended.all)")
        let marks = stream.at("backward.marks") ?? .null
        #expect(marks.integer("count") == stream.integer("ledger.received"))
        #expect(marks["dscp_changed"] == .null && marks["ecn_bleached"] == .null)
    }

    @Test("a sender that starts later has its own duration, on the axis of the run")
    func startAfter() async throws {
        var plan = PlanText(senders: [
            PlanText.sender("first", rate: "100pps"),
            PlanText.sender("later", rate: "100pps", keys: #""start_after": "700ms""#),
        ])
        plan.keys = [#""warm_up": "100ms""#]
        plan.timeout = "2s"
        for responder in [#"{ "behaviour": "echo" }"#, #"{ "behaviour": "sink" }"#] {
            plan.responder = responder
            let (report, _) = try await Trial(plan).report(0)
            #expect(report.ledgerFaults == [])
            let (first, later) = (report.streams[0], report.streams[1])
            #expect(later.integer("ledger.scheduled") == 50)
            #expect(first.integer("ledger.scheduled") == 50)
            #expect(later.integer("throughput.measured_ns") == 500_000_000)
            let starts = [first, later].map { $0["intervals"]?.array.first?.integer("start_ns") }
            #expect((starts[0] ?? .max) < 700_000_000)
            #expect((starts[1] ?? 0) >= 700_000_000 && (starts[1] ?? .max) < 1_200_000_000)
        }
    }

    @Test("a flow has the source that the plan says, and the interface")
    func source() async throws {
        let first = try BoundSocket().port
        try #require(first < 65_000)
        let plan = Self.plan(
            """
            "flows": 3, "interface": "lo", "send_buffer": "32KiB",
            "source": { "address": "127.0.0.9", "ports": "\(first)-\(first + 40)" }
            """)
        let (report, _) = try await Trial(plan).report(0)
        let stream = report.streams[0]
        let local = stream.at("addresses.local")?.array.compactMap(\.string) ?? []
        #expect(local.count == 3 && Set(local).count == 3)
        #expect(local.allSatisfy { $0.hasPrefix("127.0.0.9:") }, "\(local)")
        #expect(stream.integer("socket.send_buffer_asked_bytes") == 32_768)
        #expect(stream.integer("socket.send_buffer_granted_bytes") == 65_536)
        #expect(stream.integer("ledger.received") == stream.integer("ledger.sent"))
    }

    @Test(
        "S9 what this host refuses to a sender is named with its errno, and is no loss",
        arguments: [
            (#""interface": "none0""#, "SO_BINDTODEVICE", "ENODEV"),
            (#""source": { "address": "192.0.2.7" }"#, "cannot bind", "EADDRNOTAVAIL"),
            (#""source": { "address": "::1" }"#, "the target is an ipv4", "EINVAL"),
        ])
    func refusals(keys: String, says: String, errno: String) async throws {
        let ended = try await Trial(Self.plan(keys)).run()
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.all.contains(says) && ended.all.contains(errno), "\(ended.all)")
        #expect(!ended.all.contains("lost"), "\(ended.all)")
    }

    @Test("S1 a range of ports of which too few are free says so")
    func portsInUse() async throws {
        let taken = try BoundSocket()
        let plan = Self.plan("\"source\": { \"ports\": \"\(taken.port)-\(taken.port)\" }")
        let ended = try await Trial(plan).run()
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.all.contains("EADDRINUSE"), "\(ended.all)")
    }

    @Test("N13 whether a datagram may be fragmented is the plan's to say")
    func dontFragment() async throws {
        var plan = Self.plan(#""x-a": 1"#)
        plan.network = #"{ "kind": "namespace" }"#
        plan.senders = [PlanText.sender(keys: #""dont_fragment": false"#)]
        let trial = try Trial(plan)
        let ended = try await Execution.run(["check", "plan.json"], in: trial.directory)
        #expect(ended.code == 104, "\(ended.all)")
        #expect(ended.all.contains("each datagram is one packet"), "\(ended.all)")
    }

    private static let launch = """
        ip link set lo up && nft -f - <<EOF
        table ip t { chain o { type filter hook output priority 0;
        RULES
        }
        }
        EOF
        exec "$@"
        """

    @Test(
        "what a rule of the way rewrites is counted to the datagram, on its own way",
        .enabled(if: Namespaces.areRoots, Namespaces.rootReason))
    func rewritten() async throws {
        var plan = Self.plan(Self.marks)
        plan.responder = #"{ "behaviour": "echo", "address": "127.0.0.1:17901" }"#
        plan.senders = [
            PlanText.sender(
                rate: "200pps", length: #""count": 100"#, keys: Self.marks)
        ]
        plan.thresholds = ["forward.marks.dscp_changed == 0"]
        // Of the way there every second DSCP, of the way back every fourth ECN field.
        let rules = """
            udp dport 17901 numgen inc mod 2 0 ip dscp set cs1
            udp sport 17901 numgen inc mod 4 0 ip ecn set ce
            udp sport 17901 numgen inc mod 5 0 ip ecn set not-ect
            """
        let script = Self.launch.replacing("RULES", with: rules)
        let (report, ended) = try await Trial(plan).report(
            99, launcher: ["unshare", "-n", "sh", "-c", script, "sh"])
        let stream = report.streams[0]
        let sent = try #require(stream.integer("ledger.sent"))
        try #require(sent > 40 && stream.integer("ledger.received") == sent, "\(ended.all)")
        /// How many of all are each `step`-th, from the first on.
        func each(_ step: Int) -> Int { (sent + step - 1) / step }
        let there = stream.at("forward.marks") ?? .null
        #expect(there.integer("dscp_changed") == each(2), "\(there)")
        #expect(there.integer("dscp_changed_to") == 8)
        #expect(there.integer("ecn_changed") == 0 && there.integer("ce") == 0)
        let back = stream.at("backward.marks") ?? .null
        #expect(back.integer("dscp_changed") == 0, "\(back)")
        // Some of those that are cleared had been marked before.
        #expect(back.integer("ecn_bleached") == each(5), "\(back)")
        #expect(back.integer("ecn_changed") == each(5), "\(back)")
        #expect(back.integer("ce") == each(4) - each(20), "\(back)")
        #expect(stream.integer("loss.count") == 0)
    }
}
