import Harness
import Testing

@testable import Metrics

struct IntervalSeriesTests {
    @Test func eventsBeforeTheStartGoIntoTheFirstInterval() {
        var series = IntervalSeries(startNs: 1_000, lengthNs: 100, capacity: 3)
        series.recordSent(1, atNs: 5)
        series.recordSent(2, atNs: 1_099)
        series.recordSent(4, atNs: 1_100)
        series.recordSent(8, atNs: 1_299)
        let figures = series.figures()
        #expect(series.lengthNs == 100)
        #expect(figures.map(\.startNs) == [0, 100, 200])
        #expect(figures.map(\.sent) == [3, 4, 8])
    }

    @Test("T16 an event beyond the last interval doubles their length and loses nothing")
    func t16Doubling() {
        var series = IntervalSeries(startNs: 1_000, lengthNs: 100, capacity: 3)
        for (index, delayNs) in [10, 20, 30].enumerated() {
            series.recordReceived(
                1, delayNs: Int64(delayNs), reordered: 1, atNs: 1_000 + Int64(index) * 100)
        }
        series.recordSent(7, atNs: 1_599)
        series.recordDuplicate(atNs: 1_010)
        series.recordLost(3, sentNs: 1_150)
        #expect(series.lengthNs == 200)
        var figures = series.figures()
        #expect(figures.map(\.startNs) == [0, 200, 400])
        #expect(figures.map(\.received) == [2, 1, 0])
        #expect(figures.map(\.sent) == [0, 0, 7])
        #expect(figures.map(\.lost) == [3, 0, 0])
        #expect(figures.map(\.duplicates) == [1, 0, 0])
        #expect(figures.map(\.rttP50Ns) == [10, 30, nil])
        #expect(figures.map(\.rttP99Ns) == [20, 30, nil])
        // Far beyond: as often as it takes.
        series.recordSent(1, atNs: 1_000_000)
        figures = series.figures()
        #expect(series.lengthNs == 409_600)
        #expect(figures.map(\.sent) == [7, 0, 1])
        #expect(figures[0].rttP50Ns == 20)
    }

    /// Seeded events, in and out of order, on a short series and on one that is long enough.
    @Test("T16 intervals of any length and on any number of threads have the sums of the stream")
    func t16Sums() {
        for seed in UInt64(1)...20 {
            var generator = SeededGenerator(seed: seed)
            let capacity = Int.random(in: 1...9, using: &generator)
            var whole = IntervalSeries(startNs: 0, lengthNs: 10, capacity: 256)
            var one = IntervalSeries(startNs: 0, lengthNs: 10, capacity: capacity)
            var first = IntervalSeries(startNs: 0, lengthNs: 10, capacity: capacity)
            var second = IntervalSeries(startNs: 0, lengthNs: 10, capacity: capacity)
            let lastNs = Int64.random(in: 1...2_500, using: &generator)
            for _ in 0..<200 {
                let timeNs = Int64.random(in: 0...lastNs, using: &generator)
                let delayNs = Int64.random(in: 0...1_000, using: &generator)
                let isFirst = Bool.random(using: &generator)
                func record(_ series: inout IntervalSeries) {
                    series.recordSent(2, atNs: timeNs)
                    series.recordLost(1, sentNs: timeNs)
                    series.recordReceived(1, delayNs: delayNs, reordered: 1, atNs: timeNs)
                }
                record(&whole)
                record(&one)
                if isFirst { record(&first) } else { record(&second) }
            }
            let each = Int(one.lengthNs / 10)
            #expect(each.nonzeroBitCount == 1, "seed \(seed)")
            let figures = one.figures()
            #expect(figures.count <= capacity, "seed \(seed)")
            let exact = whole.figures()
            for (index, figure) in figures.enumerated() {
                let part = exact[(index * each)..<min(exact.count, (index + 1) * each)]
                #expect(figure.sent == part.reduce(0) { $0 + $1.sent }, "seed \(seed)")
                #expect(figure.lost == part.reduce(0) { $0 + $1.lost }, "seed \(seed)")
                #expect(figure.received == part.reduce(0) { $0 + $1.received }, "seed \(seed)")
            }
            first.merge(second)
            #expect(first.figures() == figures, "seed \(seed)")
        }
    }

    @Test("T16 the live figures go on across a doubling")
    func t16Live() {
        for capacity in 1...5 {
            var series = IntervalSeries(startNs: 0, lengthNs: 100, capacity: capacity)
            for step in 0..<40 {
                let delayNs = Int64(step * 3 + 1)
                series.recordReceived(1, delayNs: 1_000, reordered: 0, atNs: Int64(step) * 70)
                _ = series.percentilesSinceLastCall()
                series.recordReceived(
                    3, delayNs: delayNs, reordered: 0, atNs: Int64(step) * 70 + 60)
                let live = series.percentilesSinceLastCall()
                #expect(live.p50Ns == Int(delayNs) && live.p99Ns == Int(delayNs), "step \(step)")
                #expect(series.percentilesSinceLastCall().p50Ns == nil)
            }
        }
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
        #expect(statistics.summary().intervalNs == nil)
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
