import Glibc
import Harness
import JSON
import Testing

/// What the tests of namespace networks need of the machine.
enum Namespaces {
    static let tools = ["ip", "tc", "nft", "unshare", "nsenter"].allSatisfy {
        Program.tool($0) != nil || access("/usr/sbin/\($0)", X_OK) == 0
    }
    static let arePossible =
        tools && system("unshare --user --map-root-user --net true 2>/dev/null") == 0
    static let reason: Comment = "needs user namespaces, iproute2, nftables and util-linux"
    static let areRoots = arePossible && Program.isRoot
    static let rootReason: Comment = "needs root, to reach into a run's network or start as nobody"

    /// A plan of one paced sender on one namespace network.
    static func plan(
        _ keys: String, rate: String = "2kpps", payload: String = "64B", duration: String = "1s"
    ) -> PlanText {
        var plan = PlanText(senders: [
            PlanText.sender(rate: rate, payload: payload, length: "\"duration\": \"\(duration)\"")
        ])
        plan.network = "{ \"kind\": \"namespace\"\(keys.isEmpty ? "" : ", ")\(keys) }"
        return plan
    }

    /// What a run could leave on this host: named namespaces, interfaces, processes.
    static func traces() -> [String] {
        TemporaryDirectory.names(in: "/sys/class/net").filter { $0.hasPrefix("udplab") }
            + TemporaryDirectory.names(in: "/run/netns").filter {
                $0.hasPrefix("udplab") && !$0.hasPrefix("udplab-")
            }
    }
}

/// Networks of kind `namespace`, by the real program with the real kernel between its workers.
@Suite(.enabled(if: Namespaces.arePossible, Namespaces.reason))
struct NamespaceNetworkTests {
    @Test("a network without keys loses nothing, and says how it was made")
    func plain() async throws {
        let trial = try Trial(Namespaces.plan("", rate: "1kpps"))
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.in_time") == stream.integer("ledger.sent"))
        #expect(stream.integer("ledger.forward_injected") == 0)
        #expect(stream.integer("ledger.backward_injected") == 0)
        #expect(stream.at("addresses.remote")?.string?.hasPrefix("198.51.100.2:") == true)
        let detail = try #require(report.runs.first?["network_detail"])
        #expect(detail.at("kind")?.string == "namespace")
        #expect(
            detail.at("made_as")?.string == (Program.isRoot ? "root" : "user_namespace"))
        #expect(detail.integer("mtu_bytes") == 1_500)
        #expect(detail.integer("icmp_ratelimit") == 1_000)
        let roles = report.workers.compactMap { $0["role"]?.string }
        #expect(roles == ["sender", "responder", "network"])
        #expect(Namespaces.traces() == [])
    }

    @Test(
        "requests are counted by the kernel's rules, and by a relay beside them",
        arguments: ["", #", "backward": { "delay": "5ms" }"#])
    func requests(more: String) async throws {
        let directory = try TemporaryDirectory()
        var plan = Namespaces.plan(#""forward": { "loss": "10%" }"# + more)
        plan.senders = [
            #"{ "name": "c", "flows": 3, "rate": "200pps", "count": 200, "max_burst": 64,"#
                + #""request": { "text": "{seq} of {run:hex8}" } }"#
        ]
        plan.responder = try ReturningServer.responder(in: directory)
        let (report, ended) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        let lost = try #require(stream.integer("ledger.forward_injected"))
        #expect(lost > 0 && lost == report.runs.first?.integer("network_detail.forward.lost"))
        #expect(
            report.runs.first?.integer("network_detail.forward.entered")
                == stream.integer("ledger.sent"))
        #expect(stream.integer("loss.count") == lost, "\(ended.all)")
        #expect(stream.integer("ledger.lost_unsplit") == 0)
    }

    @Test("IPv6 crosses the network when the responder's address is of IPv6")
    func ipv6() async throws {
        var plan = Namespaces.plan("\"loss\": \"10%\"")
        plan.responder = #"{ "behaviour": "echo", "address": "[::1]:0" }"#
        let (report, _) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.at("addresses.remote")?.string?.hasPrefix("[2001:db8:2::2]:") == true)
        #expect(stream.integer("ledger.forward_injected") ?? 0 > 0)
        #expect(stream.integer("ledger.forward_lost") == 0)
    }

    @Test(
        "N1 what the rule dropped is what the ledger says, to the datagram",
        arguments: [("1%", 0.01), ("50%", 0.5), ("100%", 1.0)])
    func n1(loss: String, share: Double) async throws {
        let trial = try Trial(Namespaces.plan("\"forward\": { \"loss\": \"\(loss)\" }"))
        let ended = try await trial.run()
        let report = try trial.report()
        let stream = try #require(report.streams.first)
        #expect(report.ledgerFaults == [], "\(ended.all)")
        let sent = try #require(stream.integer("ledger.sent"))
        let injected = try #require(stream.integer("ledger.forward_injected"))
        #expect(report.runs[0].integer("network_detail.forward.lost") == injected)
        #expect(stream.integer("loss.count") == injected)
        #expect(stream.integer("ledger.forward_lost") == 0)
        #expect(stream.integer("ledger.backward_lost") == 0)
        // Six standard deviations of the binomial: wrong once in five hundred million runs.
        let deviation = (Double(sent) * share * (1 - share)).squareRoot()
        #expect(abs(Double(injected) - Double(sent) * share) <= 6 * deviation)
        if share == 1 {
            #expect(ended.code == 75, "\(ended.all)")
            #expect(injected == sent)
            #expect(stream.at("rtt_ns.p50")?.isNull != false)
            #expect(report.reasons.contains { $0.contains("nothing was answered") })
        } else {
            #expect(ended.code == 0, "\(ended.all)")
        }
    }

    @Test("N1 a warm-up and two senders have their own part of the losses")
    func n1ByStream() async throws {
        var plan = Namespaces.plan("\"loss\": \"20%\"")
        plan.senders = ["one", "two"].map {
            PlanText.sender($0, rate: "500pps", length: #""duration": "1s""#, keys: #""flows": 2"#)
        }
        plan.keys = [#""warm_up": "500ms""#]
        let (report, _) = try await Trial(plan).report(0)
        #expect(report.streams.count == 2)
        var inStreams = 0
        for stream in report.streams {
            #expect(stream.integer("ledger.forward_lost") == 0)
            #expect(stream.integer("ledger.backward_lost") == 0)
            #expect(stream.integer("ledger.backward_injected") ?? 0 > 0)
            inStreams += stream.integer("ledger.forward_injected") ?? 0
        }
        // The rest of what the kernel counted was the warm-up's.
        let all = report.runs[0].integer("network_detail.forward.lost") ?? 0
        #expect(inStreams > 0 && inStreams < all)
    }

    @Test("N1 loss on the way to a sink is injected as well")
    func n1Sink() async throws {
        var plan = Namespaces.plan("\"loss\": \"10%\"")
        plan.responder = #"{ "behaviour": "sink" }"#
        let (report, _) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.forward_injected") ?? 0 > 0)
        #expect(stream.integer("loss.count") == stream.integer("ledger.forward_injected"))
        #expect(stream.integer("ledger.forward_lost") == 0)
    }

    @Test("a full bottleneck is the network's loss, and none of this host's")
    func bottleneck() async throws {
        // 2,000 × (200 + 42) bytes a second are 3.9 Mbit/s.
        let keys = "\"forward\": { \"rate\": \"1Mbit\", \"queue\": \"8KiB\" }"
        let trial = try Trial(Namespaces.plan(keys, payload: "200B"))
        let (report, ended) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.local_queue") == 0)
        let injected = stream.integer("ledger.forward_injected") ?? 0
        // Three of four do not fit; a busy machine skips slots, and sends less than was planned.
        let sent = try #require(stream.integer("ledger.sent"))
        #expect(injected * 5 > sent, "\(ended.all)")
        #expect(stream.integer("ledger.forward_lost") == 0)
        #expect(stream.integer("loss.count") == injected)
        // 8 KiB at 1 Mbit/s are 65 ms: what got through had waited.
        #expect(stream.integer("rtt_ns.max") ?? 0 > 20_000_000)
        let detail = report.runs[0].at("network_detail.forward")
        #expect(detail?["rate_by"]?.string == "tbf")
        #expect(detail?.integer("queue_drops") ?? 0 >= injected)
    }

    @Test("a sink waits for what is still in the network's queue when the senders have done")
    func sinkDrains() async throws {
        // A quarter of a second's worth of probes waits in the queue.
        let keys = "\"forward\": { \"rate\": \"1Mbit\", \"queue\": \"64KiB\" }"
        var plan = Namespaces.plan(keys, rate: "1kpps", payload: "150B", duration: "500ms")
        plan.responder = #"{ "behaviour": "sink" }"#
        plan.timeout = "2s"
        let (report, _) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.responder_received") == stream.integer("ledger.sent"))
    }

    @Test(
        "T11 N13 a payload above the MTU is too_big, and the streams that fit are whole",
        arguments: ["", ", \"corrupt\": \"1%\""])
    func t11(keys: String) async throws {
        var plan = Namespaces.plan("\"mtu\": 600\(keys)", payload: "572B")
        // 600 less the headers of IPv4 and UDP is 572.
        plan.senders.append(PlanText.sender("wide", payload: "573B", length: #""count": 5"#))
        plan.tolerance = "50%"
        let trial = try Trial(plan)
        let checked = try await Execution.run(["check", "plan.json"], in: trial.directory)
        #expect(checked.code == 104, "\(checked.all)")
        #expect(checked.errors.contains("573 B does not fit the \"mtu\" of 600"), "\(checked.all)")
        let (report, ended) = try await trial.report(75)
        let (fits, wide) = (report.streams[0], report.streams[1])
        #expect(fits.integer("ledger.too_big") == 0)
        // A busy machine skips slots; nothing else may keep a datagram back.
        let (sent, skipped) = (fits.integer("ledger.sent"), fits.integer("ledger.skipped"))
        #expect(
            (sent ?? 0) + (skipped ?? 0) == fits.integer("ledger.scheduled"), "\(ended.all)")
        #expect(wide.integer("ledger.too_big") == 5, "\(ended.all)")
        #expect(wide.integer("ledger.scheduled") == 5)
        #expect(wide.integer("socket.path_mtu_bytes") == 600)
        let words = ended.errors.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        #expect(words.contains("MTU of 600 B, which a payload of 572 B fits"), "\(ended.all)")
    }

    @Test("what the kernel cannot do the relay does within the network, beside its rules")
    func relay() async throws {
        let keys =
            "\"loss\": \"5%\", \"forward\": { \"delay\": \"20ms\", \"loss\": "
            + "{ \"model\": \"periodic\", \"every\": 10 } }, \"mtu\": 600"
        let trial = try Trial(Namespaces.plan(keys, rate: "500pps"))
        let (report, ended) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("rtt_ns.min") ?? 0 >= 20_000_000)
        #expect(stream.integer("ledger.forward_lost") == 0, "\(ended.all)")
        #expect(stream.integer("ledger.backward_lost") == 0, "\(ended.all)")
        // One in ten by the relay, on the way there; by the rule on the way back.
        let relay = try #require(report.runs[0].integer("relay.forward.lost"))
        #expect(relay > 0)
        #expect(stream.integer("ledger.forward_injected") == relay)
        #expect(
            stream.integer("ledger.backward_injected")
                == report.runs[0].integer("network_detail.backward.lost"))
        #expect(report.runs[0].at("network_detail.forward.delay_by")?.string == "relay")
        let roles = report.workers.compactMap { $0["role"]?.string }
        #expect(roles.contains("relay") && roles.contains("network"))
    }

    @Test("a program of the user's answers in the network, and losses both ways are known")
    func command() async throws {
        var plan = Namespaces.plan("\"loss\": \"10%\"", rate: "500pps")
        plan.responder = PlanText.command(
            [
                Program.path, "echo", "--bind", "{host}", "--port", "{port}", "--allow",
                "0.0.0.0/0",
            ])
        let trial = try Trial(plan)
        let (report, _) = try await trial.report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.lost_unsplit") == 0)
        #expect(stream.integer("ledger.forward_injected") ?? 0 > 0)
        #expect(stream.integer("ledger.backward_injected") ?? 0 > 0)
    }

    @Test(
        "the responder's ICMP rate limit is the plan's, and the report says so",
        arguments: [0, 500])
    func icmpRatelimit(ms: Int) async throws {
        let trial = try Trial(Namespaces.plan("\"icmp_ratelimit\": \"\(ms)ms\"", duration: "200ms"))
        let (report, _) = try await trial.report(0)
        #expect(report.runs[0].integer("network_detail.icmp_ratelimit") == ms)
    }
}

/// What is left when a run on a namespace network has ended: nothing.
@Suite(.enabled(if: Namespaces.arePossible, Namespaces.reason))
struct NamespaceEndTests {
    private static func endless() throws -> Trial {
        try Trial(Namespaces.plan("\"loss\": \"1%\"", rate: "100pps", duration: "120s"))
    }

    private func holder(_ execution: Execution) throws -> ProcessTable.Identity {
        // Of the three workers the one that has no thread but its first.
        try #require(
            execution.descendants.first {
                !$0.hasThread(named: "sender") && !$0.hasThread(named: "responder")
                    && $0.hasThread(named: "udplab-worker")
            })
    }

    @Test("nothing is left after Ctrl-C, and the report is whole", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        let trial = try Self.endless()
        var processes: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            processes = execution.descendants
            execution.signal(signal)
        }
        #expect(ended.code == 105, "\(ended.all)")
        #expect(processes.count == 3)
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        #expect(report.streams.first?.integer("ledger.forward_injected") != nil)
        try await expectGone(processes)
        #expect(Namespaces.traces() == [])
    }

    @Test("L4 nothing is left after SIGKILL of the runner")
    func killed() async throws {
        let trial = try Self.endless()
        var processes: [ProcessTable.Identity] = []
        _ = try await trial.during { execution in
            processes = execution.descendants
            execution.signal(SIGKILL)
        }
        #expect(processes.count == 3)
        try await expectGone(processes)
        #expect(Namespaces.traces() == [])
    }

    @Test("L5 a network whose holder is killed ends as a failed run, with its signal")
    func holderKilled() async throws {
        let trial = try Self.endless()
        var processes: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            processes = execution.descendants
            let holder = try holder(execution)
            kill(holder.pid, SIGKILL)
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        #expect(try trial.report().ledgerFaults == [])
        try await expectGone(processes)
    }

    @Test(
        "an ordinary user has the same network, through a user namespace",
        .enabled(if: Namespaces.areRoots, Namespaces.rootReason))
    func unprivileged() async throws {
        let plan = Namespaces.plan(
            "\"loss\": \"10%\", \"rate\": \"100Mbit\", \"icmp_ratelimit\": \"0ms\"")
        let trial = try Trial(plan)
        chmod(trial.directory.path, 0o777)
        let program = try Executable.forEverybody(in: trial.directory)
        let ended = try await Execution.run(
            Trial.arguments, program: program, in: trial.directory, launcher: StartTests.nobody)
        #expect(ended.code == 0, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.forward_injected") ?? 0 > 0)
        #expect(stream.integer("ledger.forward_lost") == 0)
        let detail = report.runs[0]["network_detail"]
        #expect(detail?["made_as"]?.string == "user_namespace")
        #expect(detail?.integer("icmp_ratelimit") == 0)
    }
}
