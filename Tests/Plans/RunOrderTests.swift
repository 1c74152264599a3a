import Testing

@testable import Plans

@Suite struct RunOrderTests {
    private func runs(_ order: String?, seed: Int = 0) throws -> [PlannedRun] {
        let key = order.map { ", \"order\": \"\($0)\"" } ?? ""
        let plan = try read(
            planText(
                networks: "\"a\": { \"kind\": \"loopback\" }, \"b\": { \"kind\": \"emulated\" }",
                scenario: "\"networks\": [\"a\", \"b\"], \"repeat\": 3, \"responder\": \"echo\""
                    + key,
                more: ", \"seed\": \(seed)"))
        return plan.runs(of: try #require(plan.scenarios.first))
    }

    private func names(_ runs: [PlannedRun]) -> [String] {
        runs.map { "\($0.network.name)\($0.repetition)" }
    }

    @Test func networksTakeTurnsUnlessThePlanSaysOtherwise() throws {
        #expect(names(try runs(nil)) == ["a1", "b1", "a2", "b2", "a3", "b3"])
        #expect(try runs("interleaved") == runs(nil))
        #expect(names(try runs("sequential")) == ["a1", "a2", "a3", "b1", "b2", "b3"])
    }

    @Test func theSeedDecidesOnAShuffledOrder() throws {
        let orders = try (0..<40).map { names(try runs("shuffled", seed: $0)) }
        #expect(orders.allSatisfy { $0.sorted() == ["a1", "a2", "a3", "b1", "b2", "b3"] })
        #expect(try names(runs("shuffled", seed: 7)) == orders[7])
        #expect(Set(orders).count > 30)
    }

    @Test func networksShareTheSeedOfARepeat() throws {
        let found = try runs("sequential", seed: 5)
        #expect(found.allSatisfy { $0.seed >= 0 })
        #expect(found[0].seed == found[3].seed)
        #expect(Set(found.map(\.seed)).count == 3)
        let other = try runs("sequential", seed: 6)
        #expect(Set(found.map(\.seed)).isDisjoint(with: other.map(\.seed)))
        // In whichever order the runs are.
        let shuffled = try runs("shuffled", seed: 5)
        #expect(shuffled.allSatisfy { found.contains($0) })
    }
}
