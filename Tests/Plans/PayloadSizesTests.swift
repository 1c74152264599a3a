import Load
import Testing

/// The sizes of a mix: the same at every end, and as frequent as the plan says.
@Suite struct PayloadSizesTests {
    @Test("sizes are as frequent as their weights, in every flow")
    func weights() {
        var sizes = PayloadSizes([
            .init(low: 28, high: 28, weight: 7), .init(low: 548, high: 548, weight: 4),
            .init(low: 1_472, high: 1_472, weight: 1),
        ])
        for seed in [0, 1, 1 << 40] {
            sizes.seed = seed
            for session in [1, 2, 65_535] as [UInt16] {
                var counts: [Int: Int] = [:]
                for sequence in 0..<12_000 as Range<UInt32> {
                    counts[sizes.bytes(session: session, sequence: sequence), default: 0] += 1
                }
                // Five deviations of a binomial number.
                #expect(abs((counts[28] ?? 0) - 7_000) < 270, "\(counts)")
                #expect(abs((counts[548] ?? 0) - 4_000) < 260, "\(counts)")
                #expect(abs((counts[1_472] ?? 0) - 1_000) < 152, "\(counts)")
                #expect(counts.count == 3)
            }
        }
        #expect(sizes.bytesMost == 1_472)
        #expect(abs(sizes.meanBytes - (7 * 28 + 4 * 548 + 1_472) / 12.0) < 1e-9)
    }

    @Test("a uniform range has both of its ends, and nothing beyond them")
    func uniform() {
        let sizes = PayloadSizes([.init(low: 60, high: 69, weight: 3)])
        var counts = [Int](repeating: 0, count: 100)
        for sequence in 0..<10_000 as Range<UInt32> {
            counts[sizes.bytes(session: 9, sequence: sequence)] += 1
        }
        #expect(counts[60...69].allSatisfy { abs($0 - 1_000) < 150 }, "\(counts)")
        #expect(counts.reduce(0, +) == counts[60...69].reduce(0, +))
        #expect(sizes.meanBytes == 64.5)
    }

    @Test("the seed and the flow change the sizes, and nothing else does")
    func seeds() {
        var sizes = PayloadSizes([.init(low: 28, high: 1_000, weight: 1)])
        func some(_ sizes: PayloadSizes, _ session: UInt16) -> [Int] {
            (0..<50).map { sizes.bytes(session: session, sequence: $0) }
        }
        let first = some(sizes, 1)
        #expect(some(sizes, 1) == first)
        #expect(some(sizes, 2) != first)
        sizes.seed = 1
        #expect(some(sizes, 1) != first)
    }

    @Test("sizes in turn begin with the first one at the first number, also where numbers wrap")
    func inTurn() {
        var sizes = PayloadSizes(inTurn: [28, 500, 1_472])
        #expect(sizes.bytesMost == 1_472 && abs(sizes.meanBytes - 2_000 / 3.0) < 1e-9)
        for first in [0, 1, 7, .max - 1] as [UInt32] {
            sizes.first = first
            sizes.seed = Int(first)
            let some = (0..<7).map { sizes.bytes(session: 9, sequence: first &+ $0) }
            #expect(some == [28, 500, 1_472, 28, 500, 1_472, 28])
        }
    }

    @Test("every profile has a size and a rate, and says where they are from")
    func profiles() {
        for profile in TrafficProfile.allCases {
            #expect(profile.payloadBytes >= PayloadSizes.bytesLeast)
            #expect(profile.pps > 0)
            #expect(profile.about.contains("assumption") || profile.about.contains("RFC"))
        }
    }
}
