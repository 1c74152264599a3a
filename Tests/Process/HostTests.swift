import Glibc
import Harness
import JSON
import Testing

/// Plans whose ends are on two hosts, with clocks that have nothing to do with each other.
@Suite(.enabled(if: HostRig.isPossible, HostRig.reason))
struct HostTests {
    private static let calls = PlanText.sender(
        rate: "100pps", payload: "160B", length: #""count": 200"#, keys: #""flows": 2"#)

    @Test("an echo on another host answers every probe, and the report says where it was")
    func echo() async throws {
        let rig = try await HostRig()
        let trial = try Trial(rig.plan(Self.calls))
        let (report, ended) = try await trial.report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.scheduled") == 400)
        #expect(stream.integer("ledger.responder_received") == stream.integer("ledger.sent"))
        #expect(stream.integer("ledger.in_time") == stream.integer("ledger.sent"))
        #expect(stream.at("addresses.remote")?.string?.hasPrefix("\(Cable.farAddress):") == true)
        let local = stream.at("addresses.local")?.array.compactMap(\.string) ?? []
        #expect(local.allSatisfy { $0.hasPrefix("\(Cable.nearAddress):") }, "\(local)")
        #expect(report.workers.map { $0["host"]?.string } == [nil, "b"])
        let host = try #require(report.json["hosts"]?.array.first)
        #expect(host["name"]?.string == "b")
        #expect(host["lost"]?.isNull == true)
        #expect(host.at("clock.is_consistent") == .bool(true))
        let offsetNs = try #require(host.integer("clock.offset_ns"))
        let errorNs = try #require(host.integer("clock.error_ns"))
        #expect(abs(offsetNs - HostRig.aheadSeconds * 1_000_000_000) <= errorNs, "\(ended.all)")
    }

    @Test("requests reach a program on another host, and it is asked before that")
    func requests() async throws {
        let rig = try await HostRig()
        let directory = try TemporaryDirectory()
        var plan = rig.plan(
            #"{ "name": "c", "flows": 2, "rate": "100pps", "count": 100,"#
                + #""request": { "text": "{seq} of {run:hex8}" } }"#)
        plan.responder = try ReturningServer.responder(in: directory, place: #""host": "b""#)
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.in_time") == stream.integer("ledger.sent"), "\(ended.all)")
        #expect(stream.integer("ledger.scheduled") == 200)
        #expect(stream.at("forward.loss")?.isNull != false)
    }

    @Test("a sink on another host counts every datagram, and its delays have an error")
    func sink() async throws {
        let rig = try await HostRig()
        var plan = rig.plan(Self.calls, behaviour: "sink")
        plan.thresholds = ["one_way.p99 < 10s", "one_way.max < 1h"]
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.in_time") == stream.integer("ledger.sent"), "\(ended.all)")
        #expect(stream.at("one_way_clock.error_source")?.string == "exchange")
        let errorNs = try #require(stream.integer("one_way_clock.error_ns"))
        let mostNs = try #require(stream.integer("one_way_clock.at_most_ns"))
        // Nothing travels for longer than the run lasts, whatever the clocks say.
        #expect(errorNs > 0)
        #expect(mostNs < 60_000_000_000)
        for reason in ["corrupt", "impossible", "from_future"] {
            #expect(report.runs[0].integer("responder.rejected.\(reason)") == 0, "\(reason)")
        }
    }

    @Test("a sender on another host loads this one", arguments: ["echo", "sink"])
    func farSender(behaviour: String) async throws {
        let rig = try await HostRig()
        let sender = PlanText.sender(
            rate: "100pps", payload: "160B", length: #""count": 100"#, keys: #""host": "b""#)
        var plan = rig.plan(sender)
        plan.responder = "{ \"behaviour\": \"\(behaviour)\" }"
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.in_time") == stream.integer("ledger.sent"), "\(ended.all)")
        #expect(stream.at("addresses.remote")?.string?.hasPrefix("\(Cable.nearAddress):") == true)
        #expect(report.workers.map { $0["host"]?.string } == ["b", nil])
    }

    @Test("what the kernel dropped on each way is the loss of that way, to the datagram")
    func lossByDirection() async throws {
        let rig = try await HostRig()
        try await rig.drop(every: 10, at: rig.cable.far)
        try await rig.drop(every: 7, at: rig.cable.near)
        let trial = try Trial(
            rig.plan(
                PlanText.sender(
                    rate: "200pps", payload: "160B", length: #""count": 300"#,
                    keys: #""flows": 2"#)))
        let (report, ended) = try await trial.report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        let forward = try await rig.dropped(at: rig.cable.far)
        let backward = try await rig.dropped(at: rig.cable.near)
        #expect(forward > 0 && backward > 0)
        #expect(stream.integer("ledger.forward_lost") == forward, "\(ended.all)")
        #expect(stream.integer("ledger.backward_lost") == backward)
        #expect(stream.integer("forward.loss.count") == forward)
        #expect(stream.integer("backward.loss.count") == backward)
        let echoed = try #require(stream.integer("ledger.echoed"))
        #expect(stream.number("backward.loss.ratio") == Double(backward) / Double(echoed))
    }

    @Test("of echoes the delay of each way is known, with the error of the clocks")
    func delaysByDirection() async throws {
        let rig = try await HostRig()
        var plan = rig.plan(Self.calls)
        plan.thresholds = [
            "forward.one_way.p99 < 10s", "backward.one_way.max < 10s", "forward.loss.ratio < 1%",
            "backward.loss.ratio == 0%",
        ]
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        let errorNs = try #require(stream.integer("one_way_clock.error_ns"))
        #expect(stream.at("one_way_clock.error_source")?.string == "exchange", "\(ended.all)")
        let forward = try #require(stream.integer("forward.at_most_ns"))
        let backward = try #require(stream.integer("backward.at_most_ns"))
        let longest = try #require(stream.integer("rtt_ns.max"))
        // The error is on both ways, and of a round trip it cancels out.
        #expect(forward <= longest + 2 * errorNs)
        #expect(backward <= longest + 2 * errorNs)
        for way in ["forward", "backward"] {
            // A delay within the error is none.
            let median = stream.integer("\(way).one_way_ns.p50")
            #expect(median ?? .max >= errorNs, "\(way)")
        }
        #expect(stream.integer("one_way_clock.at_most_ns") == nil)
    }

    @Test("clocks that both hosts' chrony has disciplined are nearer than an exchange shows")
    func stated() async throws {
        let rig = try await HostRig()
        let directory = try TemporaryDirectory()
        // Both hosts have the wall clock of this machine, so that the statement is true.
        try directory.write(
            "chronyc",
            """
            #!/bin/sh
            echo "C0000201,192.0.2.1,3,1.5,0.000000100,0,0,0,0,0,0.000000200,0.000000100,64,Normal"

            """)
        chmod(directory.file("chronyc"), 0o755)
        // It is asked only where somebody takes its questions.
        let python = try #require(Program.python)
        let listening = """
            import socket, sys, time
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 323))
            print("bound", file=sys.stderr, flush=True)
            time.sleep(600)
            """
        let listeners = try [rig.cable.near, rig.cable.far].map { namespace in
            try Execution(
                ["-c", listening], program: python, in: directory,
                launcher: ["nsenter", "--net=/run/netns/\(namespace)"])
        }
        for listener in listeners {
            let isBound = try await eventually { listener.errorsSoFar.contains("bound") }
            try #require(isBound, "\(listener.errorsSoFar)")
        }
        let path = "PATH=\(directory.file("")):/usr/sbin:/usr/bin:/sbin:/bin"
        var plan = rig.plan(Self.calls)
        plan.hosts = ["b": rig.host(before: ["env", path])]
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near + ["env", path])
        let stream = try #require(report.streams.first)
        let clock = try #require(report.json["hosts"]?.array.first?["clock"])
        #expect(clock["stated_by"]?.string == "ntp", "\(ended.all)")
        #expect(clock["stated_refusal"]?.isNull == true)
        // 300 ns of each host, and the reading of both clocks.
        let statedNs = try #require(clock.integer("stated_error_ns"))
        #expect(statedNs >= 600)
        let exchangedNs = try #require(clock.integer("error_ns"))
        let source = stream.at("one_way_clock.error_source")?.string
        #expect(source == (statedNs < exchangedNs ? "ntp" : "exchange"), "\(clock)")
        #expect(report.runs[0].at("warnings")?.array.isEmpty == true, "\(ended.all)")
        for listener in listeners {
            listener.signal(SIGKILL)
            _ = try await listener.end()
        }
    }

    @Test(
        "a sender behind a NAT is answered where its probes come from, and every datagram counted",
        arguments: ["echo", "sink"])
    func nat(behaviour: String) async throws {
        let rig = try await HostRig()
        // The near end's own address is nobody's on the cable; the kernel translates it.
        let own = "10.99.0.1"
        _ = try await rig.inside(
            rig.cable.near, ["ip", "address", "add", "\(own)/32", "dev", "lo"])
        let directory = try TemporaryDirectory()
        try directory.write(
            "rules",
            """
            table ip nat {
              chain out {
                type nat hook postrouting priority 100;
                ip saddr \(own) meta l4proto udp masquerade random;
              }
            }

            """)
        _ = try await rig.inside(rig.cable.near, ["nft", "-f", directory.file("rules")])
        try await rig.drop(every: 10, at: rig.cable.far)
        var plan = rig.plan(Self.calls, behaviour: behaviour)
        plan.network =
            "{ \"kind\": \"path\", \"at\": { \"here\": \"\(own)\", \"b\": "
            + "\"\(Cable.farAddress)\" }, \"behind_nat\": [\"here\"] }"
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        let dropped = try await rig.dropped(at: rig.cable.far)
        #expect(dropped > 0)
        // A busy machine skips slots.
        let sent = try #require(stream.integer("ledger.sent"))
        #expect(stream.integer("ledger.forward_lost") == dropped, "\(ended.all)")
        #expect(stream.integer("ledger.in_time") == sent - dropped, "\(ended.all)")
        let local = stream.at("addresses.local")?.array.compactMap(\.string) ?? []
        #expect(local.allSatisfy { $0.hasPrefix("\(own):") }, "\(local)")
        // Without the key the responder takes the probes for those of somebody else.
        plan.network = plan.network.replacing(", \"behind_nat\": [\"here\"]", with: "")
        let other = try await Trial(plan).run(launcher: rig.near)
        #expect(other.code != 0, "\(other.all)")
    }

    @Test("both directions at once are two streams, and each way's loss is the kernel's of both")
    func bothDirections() async throws {
        let rig = try await HostRig()
        try await rig.drop(every: 10, at: rig.cable.far)
        try await rig.drop(every: 7, at: rig.cable.near)
        var plan = rig.plan(
            PlanText.sender(
                rate: "200pps", payload: "160B", length: #""count": 300"#, keys: #""flows": 2"#))
        plan.keys = [#""directions": ["both"]"#]
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        #expect(report.runs.map { $0["network"]?.string } == ["net:both"], "\(ended.all)")
        #expect(report.streams.map { $0["sender"]?.string } == ["probes", "probes:backward"])
        func sum(_ paths: [String]) -> Int {
            zip(report.streams, paths).reduce(0) { $0 + ($1.0.integer($1.1) ?? -1_000_000) }
        }
        let far = try await rig.dropped(at: rig.cable.far)
        let near = try await rig.dropped(at: rig.cable.near)
        #expect(far > 60 && near > 60)
        #expect(sum(["forward.loss.count", "backward.loss.count"]) == far)
        #expect(sum(["backward.loss.count", "forward.loss.count"]) == near)
        #expect(
            sum(["ledger.sent", "ledger.sent"]) + sum(["ledger.skipped", "ledger.skipped"]) == 1_200
        )
        let hosts = report.workers.map { $0["host"]?.string }
        #expect(hosts == [nil, "b", "b", nil])
    }

    @Test("several hosts send one stream, merged to the datagram", arguments: ["echo", "sink"])
    func fleet(behaviour: String) async throws {
        let rig = try await HostRig()
        try await rig.drop(every: 10, at: rig.cable.near)
        var plan = rig.plan(
            PlanText.sender(
                rate: "100pps", payload: "160B", length: #""count": 100"#,
                keys: #""flows": 3, "host": ["b", "c"]"#))
        plan.hosts = ["b": rig.host(), "c": rig.host()]
        plan.network = rig.path(of: ["b", "c"])
        plan.responder = "{ \"behaviour\": \"\(behaviour)\" }"
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        #expect(report.streams.count == 1, "\(ended.all)")
        #expect(stream.integer("flows") == 6)
        let dropped = try await rig.dropped(at: rig.cable.near)
        #expect(stream.integer("ledger.scheduled") == 600)
        #expect(stream.integer("forward.loss.count") == dropped)
        let hosts = stream.at("fleet.hosts")?.array ?? []
        #expect(hosts.map { $0["host"]?.string } == ["b", "c"])
        for key in ["sent", "in_time", "forward_lost"] {
            let sum = hosts.reduce(0) { $0 + ($1.integer("ledger.\(key)") ?? -1_000) }
            #expect(sum == stream.integer("ledger.\(key)"), "\(key)")
        }
        #expect(stream.integer("fleet.start_spread_ns") ?? .max < 60_000_000_000)
        #expect(stream.number("fleet.fairness") ?? 0 > 0.9)
        let delays = behaviour == "echo" ? "rtt_ns" : "forward.one_way_ns"
        let count = stream.integer("\(delays).count")
        // One-way delays that are shorter than the clocks' error are none.
        #expect(count == stream.integer("ledger.received") || behaviour == "sink" && count == nil)
        #expect(report.workers.map { $0["host"]?.string } == ["b", "c", nil])
    }

    @Test("the hosts of a plan are examined, and the ways between them are knocked on")
    func doctor() async throws {
        let rig = try await HostRig()
        let directory = try TemporaryDirectory()
        try directory.write("plan.json", rig.plan(Self.calls).text)
        let whole = try await Execution.run(
            ["doctor", "--plan", "plan.json"], in: directory, launcher: rig.near)
        #expect(whole.code == 0, "\(whole.all)")
        for text in ["ok     host b", "net, here to b", "4 of 4 reached", " s ahead"] {
            #expect(whole.output.contains(text), "\(text): \(whole.all)")
        }
        try await rig.drop(every: 1, at: rig.cable.far)
        let closed = try await Execution.run(
            ["doctor", "--plan", "plan.json", "--json"], in: directory, launcher: rig.near)
        #expect(closed.code == 75, "\(closed.all)")
        let found = try JSONValue.parse(Array(closed.output.utf8))["findings"]?.array ?? []
        #expect(found.map { $0["level"]?.string } == ["ok", "limit"], "\(closed.all)")
        let sentence = found.last?["consequence"]?.string ?? ""
        #expect(sentence.contains("no datagram reached \(Cable.farAddress):"), "\(sentence)")
        #expect(sentence.contains("every UDP port"))
    }

    @Test("the program is copied to a host, whole, and the host has it then")
    func put() async throws {
        let rig = try await HostRig()
        let directory = try TemporaryDirectory()
        let there = directory.file("udplab-there")
        var plan = rig.plan(Self.calls)
        plan.hosts = ["b": rig.host(program: there)]
        try directory.write("plan.json", plan.text)
        let before = try await Execution.run(
            ["doctor", "--plan", "plan.json"], in: directory, launcher: rig.near)
        #expect(before.code == 75, "\(before.all)")
        #expect(before.output.contains("udplab put plan.json b"), "\(before.all)")
        let copied = try await Execution.run(
            ["put", "plan.json"], in: directory, launcher: rig.near)
        #expect(copied.code == 0, "\(copied.all)")
        #expect(copied.output.hasPrefix("b: udplab "), "\(copied.all)")
        #expect(try TemporaryDirectory.read(there) == TemporaryDirectory.read(Program.path))
        #expect(!directory.exists("udplab-there.part"))
        plan.hosts = ["b": rig.host(program: directory.file("no;such/place"))]
        try directory.write("plan.json", plan.text)
        let refused = try await Execution.run(
            ["put", "plan.json", "b"], in: directory, launcher: rig.near)
        #expect(refused.code == 75, "\(refused.all)")
        #expect(refused.errors.contains("a shell may read otherwise"), "\(refused.all)")
    }

    @Test("the timeline kills, starts, stops and pauses a responder on another host")
    func timeline() async throws {
        let rig = try await HostRig()
        var plan = rig.plan(
            PlanText.sender(rate: "100pps", length: #""duration": "3s""#))
        plan.keys = [
            """
            "timeline": [ { "at": "300ms", "kill": "far" }, { "at": "800ms", "start": "far" },
              { "at": "1300ms", "pause": "far" }, { "at": "1600ms", "resume": "far" },
              { "at": "2200ms", "stop": "far" }, { "at": "2500ms", "start": "far" } ]
            """
        ]
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let events = report.runs[0]["timeline"]?.array ?? []
        let names = events.compactMap { $0["event"]?.string }
        for name in ["kill", "start", "pause", "resume", "stop"] {
            #expect(names.contains(name), "\(names) \(ended.all)")
        }
        // Of this host's clock, and not of one that is days ahead.
        #expect(events.allSatisfy { (0...20_000_000_000).contains($0.integer("at_ns") ?? -1) })
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.outage") ?? 0 > 0)
    }

    @Test("a line that holds orders back shifts none of them, as they are sent ahead")
    func slowLine() async throws {
        let python = try #require(Program.python)
        let rig = try await HostRig()
        let directory = try TemporaryDirectory()
        let heldMs = 700
        try directory.write(
            "slow.py",
            """
            import subprocess, sys, time
            child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
            for line in sys.stdin.buffer:
                if b'"signal"' in line or b'"deliver"' in line: time.sleep(\(heldMs) / 1000)
                child.stdin.write(line); child.stdin.flush()
            child.stdin.close()
            sys.exit(child.wait())

            """)
        var plan = rig.plan(PlanText.sender(rate: "100pps", length: #""duration": "4s""#))
        plan.hosts = ["b": rig.host(before: [python, directory.file("slow.py")])]
        plan.keys = [
            """
            "timeline": [ { "at": "1500ms", "pause": "far" }, { "at": "1800ms", "resume": "far" },
              { "at": "2600ms", "stop": "far" }, { "at": "3500ms", "start": "far" } ]
            """
        ]
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let events = report.runs[0]["timeline"]?.array ?? []
        for (name, plannedMs) in [
            ("pause", 1_500), ("resume", 1_800), ("stop", 2_600), ("start", 3_500),
        ] {
            let event = try #require(
                events.first { $0["event"]?.string == name }, "\(name) \(ended.all)")
            let lateNs = try #require(event.integer("at_ns")) - plannedMs * 1_000_000
            // An order that is sent at its time comes later than that.
            #expect(lateNs < heldMs * 1_000_000, "\(name) \(ended.all)")
        }
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.outage") ?? 0 > 0, "\(ended.all)")
    }

    @Test("a program of the user's answers on another host, at a port that it is given")
    func command() async throws {
        let python = try #require(Program.python)
        let rig = try await HostRig()
        var plan = rig.plan(Self.calls)
        plan.hosts = ["b": rig.host(keys: #""ports": "41000-41009""#)]
        let server = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], int(sys.argv[2])))
            while True:
                d, a = s.recvfrom(65535); s.sendto(d, a)
            """
        let words = [python, "-c", server, "{host}", "{port}"].map { JSONText.quoted($0) }
        plan.responder =
            "{ \"command\": [\(words.joined(separator: ", "))], \"host\": \"b\", "
            + "\"ready_timeout\": \"60s\" }"
        let (report, ended) = try await Trial(plan).report(0, launcher: rig.near)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.in_time") == stream.integer("ledger.sent"), "\(ended.all)")
        let remote = try #require(stream.at("addresses.remote")?.string)
        let port = try #require(remote.split(separator: ":").last.flatMap { Int($0) })
        #expect((41_000...41_009).contains(port))
    }
}

extension HostRig {
    /// Has a host drop one of so many UDP datagrams that come to it, and count them.
    func drop(every: Int, at namespace: String) async throws {
        let rules = """
            table ip trial {
              counter lost {
              }
              chain input {
                type filter hook input priority 0;
                meta l4proto udp numgen inc mod \(every) 0 counter name lost drop;
              }
            }

            """
        let directory = try TemporaryDirectory()
        try directory.write("rules", rules)
        _ = try await inside(namespace, ["nft", "-f", directory.file("rules")])
    }

    /// The number of datagrams that it dropped.
    func dropped(at namespace: String) async throws -> Int {
        let text = try await inside(namespace, ["nft", "list", "counter", "ip", "trial", "lost"])
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let index = words.firstIndex(of: "packets"), let count = Int(words[index + 1]) else {
            throw HarnessError("no counter in \(text)")
        }
        return count
    }

    func inside(_ namespace: String, _ words: [String]) async throws -> String {
        let ended = try await Execution.run(
            Array(words.dropFirst()), program: words[0], in: TemporaryDirectory(),
            launcher: ["nsenter", "--net=/run/netns/\(namespace)"])
        guard ended.code == 0 else { throw HarnessError("\(words): \(ended.all)") }
        return ended.output
    }
}
