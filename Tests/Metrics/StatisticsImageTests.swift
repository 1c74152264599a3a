import Harness
import JSON
import Testing

@testable import Metrics

/// The statistics of several hosts, merged from what their messages carry.
@Suite struct StatisticsImageTests {
    /// Sent as a message, and read again.
    private func sent(_ image: StatisticsImage) throws -> StatisticsImage {
        let line = try JSONCoding.encode(image).text(.compact)
        return try JSONCoding.decode(
            StatisticsImage.self, from: try JSONValue.parse(line.utf8Array))
    }

    @Test("the figures of hosts together are those of one that had all the flows")
    func hostsAreAsOne() throws {
        for seed in 1...60 as ClosedRange<UInt64> {
            let stream = RandomStream(seed: seed)
            let configuration = StreamConfiguration.test(hasIntendedTimes: true)
            let one = stream.measuredAtSender(128, configuration, inRuns: true)
            var merged = StreamStatistics(configuration: configuration)
            for flow in stream.probes.indices {
                var statistics = StreamStatistics(configuration: configuration)
                stream.measureAtSender(128, flows: [flow], inRuns: true, into: &statistics)
                try merged.add(try sent(statistics.image()))
            }
            var figures = merged.summary()
            // The list of loss runs is a result of its own.
            figures.lossRuns = one.lossRuns
            // The sum of floating-point estimates depends on their order.
            #expect(abs((figures.rtpJitterNs ?? 0) - (one.rtpJitterNs ?? 0)) < 1e-3)
            figures.rtpJitterNs = one.rtpJitterNs
            #expect(figures == one, "seed \(seed)")
        }
    }

    @Test("delays that were recorded too long are corrected, and everything else stays")
    func corrected() throws {
        let tooLongNs: Int64 = 40_000
        let configuration = StreamConfiguration.test()
        var plain = StreamStatistics(configuration: configuration)
        var long = StreamStatistics(configuration: configuration)
        for delayNs in [100_000, 250_000, 3_000_000, 3_000_001] as [Int64] {
            plain.delays.record(delayNs)
            long.delays.record(delayNs + tooLongNs)
        }
        var merged = StreamStatistics(configuration: configuration)
        try merged.add(try sent(long.image()), tooLongNs: tooLongNs)
        let (found, truth) = (merged.delays.summary(), plain.delays.summary())
        #expect(found.count == truth.count)
        #expect(found.min == truth.min && found.max == truth.max)
        #expect(found.mean == truth.mean)
        #expect(abs((found.stddev ?? 0) - (truth.stddev ?? 0)) < 1)
        let (half, trueHalf) = (Double(found.p50 ?? 0), Double(truth.p50 ?? 1))
        #expect(abs(half / trueHalf - 1) < 0.002)
    }

    @Test("an empty stream changes nothing")
    func empty() throws {
        let configuration = StreamConfiguration.test(hasIntendedTimes: true)
        let stream = RandomStream(seed: 7)
        let one = stream.measuredAtSender(128, configuration, inRuns: true)
        var merged = StreamStatistics(configuration: configuration)
        stream.measureAtSender(
            128, flows: Array(stream.probes.indices), inRuns: true, into: &merged)
        try merged.add(try sent(StreamStatistics(configuration: configuration).image()))
        var figures = merged.summary()
        figures.lossRuns = one.lossRuns
        #expect(figures == one)
    }

    @Test("a damaged image is a fault and never the end of the program", arguments: 1...300)
    func damaged(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let stream = RandomStream(seed: UInt64(seed % 5 + 1))
        let configuration = StreamConfiguration.test(hasIntendedTimes: true)
        var statistics = StreamStatistics(configuration: configuration)
        stream.measureAtSender(
            128, flows: Array(stream.probes.indices), inRuns: true, into: &statistics)
        guard case .array(var numbers) = try JSONCoding.encode(statistics.image()) else {
            Issue.record("no list of numbers")
            return
        }
        switch seed % 3 {
        case 0: numbers.removeLast(Int.random(in: 1..<numbers.count, using: &generator))
        case 1: numbers.append(.integer(Int.random(in: .min ... .max, using: &generator)))
        default:
            let values = [Int.max, .min, -1, 1 << 40, 1 << 62, (1 << 40) - 1]
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                numbers[Int.random(in: numbers.indices, using: &generator)] = .integer(
                    values.randomElement(using: &generator) ?? 0)
            }
        }
        let image = try JSONCoding.decode(StatisticsImage.self, from: .array(numbers))
        var merged = StreamStatistics(configuration: configuration)
        if seed % 3 == 2 {
            // Some numbers mean nothing that could be wrong; then the summary is made of them.
            guard (try? merged.add(image)) != nil else { return }
            _ = merged.summary()
        } else {
            #expect(throws: StatisticsImage.Fault.self) { try merged.add(image) }
        }
    }
}

extension String {
    fileprivate var utf8Array: [UInt8] { Array(utf8) }
}
