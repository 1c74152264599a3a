import Harness
import Testing

@testable import Metrics

@Suite("The intervals of a stream whose end is planned")
struct PlannedIntervalTests {
    @Test func whatArrivesAfterTheEndIsInTheLastInterval() {
        var series = IntervalSeries(startNs: 1_000, lengthNs: 100, capacity: 3, endNs: 1_300)
        series.recordReceived(1, delayNs: 5, reordered: 0, atNs: 1_050)
        series.recordReceived(2, delayNs: 900, reordered: 0, atNs: 9_000_000)
        series.recordReceived(4, delayNs: 50, reordered: 0, atNs: 1_299)
        series.recordDuplicate(atNs: 1_300)
        #expect(series.lengthNs == 100)
        #expect(series.figures().map(\.received) == [1, 0, 6])
        #expect(series.figures().map(\.duplicates) == [0, 0, 1])
        #expect(series.figures().map(\.lengthNs) == [100, 100, 100])
    }

    @Test("skipped slots count in the intervals in which they were due")
    func skipped() {
        for seed in UInt64(1)...50 {
            var generator = SeededGenerator(seed: seed)
            let stepNs = Double.random(in: 0.3...900, using: &generator)
            let count = Int.random(in: 1...3_000, using: &generator)
            let dueNs = Int64.random(in: -500...2_000, using: &generator)
            let endNs: Int64? = Bool.random(using: &generator) ? 40_000 : nil
            var whole = IntervalSeries(startNs: 0, lengthNs: 100, capacity: 400, endNs: endNs)
            var single = IntervalSeries(startNs: 0, lengthNs: 100, capacity: 400, endNs: endNs)
            whole.recordSkipped(count, dueNs: dueNs, stepNs: stepNs)
            for slot in 0..<count {
                single.recordSkipped(
                    1, dueNs: dueNs + Int64(Double(slot) * stepNs), stepNs: stepNs)
            }
            let skipped = whole.figures().map { $0.skipped ?? -1 }
            #expect(skipped == single.figures().map { $0.skipped ?? -1 }, "seed \(seed)")
            #expect(skipped.reduce(0, +) == count, "seed \(seed)")
        }
    }

    @Test("the heat of the intervals adds up to what they received")
    func heat() {
        for seed in UInt64(1)...20 {
            var generator = SeededGenerator(seed: seed)
            var series = IntervalSeries(startNs: 0, lengthNs: 100, capacity: 5)
            for _ in 0..<300 {
                series.recordReceived(
                    Int.random(in: 1...3, using: &generator),
                    delayNs: Int64.random(in: 0...1 << 39, using: &generator), reordered: 0,
                    atNs: Int64.random(in: 0...2_000, using: &generator))
            }
            for interval in series.figures() {
                #expect(interval.heat?.counts.reduce(0, +) == interval.received, "seed \(seed)")
                #expect(interval.heat?.counts.first != 0, "seed \(seed)")
                #expect(interval.heat?.counts.last != 0, "seed \(seed)")
            }
            series.recordReceived(1, reordered: 0, atNs: 50)
            #expect(series.figures()[0].heat == nil, "an arrival without a delay")
        }
    }

    /// A day at 100 probes a second, every hundredth of them lost, in virtual time.
    @Test("L16 a day of one stream has 300 intervals and 2,000 loss runs, and the sums of all")
    func l16Day() throws {
        let (second, stepNs) = (Int64(1_000_000_000), Int64(100_000_000))
        let dayNs = 86_400 * second
        var configuration = StreamConfiguration(
            timeoutNs: second, payloadBytes: 64, startNs: 0, intervalNs: 300 * second,
            maxIntervals: 300, recordsIntervals: true)
        configuration.endNs = dayNs
        configuration.maxLossRuns = 2_000
        var statistics = StreamStatistics(configuration: configuration)
        var window = ProbeWindow(
            capacity: 256, firstSequence: 0, timeoutNs: second, hasIntendedTimes: false)
        var sequence: UInt32 = 0
        for timeNs in stride(from: 0, to: dayNs, by: Int(stepNs)) {
            window.recordSent(count: 1, sentNs: timeNs, intendedNs: timeNs, into: &statistics)
            if sequence % 100 != 7 {
                _ = window.recordArrival(
                    wireSequence: sequence, stampNs: timeNs, receivedNs: timeNs + 2_000_000,
                    into: &statistics)
            }
            sequence += 1
        }
        window.close(into: &statistics)
        let figures = statistics.summary()
        #expect(figures.intervals.count == 288 && figures.intervalNs == 300 * second)
        #expect(figures.intervals.reduce(0) { $0 + $1.sent } == figures.sent)
        #expect(figures.intervals.reduce(0) { $0 + $1.received } == figures.received)
        #expect(figures.intervals.reduce(0) { $0 + $1.lost } == figures.loss.count)
        let losses = try #require(figures.lossRuns)
        #expect(losses.runs.count == 2_000)
        #expect(losses.runsLeftOut == figures.loss.count - 2_000)
        #expect(losses.probesLeftOut == figures.loss.count - 2_000)
    }
}
