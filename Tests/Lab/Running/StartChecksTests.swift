import Harness
import Testing

@testable import Lab
@testable import Plans

/// What a plan is refused for before anything starts.
@Suite struct StartChecksTests {
    private static func plan(_ threshold: String) throws -> Plan {
        let text = """
            { "plan": 1, "name": "trial",
              "networks": { "net": { "kind": "loopback" } },
              "responders": { "far": { "behaviour": "echo" } },
              "scenarios": [
                { "name": "short", "networks": ["net"], "responder": "far",
                  "senders": [
                    { "name": "probes", "rate": "100pps", "payload": "64B", "duration": "1s" } ],
                  "thresholds": [ "\(threshold)" ] } ] }
            """
        return try PlanReader.read(Array(text.utf8), path: "plan.json")
    }

    @Test("S13 a bound on a delay that is finer than the clock is refused with both named")
    func s13() throws {
        let plan = try Self.plan("rtt.p99 < 500us")
        try StartChecks(of: plan, clockResolutionNs: 1).passed()
        try StartChecks(of: plan, clockResolutionNs: 500_000).passed()
        let refused = #expect(throws: StartError.self) {
            try StartChecks(of: plan, clockResolutionNs: 4_000_000).passed()
        }
        #expect(refused?.description.contains("rtt.p99 < 500us") == true)
        #expect(refused?.description.contains("4000000 ns") == true)
    }

    @Test("S13 a coarse clock is good enough for a plan without delays")
    func s13Counts() throws {
        for threshold in ["loss.count == 0", "rtt.p99 < 50ms"] {
            try StartChecks(of: try Self.plan(threshold), clockResolutionNs: 4_000_000).passed()
        }
    }

    // MARK: - What check finds

    private static func findings(
        network: String = #"{ "kind": "loopback" }"#, scenario: String, cpus: Int,
        resolvesNames: Bool = true
    ) throws -> [String] {
        let isPath = network.contains("path")
        let text = """
            { "plan": 1, "name": "trial", "networks": { "net": \(network) },
              "responders": { "far": { "behaviour": "echo", "threads": 2 } },
              "scenarios": [
                { "name": "short", "networks": ["net"], \(isPath ? "" : "\"responder\": \"far\",")
                  \(scenario)
                  "senders": [ { "name": "a", "rate": "1pps", "payload": "16B", "count": 1 } ] } ] }
            """
        let plan = try PlanReader.read(Array(text.utf8), path: "plan.json")
        return StartChecks(of: plan, resolvesNames: resolvesNames).findings(cpus: cpus)
            .map { "\($0.severity): \($0.sentence)" }
    }

    @Test("A tolerance of 0 % on fewer processors than busy threads is a warning")
    func crowded() throws {
        let none = #""tolerance": "0%","#
        #expect(try Self.findings(scenario: none, cpus: 3) == [])
        #expect(try Self.findings(scenario: #""tolerance": "1%","#, cpus: 1) == [])
        let found = try Self.findings(scenario: none, cpus: 2)
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix(
                "warning: scenario \"short\": a \"tolerance\" of 0 % with 3 busy threads on 2 processors"
            )
                == true, "\(found)")
        let relayed = try Self.findings(
            network: #"{ "kind": "emulated", "delay": "1ms" }"#, scenario: none, cpus: 3)
        #expect(relayed.first?.contains("4 busy threads") == true, "\(relayed)")
    }

    @Test("A missing consent is an error, and without a name service names are not looked up")
    func consent() throws {
        let found = try Self.findings(
            network: #"{ "kind": "path", "address": "192.0.2.1:7788" }"#, scenario: "", cpus: 8,
            resolvesNames: false)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("error: network \"net\": 192.0.2.1:7788 is not") == true)
        let name = #"{ "kind": "path", "address": "no-such-host.invalid:7788", "consent": true }"#
        #expect(
            try Self.findings(network: name, scenario: "", cpus: 8, resolvesNames: false) == [])
    }

    // MARK: - What run refuses, and check says

    /// A plan of one network and one sender that fits and one that may not, on a host that can
    /// make every network.
    private static func plan(
        network: String, responder: String?, payload: Int
    ) throws -> Plan {
        let named = responder.map { "\"responders\": { \"far\": \($0) }," } ?? ""
        let text = """
            { "plan": 1, "name": "trial", "networks": { "net": \(network) }, \(named)
              "scenarios": [
                { "name": "short", "networks": ["net"],
                  \(responder == nil ? "" : "\"responder\": \"far\",")
                  "senders": [ { "name": "fits", "rate": "1pps", "payload": "16B", "count": 1 },
                    { "name": "probes", "rate": "1pps", "payload": "\(payload)B", "count": 1 } ]
                } ] }
            """
        return try PlanReader.read(Array(text.utf8), path: "plan.json")
    }

    private static func obstacles(
        network: String, responder: String? = #"{ "behaviour": "echo" }"#, payload: Int = 64
    ) throws -> [String] {
        let plan = try plan(network: network, responder: responder, payload: payload)
        var able = NamespaceSupport(way: .root)
        (able.hasTbf, able.hasNetem, able.hasRandomDrop) = (true, false, true)
        return StartChecks(of: plan, support: { able }).obstacles
    }

    @Test(
        "T11 a payload above a namespace's MTU is foreseen with the limit, behind a relay or not",
        arguments: [
            ("127.0.0.1:0", 600, 572), ("[::1]:0", 1_300, 1_252), ("127.0.0.1:0", 1_500, 1_472),
        ], ["", ", \"corrupt\": \"1%\""])
    func t11(at place: (address: String, mtu: Int, limit: Int), keys: String) throws {
        let network = "{ \"kind\": \"namespace\", \"mtu\": \(place.mtu)\(keys) }"
        let responder = "{ \"behaviour\": \"echo\", \"address\": \"\(place.address)\" }"
        for (payload, isForeseen) in [(place.limit, false), (place.limit + 1, true)] {
            let plan = try Self.plan(network: network, responder: responder, payload: payload)
            let found = StartChecks.foreseen(plan)
            #expect(found.count == (isForeseen ? 1 : 0), "\(found)")
            for words in isForeseen ? ["\(payload) B", "\(place.limit) B", "EMSGSIZE"] : [] {
                #expect(found.first?.contains(words) == true, "\(found)")
            }
            #expect(
                try Self.obstacles(network: network, responder: responder, payload: payload) == [])
        }
    }

    @Test("IPv6 in a namespace whose MTU no link of IPv6 has is refused")
    func shortIPv6() throws {
        let found = try Self.obstacles(
            network: #"{ "kind": "namespace", "mtu": 1279 }"#,
            responder: #"{ "behaviour": "echo", "address": "[::1]:0" }"#)
        #expect(found.first?.contains("RFC 8200") == true, "\(found)")
    }

    @Test(
        "a path without consent, or to a name that does not resolve, is refused",
        arguments: [("203.0.113.1:7", "consent"), ("nowhere.invalid:7", "cannot resolve")])
    func path(address: String, words: String) throws {
        let found = try Self.obstacles(
            network: "{ \"kind\": \"path\", \"address\": \"\(address)\" }", responder: nil)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(words) == true, "\(found)")
        #expect(found.first?.contains("\"net\"") == true, "\(found)")
    }

    @Test("all that is in the way is told, and not the first of it alone")
    func allObstacles() throws {
        let text = """
            { "plan": 1, "name": "trial", "networks": {
                "far": { "kind": "path", "address": "203.0.113.1:7" },
                "farther": { "kind": "path", "address": "203.0.113.2:7" } },
              "scenarios": [ { "name": "short", "networks": ["far", "farther"],
                "senders": [ { "name": "probes", "rate": "1pps", "payload": "16B", "count": 1 } ],
                "thresholds": [ "rtt.p99 < 500us" ] } ] }
            """
        let plan = try PlanReader.read(Array(text.utf8), path: "plan.json")
        let found = StartChecks(of: plan, clockResolutionNs: 4_000_000).obstacles
        #expect(found.count == 3, "\(found)")
    }

    @Test("a command that is not there, and a port that is taken, are foreseen")
    func foreseen() throws {
        let taken = try BoundSocket()
        let place = "\"address\": \"127.0.0.1:\(taken.port)\""
        let responders = [
            (#"{ "command": ["/nowhere/server", "{port}"] }"#, "/nowhere/server: ENOENT"),
            (#"{ "command": ["no-such-server", "{port}"] }"#, "no-such-server: ENOENT"),
            (#"{ "command": ["/etc/passwd", "{port}"] }"#, "/etc/passwd: EACCES"),
            ("{ \"behaviour\": \"echo\", \(place) }", "EADDRINUSE"),
            ("{ \"command\": [\"sh\", \"{port}\"], \(place) }", "EADDRINUSE"),
        ]
        for (responder, words) in responders {
            let text = """
                { "plan": 1, "name": "trial", "networks": { "net": { "kind": "loopback" } },
                  "responders": { "far": \(responder) },
                  "scenarios": [ { "name": "short", "networks": ["net"], "responder": "far",
                    "senders": [ { "name": "probes", "rate": "1pps", "payload": "16B",
                      "count": 1 } ] } ] }
                """
            let plan = try PlanReader.read(Array(text.utf8), path: "plan.json")
            let found = StartChecks.foreseen(plan)
            #expect(found.count == 1, "\(found)")
            #expect(found.first?.contains(words) == true, "\(found)")
        }
    }
}
