import Harness
import JSON
import Testing

/// Networks of kind `emulated`, by the real program: what the relay says it injected is what the
/// ends measured, to the datagram.
@Suite struct EmulatedNetworkTests {
    static func plan(
        _ keys: String, seed: Int = 1, rate: String = "1kpps", payload: String = "64B",
        sender keysOfSender: String = #""flows": 3"#
    ) -> PlanText {
        var plan = PlanText(senders: [
            PlanText.sender(
                rate: rate, payload: payload, length: #""count": 400"#, keys: keysOfSender)
        ])
        plan.network = "{ \"kind\": \"emulated\", \(keys) }"
        // What a busy machine keeps from coming back in this time would be missing.
        plan.timeout = "3s"
        plan.seed = seed
        return plan
    }

    struct Injection: CustomTestStringConvertible, Sendable {
        let keys: String
        var testDescription: String { keys }
    }

    static let injections = [
        #""loss": "5%""#,
        #""forward": { "loss": { "model": "gilbert-elliott", "p": "2%", "r": "30%" } }"#,
        #""backward": { "loss": { "model": "periodic", "every": 10 } }"#,
        #""loss": { "model": "list", "datagrams": [0, 1, 399] }"#,
        #""duplicate": "10%""#,
        #""duplicate": { "probability": "10%", "copies": 3 }, "loss": "10%""#,
        #""backward": { "reorder": { "probability": "5%", "depth": 3 } }"#,
        #""delay": "3ms", "jitter": { "amount": "2ms", "keep_order": false }, "loss": "3%""#,
        #""corrupt": "10%""#,
        #""corrupt": { "probability": "20%", "bits": 40 }, "loss": "5%", "duplicate": "5%""#,
        #""forward": { "rate": "300kbit", "queue": "2KiB" }"#,
        #""forward": { "blackhole": { "from": "100ms", "until": "200ms" } }"#,
        #""forward": { "refuse": { "from": "100ms", "until": "200ms" } }"#,
    ].map(Injection.init)

    @Test(
        "N2 N3 H12 what a relay injects is what is measured, and nothing else is missing",
        arguments: injections)
    func injectedIsMeasured(_ injection: Injection) async throws {
        let (report, ended) = try await Trial(Self.plan(injection.keys)).report(0)
        let run = try #require(report.runs.first)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.forward_lost") == 0, "\(ended.all)")
        #expect(stream.integer("ledger.backward_lost") == 0, "\(ended.all)")
        let injected = try #require(stream.integer("ledger.forward_injected"))
        let back = try #require(stream.integer("ledger.backward_injected"))
        let altered = try #require(stream.integer("ledger.forward_corrupt"))
        let alteredBack = try #require(stream.integer("ledger.backward_corrupt"))
        #expect(stream.integer("loss.never") == injected + back + altered + alteredBack)
        let relay = try #require(run["relay"])
        for way in ["forward", "backward"] { Self.expectBalance(of: relay, way) }
        #expect(relay.integer("forward.foreign") == 0)
        #expect(relay.at("own_delay_ns.p50") != nil)
    }

    @Test(
        "T13 altered probes and answers are corrupt to the datagram, however short",
        arguments: ["16B", "20B", "44B"])
    func t13(payload: String) async throws {
        let plan = Self.plan(
            #""corrupt": { "probability": "20%", "bits": 3 }"#, payload: payload,
            sender: #""flows": 1"#)
        let (report, ended) = try await Trial(plan).report(0)
        let relay = try #require(report.runs.first?["relay"])
        let stream = try #require(report.streams.first)
        for way in ["forward", "backward"] {
            let altered = try #require(relay.integer("\(way).corrupted"))
            #expect(altered > 10, "\(ended.all)")
            #expect(stream.integer("ledger.\(way)_corrupt") == altered, "\(ended.all)")
            #expect(stream.integer("ledger.\(way)_injected") == 0)
            #expect(stream.integer("ledger.\(way)_lost") == 0, "\(ended.all)")
        }
        #expect(
            stream.integer("rejected.corrupt") == stream.integer("ledger.backward_corrupt"))
    }

    @Test("T13 truncated probes and answers are altered ones to the datagram", arguments: [1, 15])
    func t13Truncated(bytes: Int) async throws {
        let plan = Self.plan(
            #""truncate": { "probability": "20%", "bytes": \#(bytes) }"#, payload: "16B",
            sender: #""flows": 1"#)
        let (report, ended) = try await Trial(plan).report(0)
        let relay = try #require(report.runs.first?["relay"])
        let stream = try #require(report.streams.first)
        for way in ["forward", "backward"] {
            let altered = try #require(relay.integer("\(way).truncated"))
            #expect(altered > 10, "\(ended.all)")
            #expect(relay.integer("\(way).altered") == altered)
            #expect(stream.integer("ledger.\(way)_corrupt") == altered, "\(ended.all)")
            #expect(stream.integer("ledger.\(way)_lost") == 0, "\(ended.all)")
        }
        #expect(stream.integer("rejected.short") == stream.integer("ledger.backward_corrupt"))
    }

    @Test("T13 a sink takes no altered probe, and its loss is what was sent")
    func t13Sink() async throws {
        var plan = Self.plan(
            #""forward": { "corrupt": { "probability": "100%", "bits": 3 } }"#, payload: "20B",
            sender: #""flows": 1"#)
        plan.responder = #"{ "behaviour": "sink" }"#
        let trial = try Trial(plan)
        _ = try await trial.run()
        let stream = try #require(try trial.report().streams.first)
        let sent = try #require(stream.integer("ledger.sent"))
        #expect(sent > 0)
        #expect(stream.integer("loss.count") == sent)
        #expect(stream.integer("ledger.forward_corrupt") == sent)
        #expect(stream.integer("ledger.received") == 0)
    }

    /// Every datagram that came to the relay is in one account.
    private static func expectBalance(of relay: JSONValue, _ way: String) {
        let accounts = [
            "forwarded", "lost", "blackholed", "refused", "tail_dropped", "no_memory", "no_flow",
            "flow_gone", "send_failed", "held_at_stop",
        ]
        let sum = accounts.reduce(0) { $0 + (relay.integer("\(way).\($1)") ?? -1_000_000) }
        #expect(sum == relay.integer("\(way).received"), "\(relay)")
    }

    @Test("N2 copies of the way back are the duplicates that the sender counts")
    func duplicates() async throws {
        let keys = #""backward": { "duplicate": { "probability": "20%", "copies": 2 } }"#
        let (report, _) = try await Trial(Self.plan(keys)).report(0)
        let copies = try #require(report.runs.first?.integer("relay.backward.duplicated"))
        #expect(copies > 0)
        #expect(report.streams.first?.integer("duplication.count") == copies)
        #expect(report.streams.first?.integer("loss.count") == 0)
    }

    @Test("N3 what the relay sent out of order is what the sender calls reordered (RFC 4737)")
    func reordering() async throws {
        let keys = #""backward": { "reorder": { "probability": "10%", "depth": 2 } }"#
        let (report, _) = try await Trial(Self.plan(keys)).report(0)
        let reordered = try #require(report.runs.first?.integer("relay.backward.reordered"))
        #expect(reordered > 0)
        #expect(report.streams.first?.integer("reordering.count") == reordered)
    }

    @Test("the delay that is injected is the least that any datagram takes")
    func delay() async throws {
        let keys = #""forward": { "delay": "7ms" }, "backward": { "delay": "4ms" }"#
        let (report, _) = try await Trial(Self.plan(keys)).report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("rtt_ns.min") ?? 0 >= 11_000_000)
        let relay = try #require(report.runs.first?["relay"])
        #expect(relay.integer("forward.delay_ns.min") == 7_000_000)
        #expect(relay.integer("backward.delay_ns.max") == 4_000_000)
        // Both ends keep the times, and nothing says on which way the delay was but they.
        #expect(stream.integer("forward.one_way_ns.count") == stream.integer("ledger.received"))
        #expect(stream.integer("forward.one_way_ns.min") ?? 0 >= 7_000_000)
        #expect(stream.integer("backward.one_way_ns.min") ?? 0 >= 4_000_000)
        #expect(stream.integer("backward.one_way_ns.min") ?? .max < 7_000_000)
        #expect(stream.at("one_way_clock.error_source")?.string == "one host")
    }

    @Test("the same seed decides the same, another seed otherwise")
    func seeds() async throws {
        let keys = #""loss": "5%", "delay": "1ms", "duplicate": "3%""#
        var decisions: [[String]] = []
        var injected: [[Int?]] = []
        for seed in [11, 11, 12] {
            // At the highest rate no slot is skipped, so that each run sends the same datagrams.
            let plan = Self.plan(keys, seed: seed, rate: "max", sender: #""window": 64"#)
            let (report, _) = try await Trial(plan).report(0)
            let run = try #require(report.runs.first)
            decisions.append(
                ["forward", "backward"].compactMap { run.at("relay.\($0).decisions")?.string })
            injected.append(
                ["forward", "backward"].map {
                    report.streams.first?.integer("ledger.\($0)_injected")
                })
        }
        #expect(decisions[0].count == 2)
        #expect(decisions[0] == decisions[1])
        #expect(injected[0] == injected[1])
        #expect(decisions[0] != decisions[2])
    }

    @Test("networks that differ in one parameter lose the same datagrams, repeat by repeat")
    func sharedRandomness() async throws {
        var plan = Self.plan(
            #""forward": { "loss": "5%" }"#, rate: "max", sender: #""window": 64"#)
        plan.moreNetworks = [
            "slow": #"{ "kind": "emulated", "forward": { "loss": "5%", "delay": "2ms" } }"#
        ]
        plan.keys = [#""repeat": 2"#]
        let (report, _) = try await Trial(plan).report(0)
        let names = report.runs.map {
            "\($0["network"]?.string ?? "") \($0.integer("repeat") ?? 0)"
        }
        #expect(names == ["net 1", "slow 1", "net 2", "slow 2"])
        let lost = report.runs.map { $0.integer("relay.forward.lost") }
        #expect(lost[0] == lost[1])
        #expect(lost[2] == lost[3])
        let seeds = report.runs.map { $0.integer("seed") }
        #expect(seeds[0] == seeds[1] && seeds[2] == seeds[3] && seeds[0] != seeds[2])
    }

    @Test("a sink behind a relay gets what the relay still holds when the senders have done")
    func sink() async throws {
        var plan = Self.plan(#""loss": "10%", "delay": "100ms""#)
        plan.responder = #"{ "behaviour": "sink" }"#
        let (report, _) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.forward_lost") == 0)
        #expect(report.runs.first?.integer("relay.forward.held_at_stop") == 0)
        let injected = stream.integer("ledger.forward_injected") ?? 0
        #expect(injected > 0)
        #expect(stream.integer("ledger.in_time") == (stream.integer("ledger.sent") ?? 0) - injected)
    }

    private static func storm(rate: String) -> String {
        PlanText.sender(
            "storm", rate: rate, length: #""duration": "1s""#, keys: #""kind": "hit-and-run""#)
    }

    @Test("N2 a storm from ports that are gone costs nothing, neither itself nor its neighbours")
    func storm() async throws {
        var plan = Self.plan(#""delay": "100ms""#)
        plan.senders = [
            PlanText.sender(
                "calls", rate: "50pps", length: #""duration": "1s""#, keys: #""flows": 4"#,
                #""max_burst": 50"#), Self.storm(rate: "3kpps"),
        ]
        let (report, ended) = try await Trial(plan).report(0)
        let run = try #require(report.runs.first)
        for stream in report.streams {
            let sent = try #require(stream.integer("ledger.sent"))
            #expect(stream.integer("ledger.responder_received") == sent, "\(ended.all)")
            #expect(stream.integer("ledger.forward_injected") == 0)
        }
        let calls = try #require(report.streams.first)
        #expect(calls.integer("ledger.received") == calls.integer("ledger.sent"), "\(ended.all)")
        // The warning of ports that are forgotten is for those that cost something.
        for way in ["forward", "backward"] { #expect(run.integer("relay.\(way).flow_gone") == 0) }
        let warnings = run["warnings"]?.array.compactMap(\.string) ?? []
        #expect(!warnings.contains { $0.contains("forgot") }, "\(warnings)")
    }

    @Test("a storm alone behind a relay arrives, with what is held when the senders have done")
    func stormAlone() async throws {
        var plan = Self.plan(#""delay": "500ms""#)
        plan.senders = [Self.storm(rate: "200pps")]
        let (report, ended) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        let sent = try #require(stream.integer("ledger.sent"))
        #expect(sent > 0)
        #expect(stream.integer("ledger.responder_received") == sent, "\(ended.all)")
    }

    @Test("a warm-up has losses of its own, that are in no account of what is measured")
    func warmUp() async throws {
        var plan = Self.plan(#""loss": "20%""#)
        plan.keys = [#""warm_up": "300ms""#]
        let (report, _) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.forward_lost") == 0)
        #expect(stream.integer("ledger.backward_lost") == 0)
        let all = try #require(report.runs.first?.integer("relay.forward.lost"))
        #expect(all > stream.integer("ledger.forward_injected") ?? .max)
    }

    @Test("IPv6 goes through a relay")
    func ipv6() async throws {
        var plan = Self.plan(#""loss": "5%""#)
        plan.responder = #"{ "behaviour": "echo", "address": "[::1]:0" }"#
        let (report, _) = try await Trial(plan).report(0)
        #expect(report.streams.first?.at("addresses.remote")?.string?.hasPrefix("[::1]:") == true)
        #expect(report.streams.first?.integer("ledger.forward_lost") == 0)
    }

    @Test("Ctrl-C in mid-run leaves a partial report whose ledgers balance, and no process")
    func interrupted() async throws {
        var plan = Self.plan(#""loss": "5%", "delay": "50ms""#)
        plan.senders = [PlanText.endless]
        let trial = try Trial(plan)
        var workers: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            workers = execution.descendants
            execution.signal(2)
        }
        #expect(ended.code == 105, "\(ended.all)")
        #expect(workers.count >= 3)
        try await expectGone(workers)
        let report = try trial.report()
        #expect(report.status == "partial")
        #expect(report.ledgerFaults == [])
        #expect(report.streams.first?.integer("ledger.forward_lost") == 0)
    }

    @Test(
        "more busy threads than processors are told, and a relay of paced senders is not busy",
        arguments: [("1pps", 64), ("max", 64), ("100pps", 1)])
    func oversubscription(rate: String, threads: Int) async throws {
        let flows = #""flows": \#(threads), "threads": \#(threads)"#
        var plan = Self.plan(#""delay": "1ms""#, rate: rate, sender: flows)
        plan.senders = [
            PlanText.sender(rate: rate, length: #""count": 2"#, keys: flows)
        ]
        let (report, _) = try await Trial(plan).report(0)
        let cpus = try #require(report.json.integer("host.cpus"))
        let warnings = report.runs.flatMap { $0["warnings"]?.array ?? [] }.compactMap(\.string)
        let busy = threads + 1 + (rate == "max" ? 1 : 0)
        #expect(warnings.contains { $0.contains("data threads share") } == (busy > cpus))
    }
}
