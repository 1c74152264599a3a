import Harness
import Testing

@testable import Metrics

/// One-way delays against a clock of which the test knows the truth.
@Suite struct OneWayDelaysTests {
    /// Exchanges with a clock that is `offsetNs` ahead and drifts.
    private struct Far {
        var offsetNs: Int64 = 0
        var driftPpm = 0.0
        var stepAt: Int?
        var generator = SeededGenerator(seed: 7_679)
        /// The true delays, both ways.
        var forwardNs: [Int64] = []
        var backwardNs: [Int64] = []

        /// - Parameters:
        ///   - leastNs: The shortest delays of both ways.
        ///   - queueNs: The largest queueing delay on the way there.
        mutating func exchanges(
            _ count: Int, leastNs: (Int64, Int64) = (100_000, 100_000), queueNs: Int64
        ) -> [TimeExchange] {
            (0..<count).map { index in
                let sentNs = 1_767_225_600_000_000_000 + Int64(index) * 10_000_000
                let there = leastNs.0 + Int64.random(in: 0...queueNs, using: &generator)
                let turn = Int64.random(in: 0...20_000, using: &generator)
                let back = leastNs.1 + Int64.random(in: 0...20_000, using: &generator)
                forwardNs.append(there)
                backwardNs.append(back)
                func far(_ ns: Int64) -> Int64 {
                    let away = Double(ns - 1_767_225_600_000_000_000)
                    let step: Int64 = index >= stepAt ?? .max ? 50_000_000 : 0
                    return ns + offsetNs + step + Int64(away * driftPpm / 1e6)
                }
                return TimeExchange(
                    sentNs: sentNs, farReceivedNs: far(sentNs + there),
                    farSentNs: far(sentNs + there + turn),
                    receivedNs: sentNs + there + turn + back)
            }
        }
    }

    private func median(_ values: [Int64]) -> Int64 { values.sorted()[(values.count - 1) / 2] }

    @Test(
        "the delays are true within the error, whatever the offset and the drift",
        arguments: [0, 1, -5_000_000, 3_600_000_000_000, -1_767_225_600_000_000_000] as [Int64],
        [0, 50, -120] as [Double])
    func offsets(offsetNs: Int64, driftPpm: Double) throws {
        var far = Far(offsetNs: offsetNs, driftPpm: driftPpm)
        let samples = far.exchanges(1_000, queueNs: 2_000_000)
        let delays = OneWayDelays(samples, absurd: 0, clocks: .init())
        let errorNs = try #require(delays.errorNs)
        #expect(delays.errorSource == .exchange)
        // Half of the shortest round trip, and some for the ends of the run.
        #expect(errorNs < 300_000, "\(errorNs)")
        // The way back has a median within the error: so there are none.
        #expect(delays.absence == .imprecise || delays.forwardNs != nil)
        if let forward = delays.forwardNs?.p50, let backward = delays.backwardNs?.p50 {
            #expect(abs(Int64(forward) - median(far.forwardNs)) <= errorNs + 2_000)
            #expect(abs(Int64(backward) - median(far.backwardNs)) <= errorNs + 2_000)
        }
    }

    @Test("the error estimates of two clocks that are synchronized make it smaller")
    func estimates() throws {
        var far = Far(offsetNs: 3_000)
        let samples = far.exchanges(500, leastNs: (400_000, 100_000), queueNs: 50_000)
        let clocks = OneWayDelays.Clocks(ownErrorNs: 4_000, farErrorNs: 6_000)
        let delays = OneWayDelays(samples, absurd: 0, clocks: clocks)
        #expect(delays.absence == nil && delays.errorSource == .estimates)
        #expect(try #require(delays.errorNs) <= 10_001)
        let forward = try #require(delays.forwardNs?.p50)
        let backward = try #require(delays.backwardNs?.p50)
        // No exchange alone sees that the ways are unlike.
        #expect(abs(Int64(forward) - median(far.forwardNs)) <= 10_001 + 2_000)
        #expect(abs(Int64(backward) - median(far.backwardNs)) <= 10_001 + 2_000)
        #expect(delays.forwardNs?.count == 500)
        // One that is not synchronized leaves the exchanges alone.
        let alone = OneWayDelays(
            samples, absurd: 0, clocks: .init(ownErrorNs: 4_000, farErrorNs: nil))
        #expect(alone.errorSource == .exchange)
        #expect(try #require(alone.errorNs) > 200_000)
    }

    @Test("clocks further apart than both say contradict each other")
    func contradiction() {
        var far = Far(offsetNs: 37_000_000_000)  // TAI for UTC
        let samples = far.exchanges(100, queueNs: 1_000)
        let delays = OneWayDelays(
            samples, absurd: 0, clocks: .init(ownErrorNs: 1_000, farErrorNs: 1_000))
        #expect(delays.absence == .contradiction)
        #expect(delays.forwardNs == nil && delays.backwardNs == nil && delays.errorNs == nil)
    }

    @Test("H11 a clock that contradicts itself, or is stepped, gives no delay")
    func absurd() {
        var stepped = Far(stepAt: 50)
        let step = OneWayDelays(
            stepped.exchanges(100, queueNs: 1_000), absurd: 0, clocks: .init())
        #expect(step.absence == .absurd && step.forwardNs == nil)
        var far = Far()
        var samples = far.exchanges(100, queueNs: 1_000)
        #expect(OneWayDelays(samples, absurd: 1, clocks: .init()).absence == .absurd)
        samples[7].farSentNs = samples[7].farReceivedNs - 1
        #expect(samples[7].isAbsurd)
        #expect(OneWayDelays(samples, absurd: 0, clocks: .init()).absence == .absurd)
        samples[7].farSentNs = .max
        samples[7].farReceivedNs = .min
        #expect(samples[7].isAbsurd)
        #expect(OneWayDelays([], absurd: 0, clocks: .init()).absence == .noExchange)
    }

    @Test("on one host the delays are as exact as its clocks are read")
    func oneHost() {
        var far = Far()
        let samples = far.exchanges(100, leastNs: (5_000, 5_000), queueNs: 1_000)
        let delays = OneWayDelays(samples, absurd: 0, clocks: .init(areOne: true))
        #expect(delays.errorSource == .oneHost)
        #expect(delays.errorNs ?? .max <= 1_001)
        #expect(delays.forwardNs?.min == far.forwardNs.min().map(Int.init))
        #expect(delays.backwardNs?.max == far.backwardNs.max().map(Int.init))
    }

    @Test("samples are spread over the whole of a stream, in fixed memory")
    func samples() {
        var samples = ExchangeSamples(capacity: 64)
        for index in 0..<100_000 as Range<Int64> {
            samples.record(
                TimeExchange(
                    sentNs: index, farReceivedNs: index, farSentNs: index, receivedNs: index))
        }
        let times = samples.all.map(\.sentNs)
        #expect((32...64).contains(times.count))
        #expect(times.first == 0)
        let gaps = Set(zip(times, times.dropFirst()).map { $1 - $0 })
        #expect(gaps.count == 1, "\(gaps)")
        #expect(times.last ?? 0 > 90_000)
        var none = ExchangeSamples(capacity: 0)
        none.record(TimeExchange(sentNs: 0, farReceivedNs: 0, farSentNs: 0, receivedNs: 0))
        #expect(none.count == 0)
    }
}
