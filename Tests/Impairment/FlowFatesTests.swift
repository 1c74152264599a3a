import Testing

@testable import Impairment

@Suite struct FlowFatesTests {
    private static let mixed = Impairment(
        loss: .gilbertElliott(
            p: .percent(5), r: .percent(30), lossGood: .percent(1), lossBad: .percent(90)),
        delay: .normal(meanNs: 20_000_000, deviationNs: 3_000_000),
        jitter: JitterModel(amountNs: 1_000_000, keepsOrder: true),
        reorder: ReorderModel(probability: .percent(3), depth: 2),
        duplicate: DuplicateModel(probability: .percent(2), copies: 1),
        alterations: [.corrupt(.percent(1), bits: 3)])

    @Test func aFateDependsOnSeedDirectionFlowAndNumberOnly() {
        let flows = (0..<5).map { fates(Self.mixed, seed: 11, flow: $0, count: 400) }
        // The same flows, taken in turns that change all the time.
        var mixed = (0..<5).map {
            FlowFates(Self.mixed, seed: 11, direction: .forward, flow: $0)
        }
        var seen = [[Fate]](repeating: [], count: 5)
        var turn = 0
        while seen.contains(where: { $0.count < 400 }) {
            turn += 1
            let flow = turn * turn % 7 % 5
            let next = seen[flow].count < 400 ? flow : seen.firstIndex { $0.count < 400 } ?? 0
            seen[next].append(mixed[next].next())
        }
        #expect(seen == flows)
    }

    @Test func anotherSeedDirectionOrFlowIsAnotherFate() {
        let one = fates(Self.mixed, seed: 11, flow: 0, count: 200)
        #expect(fates(Self.mixed, seed: 11, flow: 0, count: 200) == one)
        #expect(fates(Self.mixed, seed: 12, flow: 0, count: 200) != one)
        #expect(fates(Self.mixed, seed: 11, .backward, flow: 0, count: 200) != one)
        #expect(fates(Self.mixed, seed: 11, flow: 1, count: 200) != one)
    }

    @Test func aTransparentImpairmentTouchesNothing() {
        #expect(Impairment().isTransparent)
        #expect(!Self.mixed.isTransparent)
        #expect(fates(Impairment(), count: 100) == [Fate](repeating: Fate(), count: 100))
    }

    @Test func aLostDatagramHasNoOtherFate() {
        let lost = fates(Self.mixed, count: 2_000).filter(\.isLost)
        #expect(!lost.isEmpty)
        #expect(lost.allSatisfy { $0 == Fate(isLost: true) })
    }

    // MARK: Shared randomness

    @Test("of two networks the one with the higher loss loses all that the other does")
    func moreLossOnlyAddsLosses() {
        let models: [(LossModel, LossModel)] = [
            (.bernoulli(probability: .percent(1)), .bernoulli(probability: .percent(3))),
            (chain(p: 1, r: 30), chain(p: 4, r: 30)), (chain(p: 1, r: 30), chain(p: 1, r: 10)),
            (chain(p: 1, r: 30, good: 0.1), chain(p: 1, r: 30, good: 2)),
            (chain(p: 1, r: 30, bad: 60), chain(p: 1, r: 30, bad: 90)),
            (
                .burst(probability: .percent(1), length: 4),
                .burst(probability: .percent(2), length: 4)
            ),
            (
                .burst(probability: .percent(1), length: 4),
                .burst(probability: .percent(1), length: 6)
            ),
        ]
        for (mild, harsh) in models {
            let few = losses(mild, count: 20_000)
            let many = losses(harsh, count: 20_000)
            #expect(zip(few, many).allSatisfy { !$0 || $1 }, "\(mild)")
            #expect(many.filter { $0 }.count > few.filter { $0 }.count, "\(mild)")
        }
    }

    private func chain(
        p: Double, r: Double, good: Double = 0, bad: Double = 100
    ) -> LossModel {
        .gilbertElliott(
            p: .percent(p), r: .percent(r), lossGood: .percent(good), lossBad: .percent(bad))
    }

    @Test func oneParameterLeavesTheRandomnessOfTheOthersAlone() {
        let base = fates(Self.mixed, count: 3_000)
        var changes: [(Impairment, [KeyPath<Fate, Int64>], [KeyPath<Fate, Int>])] = []
        var other = Self.mixed
        other.loss = .bernoulli(probability: .percent(10))
        changes.append((other, [\.delayNs], [\.copies, \.holdDepth, \.corruptedBits]))
        other = Self.mixed
        other.delay = .constant(ns: 1)
        changes.append((other, [], [\.copies, \.holdDepth, \.corruptedBits]))
        other = Self.mixed
        other.jitter = nil
        other.duplicate = nil
        changes.append((other, [], [\.holdDepth, \.corruptedBits]))
        other = Self.mixed
        other.reorder = nil
        other.alterations[0].amount = 9
        changes.append((other, [\.delayNs], [\.copies]))
        for (impairment, times, numbers) in changes {
            let changed = fates(impairment, count: 3_000)
            #expect(changed != base)
            for (one, two) in zip(base, changed) where !one.isLost && !two.isLost {
                for path in times { #expect(one[keyPath: path] == two[keyPath: path]) }
                for path in numbers { #expect(one[keyPath: path] == two[keyPath: path]) }
            }
            if impairment.loss == Self.mixed.loss {
                #expect(changed.map(\.isLost) == base.map(\.isLost))
            }
        }
    }

    // MARK: Replacing

    @Test func anImpairmentThatIsReplacedByItselfChangesNothing() {
        var flow = FlowFates(Self.mixed, seed: 4, direction: .backward, flow: 3)
        var seen: [Fate] = []
        for n in 0..<500 {
            if n % 7 == 3 { flow.replace(Self.mixed) }
            seen.append(flow.next())
        }
        #expect(seen == fates(Self.mixed, seed: 4, .backward, flow: 3, count: 500))
    }

    @Test func anotherImpairmentGoesOnWithTheNumbersWhereTheFirstStopped() {
        let first = Impairment(loss: .list([0, 5, 120]))
        let second = Impairment(
            loss: .list([3, 101, 150]), delay: .uniform(lowNs: 0, highNs: 1_000_000))
        var flow = FlowFates(first, seed: 4, direction: .forward, flow: 0)
        let before = (0..<100).map { _ in flow.next() }
        flow.replace(second)
        let after = (0..<100).map { _ in flow.next() }
        #expect(flow.count == 200)
        #expect(before == Array(fates(first, seed: 4, count: 100)))
        #expect(after == Array(fates(second, seed: 4, count: 200)[100...]))
    }
}
