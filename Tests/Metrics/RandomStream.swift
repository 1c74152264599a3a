import Harness

@testable import Metrics

/// A seeded stream of several flows across a bad network: what is sent when, and which copies
/// arrive when.
struct RandomStream {
    enum Event {
        /// `count` probes of a flow from `first` on, sent together.
        case sent(flow: Int, first: Int, count: Int, dueNs: Int64, stepNs: Int64)
        case arrived(flow: Int, index: Int)

        /// At the same time, what is sent comes first, then the arrivals by number.
        var rank: (Int, Int, Int) {
            switch self {
            case .sent(let flow, let first, _, _, _): (0, flow, first)
            case .arrived(let flow, let index): (1, flow, index)
            }
        }
    }

    static let timeoutNs: Int64 = 1_000_000

    var firstSequences: [UInt64] = []
    var probes: [[SlowFlow.Probe]] = []
    var timeline: [(timeNs: Int64, event: Event)] = []

    private struct Weather {
        var loss: Double
        var stickiness: Double
        var jitterNs: Int64
        var tardy: Double
        var duplicate: Double
        var together: Double
    }

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for flow in 0..<Int.random(in: 1...3, using: &generator) {
            addFlow(flow, using: &generator)
        }
        timeline.sort {
            ($0.timeNs, $0.event.rank.0, $0.event.rank.1, $0.event.rank.2)
                < ($1.timeNs, $1.event.rank.0, $1.event.rank.1, $1.event.rank.2)
        }
    }

    private mutating func addFlow(_ flow: Int, using generator: inout SeededGenerator) {
        let wrap = UInt64(1) << 32
        firstSequences.append(
            [
                0, 1, wrap - 5, wrap - 60, wrap * 3 - 2,
                UInt64.random(in: 0..<wrap, using: &generator),
            ]
            .randomElement(using: &generator) ?? 0)
        let weather = Weather(
            loss: [0, 0.03, 0.3, 1].randomElement(using: &generator) ?? 0,
            stickiness: [0, 0.7].randomElement(using: &generator) ?? 0,
            jitterNs: [0, 50_000, 600_000].randomElement(using: &generator) ?? 0,
            tardy: [0, 0.05].randomElement(using: &generator) ?? 0,
            duplicate: [0, 0.1].randomElement(using: &generator) ?? 0,
            together: [0.2, 0.95].randomElement(using: &generator) ?? 0)
        let total = Int.random(in: 0...100, using: &generator)
        var sent: [SlowFlow.Probe] = []
        var timeNs: Int64 = 0
        var wasLost = false
        while sent.count < total {
            timeNs += Int64.random(in: 0...200_000, using: &generator)
            let count = min(Int.random(in: 1...8, using: &generator), total - sent.count)
            let dueNs = timeNs - Int64.random(in: 0...50_000, using: &generator)
            let stepNs = Int64.random(in: 0...9_000, using: &generator)
            let first = sent.count
            timeline.append(
                (
                    timeNs,
                    .sent(flow: flow, first: first, count: count, dueNs: dueNs, stepNs: stepNs)
                ))
            let common = Self.delay(weather, using: &generator)
            for offset in 0..<count {
                sent.append(.init(sentNs: timeNs, dueNs: dueNs + Int64(offset) * stepNs))
                let chance = wasLost ? max(weather.loss, weather.stickiness) : weather.loss
                wasLost = weather.loss > 0 && Double.random(in: 0..<1, using: &generator) < chance
                guard !wasLost else { continue }
                let isCommon = Double.random(in: 0..<1, using: &generator) < weather.together
                let delay = isCommon ? common : Self.delay(weather, using: &generator)
                arrive(flow, first + offset, timeNs + delay, weather, using: &generator)
            }
        }
        probes.append(sent)
    }

    private mutating func arrive(
        _ flow: Int, _ index: Int, _ timeNs: Int64, _ weather: Weather,
        using generator: inout SeededGenerator
    ) {
        timeline.append((timeNs, .arrived(flow: flow, index: index)))
        while Double.random(in: 0..<1, using: &generator) < weather.duplicate {
            let later = Int64.random(in: 0...4, using: &generator) * 300_000
            timeline.append((timeNs + later, .arrived(flow: flow, index: index)))
        }
    }

    private static func delay(_ weather: Weather, using generator: inout SeededGenerator) -> Int64 {
        let tardy = Double.random(in: 0..<1, using: &generator) < weather.tardy
        // In steps, so that arrivals coincide.
        return 300_000 + Int64.random(in: 0...weather.jitterNs, using: &generator) / 10_000 * 10_000
            + (tardy ? 1_500_000 : 0)
    }
}
