import Testing

@testable import Lab
@testable import Metrics
@testable import Plans
@testable import Reports

/// A stream that several hosts send, as its judges see it.
@Suite struct FleetTests {
    private func stream(_ run: MadeUpRun) throws -> StreamReport {
        let run = run.judgedRun().document
        #expect(run.streams.count == 1)
        return try #require(run.streams.first)
    }

    @Test(
        "what befell the datagrams of each host is in its ledger, and the stream has the sum",
        arguments: [PlanKind.fleet, .fleetSink])
    func sums(kind: PlanKind) throws {
        var run = try MadeUpRun(kind, hosts: 5)
        #expect(run.layout.scenario.senders.count == 5)
        for host in 0..<5 {
            let part = run.layout.measuredParts(host)[0]
            #expect(run.fates[part].add(.forwardLost, 3 * host) == 3 * host)
            #expect(run.fates[part].add(.late, host) == host)
            #expect(run.fates[part].add(.skipped, 1) == 1)
        }
        let stream = try stream(run)
        #expect(stream.sender == "calls")
        #expect(stream.flows == 5 * PlanKind.flows)
        #expect(stream.ledger.imbalances() == [])
        #expect(stream.ledger.scheduled == 5 * PlanKind.flows * PlanKind.perFlow)
        #expect(stream.ledger.forwardLost == 30)
        #expect(stream.ledger.skipped == 5)
        #expect(stream.ledger.late == 10)
        #expect(stream.loss.count == 40)
        let hosts = try #require(stream.fleet?.hosts)
        #expect(hosts.map(\.host) == ["n1", "n2", "n3", "n4", "n5"])
        #expect(hosts.map { $0.ledger?.forwardLost } == [0, 3, 6, 9, 12])
        #expect(Ledger.sum(hosts.compactMap(\.ledger)) == stream.ledger)
        #expect(hosts.allSatisfy { $0.ledger?.imbalances() == [] })
        #expect(hosts.map(\.flows) == Array(repeating: PlanKind.flows, count: 5))
        #expect(hosts[4].lossRatio == 16.0 / 99.0)
        #expect(stream.intervals.reduce(0) { $0 + $1.lost } == 40)
    }

    @Test("a host without a result leaves the stream to the others, and is named")
    func lostHost() throws {
        var run = try MadeUpRun(.fleet, hosts: 3)
        run.say(Condition(.other(.senderGaveNothing), 1))
        run.say(Condition(.other(.hostLost), 1))
        let document = run.judgedRun().document
        let stream = try #require(document.streams.first)
        #expect(document.verdict == .incomplete)
        #expect(stream.ledger.imbalances() == [])
        #expect(stream.ledger.sent == 2 * PlanKind.flows * PlanKind.perFlow)
        #expect(stream.fleet?.hosts.map { $0.ledger == nil } == [true, false, false])
        #expect(document.workers.count == 4)
    }

    @Test("flows are shared out or multiplied, as the plan says")
    func flows() throws {
        let text = { (more: String) in
            """
            { "plan": 1, "name": "f",
              "hosts": { "b": { "launch": ["b"] }, "c": { "launch": ["c"] }, "d": { "launch": ["d"] } },
              "networks": { "lan": { "kind": "path", "at": { "here": "127.0.0.1", "b": "127.0.0.2",
                "c": "127.0.0.3", "d": "127.0.0.4" } } },
              "responders": { "far": { "behaviour": "echo" } },
              "scenarios": [ { "name": "s", "networks": ["lan"], "responder": "far", "senders": [
                { "name": "calls", "flows": 7, "threads": 3, "rate": "10pps", "payload": "64B",
                  "duration": "1s", "host": ["b", "c", "d"]\(more) } ] } ] }
            """
        }
        for (more, flows) in [("", [7, 7, 7]), (#", "share_flows": true"#, [2, 2, 3])] {
            let plan = try PlanReader.read(Array(text(more).utf8), path: "plan.json")
            let scenario = plan.scenarios[0]
            let placed = scenario.placed(on: scenario.networks[0])
            #expect(placed.senders.map(\.flows) == flows)
            #expect(placed.senders.map(\.name) == ["calls@b", "calls@c", "calls@d"])
            #expect(placed.senders.map(\.host) == ["b", "c", "d"])
            #expect(placed.senders.allSatisfy { $0.threads <= $0.flows })
            #expect(placed.streamCount == 1)
            #expect(scenario.whole().senders[0].flows == flows.reduce(0, +))
        }
    }

    @Test(
        "fairness is Jain's index",
        arguments: [
            ([1, 1, 1, 1], 1.0), ([4, 0, 0, 0], 0.25), ([1, 1, 0, 0], 0.5), ([0, 0], nil),
            ([1, 2, 3], 36.0 / 42),
        ] as [([Double], Double?)])
    func fairness(shares: [Double], index: Double?) {
        #expect(FleetReport.jain(shares) == index)
    }
}
