import Glibc
import Testing

@testable import Impairment

@Suite struct DelayModelTests {
    @Test func aConstantDelayIsThatOfAll() {
        #expect(
            delays(.constant(ns: 20_000_000), count: 10) == Array(repeating: 20_000_000, count: 10))
        #expect(delays(nil, count: 10) == Array(repeating: 0, count: 10))
    }

    @Test func aUniformDelayIsAlikeFromEndToEnd() {
        let (low, bins, width): (Int64, Int, Int64) = (5_000, 100, 37)
        let high = low + Int64(bins) * width - 1
        let found = delays(.uniform(lowNs: low, highNs: high), count: 100_000)
        #expect(found.allSatisfy { (low...high).contains($0) })
        var seen = [Int](repeating: 0, count: bins)
        for delay in found { seen[Int((delay - low) / width)] += 1 }
        let expected = [Double](repeating: 1_000, count: bins)
        #expect(chiSquare(seen, expected: expected) < chiSquareMax(freedom: bins - 1))
        let few = Set(delays(.uniform(lowNs: 3, highNs: 5), count: 100))
        #expect(few == [3, 4, 5])
    }

    @Test func aNormalDelayHasItsQuantilesAndMoments() {
        let (mean, deviation) = (50_000_000.0, 4_000_000.0)
        let found = delays(.normal(meanNs: 50_000_000, deviationNs: 4_000_000), count: 100_000)
        for (z, share) in [
            (-3.0, 0.00134990), (-2, 0.0227501), (-1, 0.158655), (0, 0.5), (0.5, 0.691462),
            (1, 0.841345), (2, 0.977250), (3, 0.998650),
        ] {
            let below = found.filter { Double($0) < mean + z * deviation }.count
            #expect(isBinomial(below, of: found.count, share), "at \(z) deviations")
        }
        let (seenMean, seenDeviation) = moments(found)
        #expect(abs(seenMean - mean) < 5 * deviation / 316)
        #expect(abs(seenDeviation - deviation) < 5 * deviation / 447)
    }

    @Test func whatWouldBeNegativeIsZero() {
        let found = delays(.normal(meanNs: 1_000, deviationNs: 1_000), count: 20_000)
        #expect(found.allSatisfy { $0 >= 0 })
        #expect(isBinomial(found.filter { $0 == 0 }.count, of: found.count, 0.158754))
    }

    @Test func aParetoDelayHasItsTailAndItsCap() {
        let found = delays(.pareto(scaleNs: 1_000_000, shape: 2.5, capNs: nil), count: 100_000)
        #expect(found.allSatisfy { $0 >= 1_000_000 })
        for factor in [1.1, 1.5, 2, 4, 10] {
            let above = found.filter { Double($0) > factor * 1_000_000 }.count
            #expect(isBinomial(above, of: found.count, pow(factor, -2.5)), "above \(factor)")
        }
        let (mean, _) = moments(found)
        #expect(abs(mean - 2_500_000 / 1.5) < 20_000)
        let capped = delays(
            .pareto(scaleNs: 1_000_000, shape: 2.5, capNs: 2_000_000), count: 100_000)
        #expect(capped == found.map { min($0, 2_000_000) })
    }

    @Test func noTailIsLongerThanTheLongestDelay() {
        let found = delays(.pareto(scaleNs: 1_000_000, shape: 0.1, capNs: nil), count: 1_000)
        #expect(found.max() == Impairment.delayMaxNs)
        #expect(delays(.constant(ns: .max), count: 1) == [Impairment.delayMaxNs])
        let jitter = JitterModel(amountNs: .max, keepsOrder: true)
        #expect(delays(nil, jitter, count: 100).allSatisfy { $0 <= Impairment.delayMaxNs })
    }

    @Test func aTraceIsFollowedAndBegunAnew() {
        #expect(delays(.trace(ns: [3, 1, 2]), count: 7) == [3, 1, 2, 3, 1, 2, 3])
    }

    @Test func jitterIsAddedAndNeverMakesADelayNegative() {
        let jitter = JitterModel(amountNs: 100, keepsOrder: false)
        let found = delays(.constant(ns: 1_000), jitter, count: 40_200)
        var seen = [Int](repeating: 0, count: 201)
        for delay in found where (900...1_100).contains(delay) { seen[Int(delay - 900)] += 1 }
        #expect(seen.reduce(0, +) == found.count)
        let expected = [Double](repeating: 200, count: 201)
        #expect(chiSquare(seen, expected: expected) < chiSquareMax(freedom: 200))
        let alone = delays(nil, jitter, count: 10_000)
        #expect(alone.min() == 0)
        #expect(alone.max() == 100)
        #expect(isBinomial(alone.filter { $0 == 0 }.count, of: alone.count, 101.0 / 201))
    }

    @Test func orderIsKeptWhereTheJitterSaysSo() {
        let keeping = Impairment(jitter: JitterModel(amountNs: 1, keepsOrder: true))
        let mixing = Impairment(jitter: JitterModel(amountNs: 1, keepsOrder: false))
        #expect(keeping.keepsOrder)
        #expect(!mixing.keepsOrder)
        #expect(!Impairment(delay: .uniform(lowNs: 0, highNs: 9)).keepsOrder)
    }

    // MARK: Mathematics

    @Test func theLogarithmIsThatOfTheLibrary() {
        var x = 1e-300
        while x < 1e300 {
            #expect(abs(portableLog(x) - log(x)) <= 4e-16 * max(abs(log(x)), 1))
            x *= 1.37
        }
        #expect(portableLog(1) == 0)
    }

    @Test func theExponentialIsThatOfTheLibrary() {
        for step in -7_000...7_000 {
            let x = Double(step) / 10.03
            #expect(abs(portableExp(x) / exp(x) - 1) < 1e-15)
        }
        #expect(portableExp(0) == 1)
        #expect(portableExp(1_000).isFinite)
        #expect(portableExp(-1_000) >= 0)
    }

    @Test func theQuantilesOfTheNormalDistributionAreThoseOfTheTables() {
        // From Python's statistics.NormalDist, which has another implementation of the logarithm.
        for (p, z) in [
            (0.5, 0.0), (0.975, 1.9599639845400536), (0.001, -3.090232306167813),
            (1e-10, -6.361340902404056), (0.3, -0.5244005127080407),
            (1e-16, -8.222082216130435),
        ] {
            #expect(abs(normalQuantile(p) - z) <= 4e-15 * max(abs(z), 1))
        }
    }

    private func moments(_ values: [Int64]) -> (mean: Double, deviation: Double) {
        let mean = values.map(Double.init).reduce(0, +) / Double(values.count)
        let squares = values.map { (Double($0) - mean) * (Double($0) - mean) }.reduce(0, +)
        return (mean, (squares / Double(values.count)).squareRoot())
    }
}
