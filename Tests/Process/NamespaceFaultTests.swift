import Glibc
import Harness
import JSON
import Testing

/// Faults of the network in mid-run, made from outside by reaching into the run's namespaces.
@Suite(.enabled(if: Namespaces.areRoots, Namespaces.rootReason))
struct NamespaceFaultTests {
    private static let directory = Result { try TemporaryDirectory() }

    /// Runs a shell line in the network namespace of a run's sender or responder.
    private static func inside(
        _ thread: String, of execution: Execution, _ line: String
    ) async throws {
        let worker = try #require(execution.descendants.first { $0.hasThread(named: thread) })
        let ended = try await Execution.run(
            ["-t", "\(worker.pid)", "-n", "sh", "-c", line], program: "nsenter",
            in: directory.get())
        try #require(ended.code == 0, "\(line): \(ended.all)")
    }

    @Test("N12 what a firewall refuses in mid-run is local_firewall, and no loss")
    func n12() async throws {
        var plan = Namespaces.plan("", rate: "200pps", duration: "6s")
        plan.timeout = "5s"
        let trial = try Trial(plan)
        let rule = """
            nft 'table inet t { chain o { type filter hook output priority 0
            meta l4proto udp drop
            }
            }'
            """
        let ended = try await trial.during { try await Self.inside("sender", of: $0, rule) }
        #expect(ended.code == 0, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.local_firewall") ?? 0 > 0, "\(ended.all)")
        #expect(stream.integer("ledger.sent") == stream.integer("ledger.in_time"))
        #expect(stream.integer("loss.count") == 0)
    }

    @Test("N12 a firewall that keeps back nine of ten is no pass, whatever the loss of the rest is")
    func n12FromTheStart() async throws {
        var plan = PlanText(senders: [PlanText.sender(rate: "200pps", payload: "64B")])
        plan.responder = #"{ "behaviour": "echo", "address": "127.0.0.1:17900" }"#
        plan.tolerance = "10%"
        plan.thresholds = ["loss.ratio < 1%"]
        let script = """
            ip link set lo up && nft 'table ip t { chain o { type filter hook output priority 0
            udp dport 17900 numgen random mod 100 < 90 drop
            }
            }' && exec "$@"
            """
        let (report, ended) = try await Trial(plan).report(
            75, launcher: ["unshare", "-n", "sh", "-c", script, "sh"])
        #expect(report.verdict == "inconclusive")
        let words = "were refused by this host's own rules (EPERM)"
        #expect(report.reasons.first?.contains(words) == true, "\(ended.all)")
        let stream = try #require(report.streams.first)
        #expect(stream.integer("loss.count") == 0)
        guard case .number(let delivered)? = stream.at("delivered.ratio") else {
            Issue.record("no delivered.ratio: \(ended.all)")
            return
        }
        #expect(delivered < 0.5, "\(ended.all)")
    }

    @Test("N13 an MTU that shrinks in mid-run hits the sizes that no longer fit, and no other")
    func n13() async throws {
        var plan = Namespaces.plan("", duration: "3s")
        plan.timeout = "5s"
        plan.senders = [("large", "1000B"), ("small", "100B")].map {
            PlanText.sender($0.0, rate: "100pps", payload: $0.1, length: #""duration": "3s""#)
        }
        let trial = try Trial(plan)
        let ended = try await trial.during {
            try await Self.inside("sender", of: $0, "ip link set udplab0 mtu 600")
        }
        #expect(ended.code == 0, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let large = try #require(report.streams.first { $0["sender"]?.string == "large" })
        let small = try #require(report.streams.first { $0["sender"]?.string == "small" })
        #expect(large.integer("ledger.too_big") ?? 0 > 0, "\(ended.all)")
        #expect(small.integer("ledger.too_big") == 0)
        #expect(small.integer("ledger.in_time") == small.integer("ledger.sent"))
        #expect(small.integer("ledger.sent") ?? 0 > 100)
    }

    @Test("N18 an interface that is removed in mid-run ends in a partial report that says so")
    func n18() async throws {
        // Longer than a busy machine takes to remove it.
        let trial = try Trial(Namespaces.plan("\"loss\": \"1%\"", rate: "200pps", duration: "8s"))
        let ended = try await trial.during {
            try await Self.inside("sender", of: $0, "ip link del udplab0")
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "partial")
        #expect(report.verdict == "inconclusive")
        #expect(report.reasons.contains { $0.contains("udplab") }, "\(report.reasons)")
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.other_error") ?? 0 > 0, "\(ended.all)")
    }

    @Test("S8 a plan on loopback says that the interface is down, where it is")
    func s8() async throws {
        let trial = try Trial()
        let ended = try await trial.run(launcher: ["unshare", "-n"])
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("ENETUNREACH"), "\(ended.all)")
        #expect(ended.errors.contains("ip link set lo up"), "\(ended.all)")
    }

    @Test("S8 a path without a route is refused with the command that shows routes")
    func s8Path() async throws {
        var plan = PlanText()
        plan.network = #"{ "kind": "path", "address": "192.0.2.9:7", "consent": true }"#
        plan.responder = nil
        let trial = try Trial(plan)
        let ended = try await trial.run(launcher: ["unshare", "-n"])
        #expect(ended.code == 75, "\(ended.all)")
        let reasons = try trial.report().reasons
        #expect(reasons.contains { $0.contains("`ip route get 192.0.2.9`") }, "\(ended.all)")
    }

    @Test("S3 a name of several addresses, or of IPv6 alone, means one that the report states")
    func s3() async throws {
        let hosts = """
            ::1 six.test
            127.0.0.1 several.test
            127.0.0.2 several.test

            """
        for (name, address) in [("six.test", "[::1]"), ("several.test", "127.0.0.1")] {
            var plan = PlanText()
            plan.network = "{ \"kind\": \"path\", \"address\": \"\(name):7007\" }"
            plan.responder = nil
            let trial = try Trial(plan)
            try trial.directory.write("hosts", hosts)
            let bind = address == "[::1]" ? "::1" : address
            // A mount namespace of its own has the names, a network namespace the port.
            let script = """
                mount --bind hosts /etc/hosts && ip link set lo up || exit 1
                "$1" echo --port 7007 --bind \(bind) & echo=$!
                sleep 0.5
                "$@"; code=$?
                kill $echo
                exit $code
                """
            let (report, ended) = try await trial.report(
                0, launcher: ["unshare", "-mn", "sh", "-c", script, "sh"])
            #expect(
                report.streams.first?.at("addresses.remote")?.string == "\(address):7007",
                "\(ended.all)")
        }
    }
}

/// A host that cannot make a network says so before anything is sent, or leaves its runs out.
@Suite struct NamespaceUnavailableTests {
    @Test(
        "a network that cannot be made is refused by check and run, with what to do",
        .enabled(if: Namespaces.areRoots, Namespaces.rootReason))
    func refused() async throws {
        let trial = try Trial(Namespaces.plan(""))
        for verb in [["check", "plan.json"], Trial.arguments] {
            let ended = try await Execution.run(
                verb, in: trial.directory, launcher: Self.noNamespaces)
            #expect(ended.code == (verb[0] == "check" ? 104 : 75), "\(ended.all)")
            #expect(ended.errors.contains("user namespaces"), "\(ended.all)")
            #expect(ended.errors.contains("when_unavailable"), "\(ended.all)")
        }
        #expect(!trial.directory.exists("report.json"))
    }

    @Test(
        "with when_unavailable skip the other networks run, and the report says what did not",
        .enabled(if: Namespaces.areRoots, Namespaces.rootReason))
    func skipped() async throws {
        let trial = try Trial()
        try trial.directory.write(
            "plan.json",
            """
            { "plan": 1, "name": "trial", "responders": { "far": { "behaviour": "echo" } },
              "networks": { "here": { "kind": "loopback" },
                "kernel": { "kind": "namespace", "when_unavailable": "skip" } },
              "scenarios": [ { "name": "short", "networks": ["here", "kernel"],
                "responder": "far", "tolerance": "100%", "timeout": "500ms",
                "senders": [ \(PlanText.sender()) ] } ] }
            """)
        let ended = try await Execution.run(
            Trial.arguments, in: trial.directory, launcher: Self.noNamespaces)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.errors.contains("skipped: short on kernel"), "\(ended.all)")
        let report = try trial.report()
        #expect(report.runs.count == 1)
        let skipped = try #require(report.json["skipped"]?.array.first)
        #expect(skipped["network"]?.string == "kernel")
        #expect(skipped["reason"]?.string?.contains("user namespaces") == true)
    }

    /// Within a user namespace that grants no further ones and no rights over the network.
    private static let noNamespaces = [
        "unshare", "--user", "--map-root-user", "sh", "-c",
        """
        echo 0 > /proc/sys/user/max_user_namespaces
        echo 0 > /proc/sys/user/max_net_namespaces
        exec "$@"
        """, "sh",
    ]

    @Test("doctor says what of namespace networks can be had, by having tried it")
    func doctor() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(["doctor", "--json"], in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        let json = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
        let way = json.at("facts.namespaces.way")?.string
        #expect(Namespaces.arePossible ? way != "none" : way != nil)
        let findings = json["findings"]?.array ?? []
        #expect(findings.contains { $0["name"]?.string == "network namespaces" })
    }

    @Test("doctor --clean ends a worker whose runner is gone, and none that has its own")
    func clean() async throws {
        // The kernel hangs up even a stopped worker when its runner ends, so none can be made:
        // a program with a worker's name, left to init, stands for what a fault may leave.
        let sleep = try #require(Program.tool("sleep"))
        let bystander = try Trial(PlanText(senders: [PlanText.endless]))
        try bystander.directory.write("udplab-worker", TemporaryDirectory.read(sleep))
        chmod(bystander.directory.file("udplab-worker"), 0o755)
        _ = try await bystander.during { other in
            let orphan = try await Execution.run(
                ["-c", "setsid ./udplab-worker 300 >/dev/null 2>&1 & echo $!"], program: "sh",
                in: bystander.directory)
            let pid = try #require(Int32(orphan.output.split(separator: "\n").first ?? ""))
            // Until then it is a shell, or setsid(1), and nobody's worker.
            let hasItsName = try await eventually {
                let name = (try? TemporaryDirectory.read("/proc/\(pid)/comm")) ?? []
                return String(decoding: name, as: UTF8.self) == "udplab-worker\n"
            }
            #expect(hasItsName)
            let runners = other.descendants
            let ended = try await Execution.run(["doctor", "--clean"], in: bystander.directory)
            #expect(ended.code == 0, "\(ended.all)")
            #expect(ended.output.contains("\(pid)"), "\(ended.all)")
            let isGone = try await eventually { kill(pid, 0) != 0 }
            #expect(isGone)
            let alive = runners.filter(\.isAlive)
            #expect(alive == runners)
            other.signal(SIGINT)
        }
    }
}
