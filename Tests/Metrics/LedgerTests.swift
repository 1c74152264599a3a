import Harness
import Testing

@testable import Metrics

/// The identities of design §5, and the remainders that make them hold.
struct LedgerTests {
    /// Every account known: 100 scheduled, 90 sent, 70 at the responder, 50 back.
    private var balanced: Ledger {
        var ledger = Ledger()
        ledger.scheduled = 100
        ledger.sent = 90
        ledger.skipped = 4
        ledger.refused = 1
        ledger.localQueue = 2
        ledger.localFirewall = 1
        ledger.tooBig = 1
        ledger.otherError = 1
        ledger.forwardInjected = 6
        ledger.forwardCorrupt = 2
        ledger.responderOverflow = 5
        ledger.outage = 4
        ledger.forwardLost = 3
        ledger.responderReceived = 70
        ledger.echoed = 66
        ledger.echoFailed = 3
        ledger.rejected = 1
        ledger.backwardInjected = 5
        ledger.backwardCorrupt = 2
        ledger.senderOverflow = 4
        ledger.beyondWindow = 2
        ledger.backwardLost = 3
        ledger.received = 50
        ledger.inTime = 48
        ledger.late = 2
        return ledger
    }

    @Test func aFullLedgerBalances() {
        #expect(balanced.imbalances() == [])
        #expect(Ledger().imbalances() == [])
    }

    @Test func whatANetworkDidToRequestsIsAtMostWhatHasNoAnswer() {
        var random = SeededGenerator(seed: 15)
        for _ in 0..<2_000 {
            func count() -> Int { Int(random.next() % 50) }
            var sender = LedgerBuilder.Sender()
            sender.accounts.sent = 100 + count()
            sender.accounts.scheduled = sender.accounts.sent
            sender.inTime = count()
            sender.wrongAnswers = count()
            var way = LedgerBuilder.Way()
            way.forwardInjected = count()
            way.backwardInjected = count()
            way.forwardCorrupt = count()
            way.backwardCorrupt = count()
            let before = way
            way.limit(to: sender.unanswered)
            let injected = [
                way.forwardInjected, way.backwardInjected, way.forwardCorrupt, way.backwardCorrupt,
            ].compactMap(\.self).reduce(0, +)
            #expect(injected <= sender.unanswered)
            #expect(way.forwardInjected == min(before.forwardInjected ?? 0, sender.unanswered))
            let drops = count()
            let ledger = LedgerBuilder.roundTrip(
                sender: sender, responder: nil, overflow: drops, way: way)
            #expect(ledger.imbalances() == [])
            #expect(ledger.responderOverflow == min(drops, sender.unanswered - injected))
            let told = LedgerBuilder.untold(sender: sender, overflow: drops, way: way)
            #expect(
                (told.responderOverflow ?? 0) + (told.untold ?? 0) + (way.forwardInjected ?? 0)
                    + (way.forwardCorrupt ?? 0) == told.sent)
        }
    }

    @Test func everyAccountThatIsOffByOneUnbalancesALine() {
        let accounts: [WritableKeyPath<Ledger, Int>] = [
            \.scheduled, \.sent, \.skipped, \.refused, \.localQueue, \.localFirewall, \.tooBig,
            \.otherError, \.received, \.inTime, \.late,
        ]
        for account in accounts {
            var ledger = balanced
            ledger[keyPath: account] += 1
            #expect(!ledger.imbalances().isEmpty, "\(account)")
        }
        let accountsThatMayBeUnknown: [WritableKeyPath<Ledger, Int?>] = [
            \.forwardInjected, \.forwardCorrupt, \.responderOverflow, \.outage, \.forwardLost,
            \.responderReceived, \.echoed, \.echoFailed, \.rejected, \.backwardInjected,
            \.backwardCorrupt, \.senderOverflow, \.beyondWindow, \.backwardLost, \.lostUnsplit,
            \.untold, \.wrongAnswer, \.waiting,
        ]
        for account in accountsThatMayBeUnknown {
            var ledger = balanced
            ledger[keyPath: account] = (ledger[keyPath: account] ?? 0) + 1
            #expect(!ledger.imbalances().isEmpty, "\(account)")
        }
    }

    @Test func theSentenceNamesTheLineAndItsFigures() {
        var ledger = balanced
        ledger.backwardLost = 2
        #expect(
            ledger.imbalances() == [
                "echoed 66 is not backward_injected 5 + backward_corrupt 2 + sender_overflow 4"
                    + " + beyond_window 2 + backward_lost 2 + received 50 = 65"
            ])
    }

    @Test func anUnknownLeftSideJoinsTheTwoLinesAroundIt() {
        var ledger = balanced
        ledger.responderReceived = nil
        #expect(ledger.imbalances() == [])
        ledger.echoed = nil
        #expect(ledger.imbalances() == [])
        ledger.backwardLost = nil
        ledger.forwardLost = nil
        ledger.lostUnsplit = 6
        #expect(ledger.imbalances() == [])
        ledger.lostUnsplit = 5
        #expect(ledger.imbalances().count == 1)
        ledger.lostUnsplit = nil
        #expect(ledger.imbalances().count == 1)
    }

    @Test func anAccountBelowZeroIsAnImbalanceEvenIfTheSumHolds() {
        var ledger = balanced
        ledger.forwardLost = -2
        ledger.outage = 9
        #expect(
            ledger.imbalances() == ["forward_lost is -2, and no account can be below zero"])
    }

    @Test func absurdCountsAreAnImbalanceAndNoTrap() {
        var ledger = balanced
        ledger.forwardInjected = .max
        ledger.outage = .max
        #expect(ledger.imbalances().count == 1)
    }

    @Test func anUnsplitLossBesideASplitOneIsNamed() {
        var ledger = balanced
        ledger.lostUnsplit = 0
        #expect(ledger.imbalances().count == 1)
    }

    // MARK: The builder

    @Test func whatTheBuilderDerivesAlwaysBalances() {
        for seed in 1...500 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            func upTo(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &generator) }
            var sender = LedgerBuilder.Sender()
            sender.accounts.sent = upTo(1_000)
            sender.accounts.skipped = upTo(9)
            sender.accounts.refused = upTo(9)
            sender.accounts.localQueue = upTo(9)
            sender.accounts.localFirewall = upTo(9)
            sender.accounts.tooBig = upTo(9)
            sender.accounts.otherError = upTo(9)
            sender.accounts.scheduled =
                sender.accounts.sent + sender.accounts.skipped + sender.accounts.refused
                + sender.accounts.localQueue
                + sender.accounts.localFirewall + sender.accounts.tooBig
                + sender.accounts.otherError
            var way = LedgerBuilder.Way()
            if upTo(1) == 1 { way.forwardInjected = upTo(sender.accounts.sent) }
            var responder = LedgerBuilder.Responder()
            var reached = sender.accounts.sent - (way.forwardInjected ?? 0)
            if upTo(1) == 1 { way.forwardCorrupt = upTo(reached) }
            reached -= way.forwardCorrupt ?? 0
            let missing = upTo(reached)
            responder.received = reached - missing
            responder.overflow =
                LedgerBuilder.provenOverflow(
                    missing: [missing, upTo(50)], drops: upTo(200))[0]
            responder.echoFailed = upTo(responder.received)
            responder.rejected = upTo(responder.received - responder.echoFailed)
            let echoed = responder.received - responder.echoFailed - responder.rejected
            if upTo(1) == 1 { way.backwardInjected = upTo(echoed) }
            var returned = echoed - (way.backwardInjected ?? 0)
            if upTo(1) == 1 { way.backwardCorrupt = upTo(returned) }
            returned -= way.backwardCorrupt ?? 0
            sender.inTime = upTo(returned)
            sender.late = upTo(returned - sender.inTime)
            sender.socketDrops = upTo(300)
            sender.beyondWindow = upTo(300)
            way.beyondWindow = upTo(30)
            let ledgers = [
                LedgerBuilder.roundTrip(sender: sender, responder: responder, way: way),
                LedgerBuilder.roundTrip(sender: sender, responder: nil, way: way),
                LedgerBuilder.oneWay(
                    sender: sender, inTime: responder.received, late: 0,
                    overflow: responder.overflow, way: way),
            ]
            for ledger in ledgers { #expect(ledger.imbalances() == [], "seed \(seed)") }
            #expect(ledgers[1].responderReceived == nil)
            #expect(ledgers[1].backwardLost == nil)
            #expect(ledgers[2].echoed == nil)
            #expect(ledgers[2].backwardLost == nil)
        }
    }

    @Test("what came too late to be told apart is no loss of the way back")
    func beyondWindow() {
        var sender = LedgerBuilder.Sender()
        sender.accounts.sent = 100
        sender.inTime = 60
        sender.beyondWindow = 25
        sender.socketDrops = 10
        var responder = LedgerBuilder.Responder()
        responder.received = 100
        var ledger = LedgerBuilder.roundTrip(sender: sender, responder: responder)
        #expect(ledger.beyondWindow == 25)
        #expect(ledger.senderOverflow == 10)
        #expect(ledger.backwardLost == 5)
        // Copies of answers that are in other accounts prove nothing.
        sender.beyondWindow = 90
        ledger = LedgerBuilder.roundTrip(sender: sender, responder: responder)
        #expect(ledger.beyondWindow == 40)
        #expect(ledger.senderOverflow == 0)
        #expect(ledger.backwardLost == 0)
        #expect(LedgerBuilder.roundTrip(sender: sender, responder: nil).lostUnsplit == 0)
    }

    @Test func aResponderThatHeardMoreThanWasSentIsAnImbalance() {
        var sender = LedgerBuilder.Sender()
        sender.accounts.scheduled = 10
        sender.accounts.sent = 10
        sender.inTime = 10
        var responder = LedgerBuilder.Responder()
        responder.received = 12
        let ledger = LedgerBuilder.roundTrip(sender: sender, responder: responder)
        #expect(ledger.forwardLost == -2)
        #expect(ledger.imbalances().count == 1)
    }

    @Test func dropsThatCoverAllThatIsMissingAreTheOverflow() {
        #expect(LedgerBuilder.provenOverflow(missing: [3, 0, 4], drops: 7) == [3, 0, 4])
        #expect(LedgerBuilder.provenOverflow(missing: [3, 0, 4], drops: 90) == [3, 0, 4])
    }

    @Test func aDropOfASuperPacketCoversAllItsDatagrams() {
        func proven(_ missing: [Int]) -> [Int] {
            LedgerBuilder.provenOverflow(missing: missing, drops: 10, datagramsPerDrop: 64)
        }
        #expect(proven([640]) == [640])
        // The last of a stream may be shorter.
        #expect(proven([630]) == [630])
        #expect(proven([700]) == [640])
        #expect(proven([600, 100]) == [540, 40])
    }

    @Test func fewerDropsAreAStreamsOnlyAsFarAsTheOthersCannotExplainThem() {
        #expect(LedgerBuilder.provenOverflow(missing: [10], drops: 4) == [4])
        #expect(LedgerBuilder.provenOverflow(missing: [10, 2], drops: 4) == [2, 0])
        #expect(LedgerBuilder.provenOverflow(missing: [10, 10], drops: 4) == [0, 0])
        #expect(LedgerBuilder.provenOverflow(missing: [], drops: 4) == [])
        #expect(LedgerBuilder.provenOverflow(missing: [-5, 3], drops: 2) == [0, 2])
    }
}
