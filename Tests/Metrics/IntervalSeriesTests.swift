import Testing

@testable import Metrics

struct IntervalSeriesTests {
    @Test func eventsOutsideTheIntervalsGoIntoTheFirstAndTheLast() {
        var series = IntervalSeries(startNs: 1_000, lengthNs: 100, capacity: 3)
        series.recordSent(1, atNs: 5)
        series.recordSent(2, atNs: 1_099)
        series.recordSent(4, atNs: 1_100)
        series.recordSent(8, atNs: 1_299)
        #expect(series.hasOverflowed == false)
        series.recordReceived(1, delayNs: 50, reordered: 0, atNs: 1_250)
        series.recordReceived(1, delayNs: 50, reordered: 0, atNs: 1_300)
        series.recordSent(16, atNs: 9_000)
        series.recordLost(3, sentNs: 2_000)
        #expect(series.hasOverflowed == true)
        let figures = series.figures()
        #expect(figures.map(\.startNs) == [0, 100, 200])
        #expect(figures.map(\.sent) == [3, 4, 24])
        #expect(figures.map(\.received) == [0, 0, 2])
        #expect(figures.map(\.lost) == [0, 0, 3])
        // It holds more than an interval, so that it has no percentile of one.
        #expect(figures[2].rttP50Ns == nil)
    }

    @Test func aSlotStandsForItsValuesToLessThanOnePercent() {
        for value in [0, 1, 127, 128, 129, 1_000, 65_535, 1 << 30, (1 << 37) - 1] as [Int64] {
            let middle = IntervalSeries.middle(ofSlot: IntervalSeries.slot(of: value))
            #expect(abs(Double(middle) - Double(value)) <= Double(value) * 0.008)
        }
        #expect(IntervalSeries.slot(of: .max) == IntervalSeries.slotCount - 1)
    }

    @Test func theLiveFiguresAreTotalsAndTheDelaysSinceTheLastTime() {
        var statistics = StreamStatistics(configuration: .test(intervalNs: 1_000))
        var window = ProbeWindow(capacity: 256)
        func exchange(_ count: Int, atNs timeNs: Int64, delayNs: Int64) {
            for _ in 0..<count {
                let sequence = window.nextSequence
                window.send(atNs: timeNs, into: &statistics)
                _ = window.arrive(
                    sequence, stampNs: timeNs, receivedNs: timeNs + delayNs, into: &statistics)
            }
        }
        exchange(10, atNs: 0, delayNs: 50)
        var live = statistics.intervalSnapshot()
        #expect(live.sent == 10)
        #expect(live.received == 10)
        #expect(live.p50Ns == 50)
        #expect(statistics.intervalSnapshot().p50Ns == nil)
        // The rest of the interval, one that is skipped, and another.
        exchange(3, atNs: 500, delayNs: 60)
        exchange(5, atNs: 3_500, delayNs: 70)
        live = statistics.intervalSnapshot()
        #expect(live.received == 18)
        #expect(live.p50Ns == 70)
        #expect(live.p99Ns == 70)
        exchange(2, atNs: 3_600, delayNs: 80)
        #expect(statistics.intervalSnapshot().p50Ns == 80)
    }

    @Test func withoutIntervalsTheLiveFiguresGoOn() {
        var statistics = StreamStatistics(
            configuration: .test(intervalNs: 10, recordsIntervals: false))
        var window = ProbeWindow(capacity: 4)
        for timeNs in [0, 1_000] as [Int64] {
            let sequence = window.nextSequence
            window.send(atNs: timeNs, into: &statistics)
            _ = window.arrive(
                sequence, stampNs: timeNs, receivedNs: timeNs + 30, into: &statistics)
            #expect(statistics.intervalSnapshot().p50Ns == 30)
        }
        window.close(into: &statistics)
        #expect(statistics.summary().intervals == [])
        #expect(statistics.summary().intervalsOverflowed == false)
    }

    @Test func aSenderWithoutAWindowCountsWhatItSends() {
        var statistics = StreamStatistics(configuration: .test(hasIntendedTimes: true))
        statistics.recordSent(count: 3, sentNs: 500, intendedNs: 400, intendedStepNs: 40)
        let figures = statistics.summary()
        #expect(figures.sent == 3)
        #expect(figures.loss.count == 0)
        #expect(figures.pacingErrorNs?.min == 20)
        #expect(figures.pacingErrorNs?.max == 100)
        #expect(figures.intervals[0].sent == 3)
    }
}
