import Datagrams
import Testing

@testable import udplab_bench

struct RawPacerTests {
    /// Goes on by a step with every look, and by a pause at one of them.
    final class PausingClock: MonotonicClock, @unchecked Sendable {
        // One thread.
        var timeNs: Int64 = 0
        var looks = 0
        let pauseNs: Int64
        init(pauseNs: Int64) { self.pauseNs = pauseNs }

        func nowNs() -> Int64 {
            looks += 1
            timeNs += looks == 50 ? pauseNs : 10
            return timeNs
        }
    }

    @Test func aBareLoopThatIsNeverInterruptedSkipsNothing() {
        let figures = RawPacer.keep(
            slots: 100, stepNs: 100, clock: PausingClock(pauseNs: 10), sleep: { _ in })
        #expect(figures == RawPacer.Figures(scheduled: 100, skipped: 0))
    }

    @Test func aPauseTakesTheSlotsThatPassInIt() {
        let figures = RawPacer.keep(
            slots: 100, stepNs: 100, clock: PausingClock(pauseNs: 1_000), sleep: { _ in })
        #expect(figures.scheduled == 100)
        #expect((8...10).contains(figures.skipped))
    }
}
