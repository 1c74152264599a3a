import Harness
import Impairment
import Testing

@testable import Loops

@Suite("What a relay tells of the probes that did not pass")
struct RelayLossesTests {
    /// Probes and answers in any state, with a window that is shorter than the stream.
    @Test("the runs have the counts of the relay's streams, for 200 seeds")
    func runsHaveTheCounts() {
        for seed in UInt64(1)...200 {
            var generator = SeededGenerator(seed: seed)
            var order = ExpectedStreamOrder(
                firstSession: 1, flows: 2, payloadBytes: 64, firstSequence: 5,
                timeoutNs: 1_000_000, windowCapacity: 16, intervalNs: 1_000_000_000,
                maxIntervals: 1)
            order.maxLossRuns = 1_000
            var probes = RelayProbes([order], runID: 1)
            for flow in 0..<2 {
                for number in 5..<UInt32(5 + Int.random(in: 1...120, using: &generator)) {
                    let fate = Int.random(in: 0..<9, using: &generator)
                    // Every ninth number never reaches the relay; a later one shows that.
                    if fate == 0 { continue }
                    _ = probes.arrived(number, flow: flow, .forward)
                    switch fate {
                    case 1: break
                    case 2: probes.left(number, flow: flow, .forward, isAltered: true)
                    case 3: probes.held(number, flow: flow, .forward)
                    default:
                        probes.left(number, flow: flow, .forward, isAltered: false)
                        guard fate > 4 else { continue }
                        _ = probes.arrived(number, flow: flow, .backward)
                        if fate == 5 { continue }
                        probes.left(number, flow: flow, .backward, isAltered: fate == 6)
                    }
                }
            }
            let losses = probes.settled()
            for flow in 0..<2 {
                let runs = losses.runs.filter { $0.flow == flow }
                func count(_ fate: RelayFate) -> Int {
                    runs.filter { $0.fate == fate }.reduce(0) { $0 + $1.count }
                }
                let (there, back) = (
                    probes.counts(flow: flow, .forward), probes.counts(flow: flow, .backward)
                )
                #expect(count(.altered) == there.altered, "seed \(seed)")
                #expect(count(.held) == there.held, "seed \(seed)")
                #expect(
                    count(.dropped)
                        == there.received - there.delivered - there.altered - there.held,
                    "seed \(seed)")
                #expect(count(.answerAltered) == back.altered, "seed \(seed)")
                #expect(
                    count(.answerDropped)
                        == back.received - back.delivered - back.altered - back.held,
                    "seed \(seed)")
                let seen = losses.ends[flow] - 5
                #expect(count(.neverArrived) == seen - there.received, "seed \(seed)")
                for (run, next) in zip(runs, runs.dropFirst()) {
                    #expect(run.first + run.count <= next.first, "seed \(seed)")
                }
            }
            #expect(losses.areLeftOut == [false], "seed \(seed)")
        }
    }

    @Test func whatHasNoRoomIsLeftOut() {
        var order = ExpectedStreamOrder(
            firstSession: 1, flows: 1, payloadBytes: 64, firstSequence: 0, timeoutNs: 1_000_000,
            windowCapacity: 16, intervalNs: 1_000_000_000, maxIntervals: 1)
        order.maxLossRuns = 2
        var probes = RelayProbes([order], runID: 1)
        for number in 0..<UInt32(10) {
            _ = probes.arrived(number, flow: 0, .forward)
            if number % 2 == 0 { probes.left(number, flow: 0, .forward, isAltered: false) }
        }
        let losses = probes.settled()
        #expect(losses.runs.map(\.first) == [1, 3])
        #expect(losses.areLeftOut == [true])
    }
}
