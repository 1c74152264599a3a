import Harness
import Testing

@testable import Metrics

/// Drifts and steps over the intervals of a stream, and noise that is neither.
struct CourseTests {
    /// Independent values, values that depend on the one before, rare outliers, and few levels.
    enum Noise: CaseIterable { case even, bell, sticky, spiky, coarse }

    private func found(_ values: [Double]) -> Course? {
        Course.of(values, leastChange: { 0.05 * $0 })
    }

    private func noise(
        _ kind: Noise, count: Int, using generator: inout SeededGenerator
    ) -> [Double] {
        var last = 0.0
        return (0..<count).map { _ in
            let even = Double.random(in: -1...1, using: &generator)
            let bell = (0..<6).reduce(0.0) { sum, _ in
                sum + Double.random(in: -0.5...0.5, using: &generator)
            }
            switch kind {
            case .even: return even
            case .bell: return bell
            case .sticky:
                last = 0.6 * last + 0.8 * bell
                return last
            case .spiky:
                return Double.random(in: 0..<1, using: &generator) < 0.05 ? 40 : bell
            case .coarse: return even < -0.8 ? 1 : 0
            }
        }
    }

    @Test(arguments: Noise.allCases) func noiseIsSteady(kind: Noise) {
        for seed in UInt64(1)...400 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: Course.valuesLeast...300, using: &generator)
            let level = Double.random(in: 0...20, using: &generator)
            let values = noise(kind, count: count, using: &generator).map { level + $0 }
            #expect(found(values)?.kind == .steady, "seed \(seed)")
        }
    }

    @Test(arguments: Noise.allCases) func aStepIsNamedWithItsPlaceAndLevels(kind: Noise) throws {
        for seed in UInt64(1)...100 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 60...300, using: &generator)
            let place = count * Int.random(in: 30...70, using: &generator) / 100
            let size = Bool.random(using: &generator) ? 10.0 : -10.0
            let values = noise(kind, count: count, using: &generator).enumerated().map {
                100 + $1 + ($0 < place ? 0 : size)
            }
            let course = try #require(found(values))
            #expect(course.kind == .step, "seed \(seed)")
            #expect(abs(try #require(course.stepIndex) - place) <= count / 10, "seed \(seed)")
            #expect(abs(course.before - 100) < 1.5, "seed \(seed)")
            #expect(abs(course.after - 100 - size) < 1.5, "seed \(seed)")
        }
    }

    @Test(arguments: Noise.allCases) func aDriftIsNamedWithItsEnds(kind: Noise) throws {
        for seed in UInt64(1)...100 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 60...300, using: &generator)
            let size = Bool.random(using: &generator) ? 12.0 : -12.0
            let values = noise(kind, count: count, using: &generator).enumerated().map {
                100 + $1 + size * Double($0) / Double(count - 1)
            }
            let course = try #require(found(values))
            #expect(course.kind == .drift, "seed \(seed)")
            #expect(course.stepIndex == nil)
            #expect(abs(course.after - course.before - size) < 3, "seed \(seed)")
        }
    }

    @Test func fewValuesHaveNoCourse() {
        let values = (0..<Course.valuesLeast).map { Double($0) }
        #expect(found(Array(values.dropLast())) == nil)
        #expect(found(values)?.kind == .drift)
        #expect(found([]) == nil)
    }

    @Test func equalValuesAreSteady() {
        let values = [Double](repeating: 7, count: 100)
        #expect(found(values) == Course(kind: .steady, before: 7, after: 7))
        #expect(found([Double](repeating: 0, count: 300))?.kind == .steady)
    }

    @Test func aBurstOfOutliersIsNoStep() {
        var values = [Double](repeating: 1, count: 300)
        for index in 100..<112 { values[index] = 1_000 }
        #expect(found(values)?.kind == .steady)
    }

    @Test func aChangeThatDoesNotMatterIsSteady() {
        let values = (0..<300).map { $0 < 150 ? 100.0 : 104.0 }
        #expect(found(values)?.kind == .steady)
        let greater = (0..<300).map { $0 < 150 ? 100.0 : 106.0 }
        #expect(found(greater) == Course(kind: .step, before: 100, after: 106, stepIndex: 150))
    }
}
