import Datagrams
import Testing

@testable import Lab
@testable import Loops
@testable import Plans

/// Which of the relay's addresses the responder is told to believe.
@Suite struct RelaySourcesTests {
    private static let text = """
        { "plan": 1, "name": "p",
          "networks": { "net": { "kind": "emulated", "loss": "1%" } },
          "responders": { "far": { "behaviour": "echo", "instances": 2 } },
          "scenarios": [ { "name": "s", "networks": ["net"], "responder": "far",
            "warm_up": "1s", "timeout": "100ms", "senders": [
              { "name": "a", "flows": 3, "rate": "10pps", "payload": "64B", "count": 3 },
              { "name": "storm", "kind": "hit-and-run", "rate": "50pps", "payload": "64B",
                "count": 50 },
              { "name": "b", "flows": 2, "rate": "10pps", "payload": "64B", "count": 3 } ] } ] }
        """

    private static func layout() throws -> RunLayout {
        let plan = try PlanReader.read(Array(text.utf8), path: "plan.json")
        let scenario = plan.scenarios[0]
        return RunLayout(
            identity: RunIdentity(scenario: scenario, network: scenario.networks[0], repetition: 1),
            options: RunOptions(), logsSeveralStreams: false, pathTarget: nil,
            kernelHasNetem: false, report: ReportBudget.of(plan))
    }

    @Test("G8 each flow is the relay's side of its client, in the warm-up and after it")
    func sides() throws {
        let layout = try Self.layout()
        var relay = Ready()
        relay.addresses = ["listen", "a0", "a1", "a2", "b0", "b1"]
        // Two instances share out each sender's flows, in each of two phases.
        #expect(
            layout.sources(behind: relay) == [
                ["a0", "a1"], ["a2"], ["a0", "a1"], ["a2"], [], [], ["b0"], ["b1"], ["b0"], ["b1"],
            ])
        let target = try #require(SocketAddress(numeric: "127.0.0.1:1"))
        let assignment = try #require(layout.relayAssignment(targets: [target, target]))
        #expect(assignment.clientOfFlow == [0, 1, 2, 0, 1, 2, -1, -1, 3, 4, 3, 4])
    }

    @Test("a relay that had not as many sockets leaves the key of the run to decide")
    func fewer() throws {
        var relay = Ready()
        relay.addresses = ["listen"]
        #expect(try Self.layout().sources(behind: relay) == [])
    }
}
