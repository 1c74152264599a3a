import Datagrams
import Metrics
import Testing

@testable import Loops

/// Row N19: the kernel's receive times are of the wall clock, which may be stepped at any time.
@Suite struct WallClockTests {
    /// ±1 µs to ±1 h, and none.
    static let steps: [Int64] =
        [0]
        + [1_000, 3_000, 30_000, 300_000, 3_000_000, 30_000_000, 300_000_000]
        .flatMap { [$0, -$0] } + [1_000_000_000, -1_000_000_000, 3_600_000_000_000]

    @Test(
        "N19 a step of the wall clock costs no answer and moves no delay", arguments: steps,
        [false, true])
    func n19(stepNs: Int64, coalesces: Bool) {
        let network = SimulatedNetwork(flows: 2, seed: UInt64(stepNs.magnitude) + 1)
        network.coalesces = coalesces
        let delaysNs: ClosedRange<Int64> = 10_000...200_000
        network.backward.delayNs = delaysNs
        if stepNs != 0 {
            network.clock.wallSteps = [
                (atNs: SimulatedClock.startNs + 20_123_456, byNs: stepNs)
            ]
        }
        var phase = SenderRun.paced(count: 1_000, pps: 20_000, flows: 2)
        phase.usesKernelTimestamps = true
        phase.coalesces = coalesces
        let run = SenderRun(phase, over: network)
        #expect(run.accounts.rejected.total == 0, run.comment)
        #expect(run.figures.inTime == 1_000, run.comment)
        #expect(run.wallClockStepped == (stepNs != 0), run.comment)
        // What a look costs stands above what an arrival took, at most.
        #expect(run.figures.rttNs?.min ?? 0 >= Int(delaysNs.lowerBound), run.comment)
        #expect(
            run.figures.rttNs?.max ?? .max <= Int(delaysNs.upperBound) + 100_000, run.comment)
    }

    @Test("N19 a step behind the last answer is noticed as well", arguments: [1_000, -1_000])
    func n19Late(stepNs: Int64) {
        let network = SimulatedNetwork()
        let phase = SenderRun.paced(count: 10)
        network.echoScript = { _ in [] }
        network.clock.wallSteps = [(atNs: SimulatedClock.startNs + 40_000_000, byNs: stepNs)]
        let run = SenderRun(phase, over: network)
        #expect(run.wallClockStepped, run.comment)
    }

    @Test(
        "N19 receive times that no clock of this process agrees with give way to its own",
        arguments: [-1_000_000, 1_000_000])
    func n19Foreign(stepNs: Int64) {
        // As a clock that only this process sees stepped: the kernel's times stay.
        let network = SimulatedNetwork()
        network.backward.delayNs = 20_000...20_000
        network.kernelStampShiftNs = stepNs
        var phase = SenderRun.paced(count: 1_000)
        phase.usesKernelTimestamps = true
        let run = SenderRun(phase, over: network)
        #expect(run.accounts.rejected.total == 0, run.comment)
        #expect(run.figures.inTime == 1_000, run.comment)
        #expect(run.figures.rttNs?.min ?? 0 >= 20_000, run.comment)
    }

    @Test("N19 a clock without a step gives arrivals to within its resolution")
    func n19Steady() {
        let clock = SimulatedClock()
        var arrivals = ArrivalClock(clock)
        for _ in 0..<1_000 {
            clock.advance(to: clock.timeNs + 7_777)
            arrivals.look(clock)
            let kernelNs = clock.wallNs(atNs: clock.timeNs - 5_000)
            let at = arrivals.arrivedNs(kernelNs: kernelNs, nowNs: clock.timeNs)
            #expect(
                at.map { abs($0 - (clock.timeNs - 5_000)) <= 2 * SimulatedClock.lookNs } == true)
        }
        #expect(!arrivals.isStepped)
    }
}
