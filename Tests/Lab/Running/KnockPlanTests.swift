import Metrics
import Testing

@testable import Lab
@testable import Plans

/// The plan that tries the ways of another plan, and what is said of them.
@Suite struct KnockPlanTests {
    private func knock(_ scenarios: String) throws -> Plan? {
        let text = """
            { "plan": 1, "name": "p",
              "hosts": { "b": { "launch": ["ssh", "b"], "udplab": "/opt/udplab", "ports": "40000-40009" },
                "c": { "launch": ["ssh", "c"] } },
              "networks": { "here": { "kind": "loopback" },
                "lan": { "kind": "path", "at": { "here": "127.0.0.1", "b": "127.0.0.2", "c": "127.0.0.3" } },
                "vpn": { "kind": "path", "at": { "here": "127.1.0.1", "b": "127.1.0.2" } } },
              "responders": { "far": { "behaviour": "sink", "host": "b" }, "near": { "behaviour": "echo" } },
              "scenarios": [ \(scenarios) ] }
            """
        let plan = try PlanReader.read(Array(text.utf8), path: "plan.json")
        return try KnockPlan(for: plan)?.plan
    }

    private func scenario(
        _ name: String, _ networks: String, _ responder: String, _ keys: String = "",
        sender: String = ""
    ) -> String {
        """
        { "name": "\(name)", "networks": [\(networks)], "responder": "\(responder)"\(keys),
          "senders": [ { "name": "s", "rate": "max", "payload": "1400B", "duration": "10min"\(sender) } ] }
        """
    }

    @Test("each way is tried once, whatever the plan sends over it")
    func ways() throws {
        let plan = try #require(
            try knock(
                [
                    scenario("one", #""lan", "vpn""#, "far"),
                    scenario("two", #""lan""#, "far", #", "directions": ["forward", "backward"]"#),
                    scenario("three", #""lan""#, "near", sender: #", "host": ["b", "c"]"#),
                    scenario("four", #""here""#, "near"),
                ].joined(separator: ",")))
        let ways = plan.scenarios.map { scenario in
            [scenario.networks[0].name, scenario.responder?.host ?? "here"]
                + scenario.senders[0].hostNames
        }
        // The way back to this host was found by the second scenario, and has one more sender.
        #expect(
            ways == [
                ["lan", "b", "here"], ["vpn", "b", "here"], ["lan", "here", "b", "c"],
            ])
        #expect(plan.scenarios.allSatisfy { $0.senders[0].length == .count(KnockPlan.probes) })
        #expect(plan.hosts.first?.ports == 40_000...40_009)
        #expect(plan.hosts.first?.launch == ["ssh", "b"])
    }

    @Test("a plan of one host has no ways")
    func none() throws {
        #expect(try knock(scenario("one", #""here""#, "near")) == nil)
    }

    private func finding(_ there: Int, _ back: Int, sent: Int = 4) -> Finding {
        var ledger = Ledger()
        (ledger.sent, ledger.responderReceived, ledger.received) = (sent, there, back)
        return Way(network: "lan", near: "here", far: "b", address: "192.0.2.11:40001").finding(
            ledger, ports: 40_000...40_099, launch: ["ssh", "b"])
    }

    @Test("what is said of a way is what came of the datagrams")
    func sentences() {
        #expect(finding(4, 4).level == .ok)
        #expect(finding(4, 3).level == .note)
        let closed = finding(0, 0)
        #expect(closed.level == .limit)
        #expect(
            closed.consequence
                == "b answers over ssh, and no datagram reached 192.0.2.11:40001: is "
                + "UDP 40000-40099 open there, and between the two?")
        #expect(finding(3, 0).consequence.contains("no answer came back to here"))
        #expect(finding(0, 0, sent: 0).level == .limit)
        #expect(finding(4, 4).id == "lan_here_to_b")
    }
}
