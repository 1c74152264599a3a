import JSON
import Testing

@testable import Plans
@testable import udplab_bench

@Suite struct BenchPlanTests {
    @Test(arguments: Traffic.Direction.allCases, [false, true])
    func everyPlanOfALegIsAPlan(direction: Traffic.Direction, isOffloaded: Bool) throws {
        let payloadBytes = 1_400
        let traffic = Traffic(
            direction: direction, payloadBytes: payloadBytes, isOffloaded: isOffloaded)
        for (rate, length) in [
            (BenchPlan.Rate.max, BenchPlan.Length.seconds(2)), (.pps(100_000), .seconds(1)),
            (.max, .datagrams(MemoryRun.more)),
        ] {
            let plan = BenchPlan(traffic: traffic, rate: rate, length: length)
            let read = try PlanReader.read(
                Array(try plan.json().text(.pretty).utf8), path: "plan.json")
            #expect(read.scenarios.count == 1)
            #expect(read.scenarios[0].senders[0].payloadBytes == payloadBytes)
        }
    }
}
