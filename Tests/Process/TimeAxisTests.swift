import Harness
import JSON
import Testing

/// The times of a report: all count from the first measured slot, as the plan's do.
@Suite struct TimeAxisTests {
    @Test("after a warm-up plan, events, outages and intervals have one axis of time")
    func oneAxis() async throws {
        var plan = PlanText(
            senders: [
                PlanText.sender(
                    rate: "50pps", length: #""duration": "1s""#, keys: #""max_burst": 8"#)
            ])
        plan.timeout = "500ms"
        plan.keys = [
            #""warm_up": "700ms""#,
            #"""
            "timeline": [ { "at": "300ms", "kill": "far" }, { "at": "600ms", "start": "far" } ]
            """#,
        ]
        let (report, ended) = try await Trial(plan).report(0)
        let events = report.runs.first?["timeline"]?.array ?? []
        let kill = try #require(events.first { $0["event"]?.string == "kill" }, "\(ended.all)")
        #expect(kill.integer("planned_ns") == 300_000_000)
        #expect(kill.integer("at_ns") ?? 0 >= 300_000_000)
        let stream = try #require(report.streams.first)
        let outage = try #require(stream.at("resets.outages")?.array.first)
        #expect(outage.integer("cause_ns") == kill.integer("at_ns"))
        let start = try #require(outage.integer("start_ns"))
        let intervals = stream["intervals"]?.array ?? []
        let lossy = try #require(intervals.first { $0.integer("lost") ?? 0 > 0 })
        #expect(lossy.integer("start_ns") ?? .max <= start, "\(outage) \(intervals)")
    }
}
