import Harness
import Testing

@testable import Metrics

/// The stages of a stream against sums by hand.
@Suite struct StageSeriesTests {
    static let startNs: Int64 = 5_000_000_000
    static let lengths: [Int64] = [10, 20, 5].map { $0 * 1_000_000 }

    static func statistics(_ lengths: [Int64] = lengths) -> StreamStatistics {
        var configuration = StreamConfiguration(
            timeoutNs: 4_000_000, payloadBytes: 64, startNs: startNs, hasIntendedTimes: true)
        configuration.stageLengthsNs = lengths
        return StreamStatistics(configuration: configuration)
    }

    @Test("each datagram is of the stage in which it was sent, whatever became of it and when")
    func bySendTime() {
        var random = SeededGenerator(seed: 11)
        for round in 0..<50 {
            var statistics = Self.statistics()
            var window = ProbeWindow(
                capacity: 1_024, firstSequence: 0, timeoutNs: 4_000_000, hasIntendedTimes: true)
            var sent = [0, 0, 0]
            var lost = [0, 0, 0]
            var timeNs = Self.startNs
            var answers: [(UInt32, Int64, Int64)] = []
            for number in 0..<500 {
                timeNs += Int64.random(in: 1...150_000, using: &random)
                let after = timeNs - Self.startNs
                let stage = after < 10_000_000 ? 0 : after < 30_000_000 ? 1 : 2
                window.recordSent(
                    count: 1, sentNs: timeNs, intendedNs: timeNs, into: &statistics)
                sent[stage] += 1
                let delayNs = Int64.random(in: 1...6_000_000, using: &random)
                let isLost = Bool.random(using: &random)
                if isLost || delayNs > 4_000_000 { lost[stage] += 1 }
                if !isLost { answers.append((UInt32(number), timeNs, timeNs + delayNs)) }
            }
            for (sequence, sentNs, receivedNs) in answers.shuffled(using: &random) {
                _ = window.recordArrival(
                    wireSequence: sequence, stampNs: sentNs, receivedNs: receivedNs,
                    into: &statistics)
            }
            window.close(into: &statistics)
            let stages = statistics.summary().stages
            #expect(stages.map(\.sent) == sent, "\(round)")
            #expect(stages.map(\.lost) == lost, "\(round)")
            #expect(stages.map(\.startNs) == [0, 10_000_000, 30_000_000])
        }
    }

    @Test("skipped slots are divided at the edges of the stages, whatever their distance")
    func skipped() {
        for step in [1.0, 333.3, 10_000, 999_999.5, 7_000_000] {
            var statistics = Self.statistics()
            let count = Int(35_000_000 / step)
            statistics.recordSkipped(count, dueNs: Self.startNs, stepNs: step)
            var expected = [0, 0, 0]
            if count <= 200_000 {
                for index in 0..<count {
                    let after = Int64(Double(index) * step)
                    expected[after < 10_000_000 ? 0 : after < 30_000_000 ? 1 : 2] += 1
                }
                #expect(statistics.summary().stages.map(\.skipped) == expected, "\(step)")
            }
            #expect(statistics.summary().stages.reduce(0) { $0 + $1.skipped } == count)
        }
    }

    @Test("threads and hosts are merged stage by stage, and images of other stages refused")
    func merged() throws {
        func some(_ seed: UInt64) -> StreamStatistics {
            var random = SeededGenerator(seed: seed)
            var statistics = Self.statistics()
            for _ in 0..<200 {
                let timeNs = Self.startNs + .random(in: 0..<40_000_000, using: &random)
                statistics.recordSent(count: 2, sentNs: timeNs, intendedNs: timeNs)
                statistics.stages.recordDelay(
                    1, delayNs: .random(in: 0...1_000_000, using: &random), sentNs: timeNs)
            }
            return statistics
        }
        var merged = some(1)
        merged.merge(some(2))
        var imaged = some(1)
        try imaged.add(some(2).image())
        #expect(merged.summary().stages == imaged.summary().stages)
        #expect(merged.summary().stages.reduce(0) { $0 + $1.sent } == 800)
        #expect(merged.summary().stages.allSatisfy { $0.delayP50Ns != nil })
        var other = Self.statistics([1_000])
        #expect(throws: StatisticsImage.Fault.self) { try other.add(some(1).image()) }
    }
}
