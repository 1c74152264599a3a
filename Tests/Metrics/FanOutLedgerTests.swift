import Testing

@testable import Metrics

/// The accounts of a room.
@Suite struct FanOutLedgerTests {
    private func ledger(
        delivered: Int = 38, late: Int = 1, fannedOut: Int = 39, failed: Int = 1, drops: Int = 0
    ) -> FanOutLedger {
        FanOutLedger(
            messages: 10, expected: 40, fannedOut: fannedOut, failed: failed,
            delivered: delivered, late: late, duplicates: 2, drops: drops)
    }

    @Test("what is missing is overflow as far as the drops go, and the rest is lost")
    func split() {
        #expect(ledger().lost == 1)
        #expect(ledger().missing == 2)
        #expect(ledger().imbalances() == [])
        let overflown = ledger(delivered: 30, drops: 5)
        #expect(overflown.memberOverflow == 5)
        #expect(overflown.lost == 4)
        #expect(overflown.imbalances() == [])
        // Drops of what the warm-up sent prove no more than what is missing.
        #expect(ledger(drops: 50).memberOverflow == 1)
    }

    @Test("more delivered than was sent is no ledger")
    func impossible() {
        let sentences = ledger(delivered: 41).imbalances()
        #expect(sentences.contains { $0.hasPrefix("lost is -2") }, "\(sentences)")
    }

    @Test("each line is held")
    func lines() {
        for account: WritableKeyPath<FanOutLedger, Int> in [
            \.expected, \.fannedOut, \.failed, \.lost, \.delivered, \.inTime, \.late,
        ] {
            var ledger = ledger()
            ledger[keyPath: account] += 1
            #expect(!ledger.imbalances().isEmpty, "\(account)")
        }
        var overflown = ledger()
        overflown.memberOverflow = (overflown.memberOverflow ?? 0) + 1
        #expect(!overflown.imbalances().isEmpty)
    }

    @Test("L15 a room of no messages balances")
    func l15empty() {
        #expect(FanOutLedger().imbalances() == [])
        #expect(FanOutLedger().missing == 0)
    }
}
