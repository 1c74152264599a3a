import Lab
import Testing

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
        try StartChecks.check(plan, clockResolutionNs: 1)
        try StartChecks.check(plan, clockResolutionNs: 500_000)
        let refused = #expect(throws: StartError.self) {
            try StartChecks.check(plan, clockResolutionNs: 4_000_000)
        }
        #expect(refused?.description.contains("rtt.p99 < 500us") == true)
        #expect(refused?.description.contains("4000000 ns") == true)
    }

    @Test("S13 a coarse clock is good enough for a plan without delays")
    func s13Counts() throws {
        for threshold in ["loss.count == 0", "rtt.p99 < 50ms"] {
            try StartChecks.check(try Self.plan(threshold), clockResolutionNs: 4_000_000)
        }
    }
}
