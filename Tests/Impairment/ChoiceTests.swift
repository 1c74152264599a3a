import Testing

@testable import Impairment

@Suite struct ChoiceTests {
    @Test func aShareOfTheDatagramsIsHitAsHardAsStated() {
        let found = fates(
            Impairment(
                reorder: ReorderModel(probability: .percent(5), depth: 4),
                duplicate: DuplicateModel(probability: .percent(10), copies: 3),
                alterations: [.corrupt(.percent(20), bits: 2)]), count: 50_000)
        #expect(isBinomial(found.filter { $0.holdDepth == 4 }.count, of: 50_000, 0.05))
        #expect(isBinomial(found.filter { $0.copies == 3 }.count, of: 50_000, 0.1))
        #expect(isBinomial(found.filter { $0.corruptedBits == 2 }.count, of: 50_000, 0.2))
        #expect(Set(found.map(\.holdDepth)) == [0, 4])
        #expect(Set(found.map(\.copies)) == [0, 3])
        #expect(Set(found.map(\.corruptedBits)) == [0, 2])
        // Each is chosen for itself.
        let twice = found.filter { $0.copies > 0 && $0.corruptedBits > 0 }.count
        #expect(isBinomial(twice, of: 50_000, 0.02))
    }

    @Test("H12 as many bits as stated are inverted, in every part of the payload")
    func bitsAreInverted() {
        var seen = [Int](repeating: 0, count: 96)
        for seed in 0..<6_000 {
            let corruption = Corruption(bits: 3, seed: UInt64(seed), payloadBytes: 12)
            let positions = (0..<corruption.count).map(corruption.position)
            #expect(Set(positions).count == 3)
            for position in positions { seen[position] += 1 }
            var payload = [UInt8](repeating: 0x5A, count: 12)
            payload.withUnsafeMutableBytes { corruption.apply(to: $0) }
            #expect(payload.map { ($0 ^ 0x5A).nonzeroBitCount }.reduce(0, +) == 3)
            payload.withUnsafeMutableBytes { corruption.apply(to: $0) }
            #expect(payload == [UInt8](repeating: 0x5A, count: 12))
        }
        let expected = [Double](repeating: 3 * 6_000 / 96, count: 96)
        #expect(chiSquare(seen, expected: expected) < chiSquareMax(freedom: 95))
    }

    @Test func aShortPayloadHasNoMoreBitsThanItHas() {
        let one = Corruption(bits: 20, seed: 0, payloadBytes: 1)
        #expect((0..<one.count).map(one.position) == Array(0..<8))
        #expect(Corruption(bits: 20, seed: 0, payloadBytes: 0).count == 0)
    }

    @Test func windowsAreOpenFromTheirStartToBeforeTheirEnd() {
        let windows = [
            TimeWindow(fromNs: 10, untilNs: 20), TimeWindow(fromNs: 30, untilNs: 31),
        ]
        let open = (0..<40).filter { windows.contain(Int64($0)) }
        #expect(open == Array(10..<20) + [30])
    }

    @Test func theDigestOfDecisionsDoesNotDependOnTheOrderOfFlows() {
        let model = Impairment(
            loss: .bernoulli(probability: .percent(30)),
            delay: .uniform(lowNs: 0, highNs: 1_000))
        let one = fates(model, flow: 0, count: 50)
        let two = fates(model, flow: 1, count: 50)
        var (apart, mixed, changed) = (DecisionDigest(), DecisionDigest(), DecisionDigest())
        for n in 0..<50 { apart.add(flow: 0, n: UInt64(n), one[n]) }
        for n in 0..<50 { apart.add(flow: 1, n: UInt64(n), two[n]) }
        for n in 0..<50 {
            mixed.add(flow: 1, n: UInt64(n), two[n])
            mixed.add(flow: 0, n: UInt64(n), one[n])
            changed.add(flow: 0, n: UInt64(n), two[n])
            changed.add(flow: 1, n: UInt64(n), one[n])
        }
        #expect(apart == mixed)
        #expect(apart.text == mixed.text)
        #expect(apart.text.utf8.count == 16)
        #expect(apart.text != changed.text)
        #expect(DecisionDigest().text == "0000000000000000")
    }
}
