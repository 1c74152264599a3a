import Harness
import Metrics
import Testing

/// A sink whose clock is another host's: no account knows of the error between the clocks.
@Suite struct ClockErrorTests {
    private static let timeoutNs: Int64 = 50_000_000

    @Test("delays that look negative within the error are delays, and count as in time")
    func withinTheError() {
        for seed in 0..<UInt64(100) {
            var random = Harness.SeededGenerator(seed: seed)
            let errorNs = Int64.random(in: 0...30_000_000, using: &random)
            // An offset that was estimated wrong, and a drift on top of it, together within it.
            let offsetNs = Int64.random(in: -errorNs / 2...errorNs / 2, using: &random)
            let drift = Double.random(in: -0.5...0.5, using: &random)
            let lengthNs: Int64 = 1_000_000_000
            var statistics = Self.statistics(errorNs)
            var window = Self.window(errorNs)
            var arrivals: [Arrival] = []
            var delays: [Int64] = []
            for sequence in 0..<UInt32(200) {
                let sentNs = Int64(sequence) * lengthNs / 200
                let delayNs = Int64.random(in: 0...20_000_000, using: &random)
                let wrongNs =
                    offsetNs + Int64(Double(sentNs) / Double(lengthNs) * drift * Double(errorNs))
                delays.append(delayNs + wrongNs)
                arrivals.append(
                    window.recordArrival(
                        wireSequence: sequence, stampNs: sentNs,
                        receivedNs: sentNs + delayNs + wrongNs, into: &statistics))
            }
            #expect(arrivals.allSatisfy { $0 == .inTime }, "seed \(seed)")
            window.close(sent: 200, into: &statistics)
            let summary = statistics.summary().oneWayNs
            #expect(summary?.min == delays.min().map { Int($0 + errorNs) }, "seed \(seed)")
            #expect(summary?.max == delays.max().map { Int($0 + errorNs) })
        }
    }

    @Test("only below the error a probe came before it was sent, and only above it is it late")
    func beyondTheError() {
        let errorNs: Int64 = 1_000_000
        var statistics = Self.statistics(errorNs)
        var window = Self.window(errorNs)
        let cases: [(delayNs: Int64, arrival: Arrival)] = [
            (-errorNs, .inTime), (Self.timeoutNs + errorNs, .inTime),
            (Self.timeoutNs + errorNs + 1, .late), (-errorNs - 1, .impossible),
        ]
        for (sequence, (delayNs, arrival)) in cases.enumerated() {
            let sentNs = 1_000_000_000 + Int64(sequence) * 1_000_000
            #expect(
                window.recordArrival(
                    wireSequence: UInt32(sequence), stampNs: sentNs,
                    receivedNs: sentNs + delayNs, into: &statistics) == arrival)
        }
    }

    private static func window(_ errorNs: Int64) -> ArrivalWindow {
        ArrivalWindow(
            capacity: 256, firstSequence: 0, timeoutNs: timeoutNs + 2 * errorNs, hasStamps: true,
            delayBiasNs: errorNs)
    }

    private static func statistics(_ errorNs: Int64) -> StreamStatistics {
        StreamStatistics(
            configuration: StreamConfiguration(
                timeoutNs: timeoutNs + 2 * errorNs, payloadBytes: 100, startNs: 0,
                direction: .oneWay))
    }
}
