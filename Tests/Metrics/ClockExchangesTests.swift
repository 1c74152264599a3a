import Harness
import Metrics
import Testing

/// The offset of another host's clock, against the truth of made-up exchanges.
@Suite struct ClockExchangesTests {
    /// Another host with a clock that drifts, at the end of a line with random delays.
    private struct World {
        let startNs: Int64
        let offsetNs: Int64
        let drift: Double
        let forwardNs: ClosedRange<Int64>
        let backwardNs: ClosedRange<Int64>
        /// A step of the other clock, and when it happens after the start.
        var step: (afterNs: Int64, ns: Int64)?

        func offset(atNs: Int64) -> Double {
            let elapsedNs = atNs - startNs
            let stepNs = step.map { elapsedNs >= $0.afterNs ? $0.ns : 0 } ?? 0
            return Double(offsetNs + stepNs) + Double(elapsedNs) * drift
        }

        func there(_ hereNs: Int64) -> Int64 { hereNs + Int64(offset(atNs: hereNs).rounded()) }

        func exchanges(
            _ count: Int, everyNs: Int64, _ random: inout Harness.SeededGenerator
        ) -> ClockExchanges {
            var exchanges = ClockExchanges()
            var nowNs = startNs
            for _ in 0..<count {
                let askedNs = nowNs
                let arrivedNs = askedNs + Int64.random(in: forwardNs, using: &random)
                let answeredNs =
                    arrivedNs + 1_000 + Int64.random(in: backwardNs, using: &random)
                exchanges.add(
                    askedNs: askedNs, receivedNs: there(arrivedNs),
                    sentNs: there(arrivedNs + 1_000), answeredNs: answeredNs)
                nowNs = max(answeredNs, askedNs + everyNs)
            }
            return exchanges
        }
    }

    private static func world(_ random: inout Harness.SeededGenerator) -> World {
        let leastForward = Int64.random(in: 1_000...20_000_000, using: &random)
        let leastBackward = Int64.random(in: 1_000...20_000_000, using: &random)
        return World(
            startNs: Int64.random(in: 0...1_000_000_000_000_000, using: &random),
            offsetNs: Int64.random(
                in: -1_000_000_000_000_000...1_000_000_000_000_000, using: &random),
            drift: Double(Int.random(in: -100...100, using: &random)) * 1e-6,
            forwardNs:
                leastForward...(leastForward + Int64.random(in: 1...9_000_000, using: &random)),
            backwardNs:
                leastBackward...(leastBackward
                + Int64.random(in: 1...9_000_000, using: &random)))
    }

    @Test("the true offset is within the stated error, whatever the drift and the asymmetry")
    func bound() throws {
        for seed in 0..<UInt64(200) {
            var random = Harness.SeededGenerator(seed: seed)
            let world = Self.world(&random)
            let everyNs = Int64.random(in: 1_000_000...1_000_000_000, using: &random)
            let exchanges = world.exchanges(64, everyNs: everyNs, &random)
            #expect(exchanges.count == 64)
            #expect(exchanges.isConsistent, "seed \(seed)")
            // Before, within and behind the exchanges.
            for _ in 0..<20 {
                let atNs =
                    world.startNs
                    + Int64.random(in: -2_000_000_000...80_000_000_000, using: &random)
                let found = try #require(exchanges.offset(atNs: atNs))
                let truth = world.offset(atNs: atNs)
                #expect(
                    abs(Double(found.offsetNs) - truth) <= Double(found.errorNs) + 2,
                    "seed \(seed): \(found) for \(truth)")
            }
        }
    }

    @Test("within the exchanges the error is no more than half of the shortest round trip")
    func errorIsHalfARoundTrip() throws {
        var random = Harness.SeededGenerator(seed: 7)
        for _ in 0..<50 {
            let world = Self.world(&random)
            let exchanges = world.exchanges(200, everyNs: 50_000_000, &random)
            let shortestNs = try #require(exchanges.roundTripMinNs)
            let found = try #require(exchanges.offset(atNs: world.startNs + 5_000_000_000))
            // The hull joins the best exchanges on either side, of which none is much worse.
            #expect(found.errorNs <= shortestNs / 2 + 1_500_000)
        }
    }

    @Test("a drift is found to a few millionths")
    func drift() throws {
        for ppm in [-50.0, -3, 0, 8, 50] {
            var random = Harness.SeededGenerator(seed: 11)
            let world = World(
                startNs: 5, offsetNs: 1_000_000_000_000_000, drift: ppm * 1e-6,
                forwardNs: 100_000...400_000, backwardNs: 100_000...300_000)
            let found = try #require(world.exchanges(120, everyNs: 1_000_000_000, &random).driftPpm)
            #expect(abs(found - ppm) < 3, "\(found) for \(ppm)")
        }
    }

    @Test("a clock that was stepped satisfies no straight line")
    func step() {
        var random = Harness.SeededGenerator(seed: 3)
        for stepNs in [Int64(-1_000_000_000), -20_000_000, 20_000_000, 1_000_000_000] {
            var world = World(
                startNs: 0, offsetNs: 77, drift: 5e-6, forwardNs: 100_000...400_000,
                backwardNs: 100_000...400_000)
            world.step = (10_000_000_000, stepNs)
            #expect(!world.exchanges(40, everyNs: 500_000_000, &random).isConsistent)
        }
    }

    @Test("without an exchange nothing is known, and one gives half its round trip")
    func few() throws {
        var exchanges = ClockExchanges()
        #expect(exchanges.offset(atNs: 5) == nil)
        #expect(exchanges.driftPpm == nil)
        exchanges.add(askedNs: 100, receivedNs: 1_150, sentNs: 1_160, answeredNs: 210)
        let found = try #require(exchanges.offset(atNs: 150))
        #expect(exchanges.roundTripMinNs == 100)
        #expect(found.offsetNs == 1_000)
        #expect(found.errorNs == 51)
    }
}
