import Testing

@testable import Metrics

/// Counts that the kernel does not give: null, and never zero.
@Suite struct UnknownCountTests {
    private func sender(_ drops: Int?) -> LedgerBuilder.Sender {
        var sender = LedgerBuilder.Sender()
        sender.accounts.scheduled = 100
        sender.accounts.sent = 100
        sender.inTime = 90
        sender.socketDrops = drops
        return sender
    }

    @Test("T4 drops that nobody counts are null in the ledger, and its lines balance")
    func t4RoundTrip() {
        var responder = LedgerBuilder.Responder()
        responder.received = 95
        responder.overflow = nil
        let ledger = LedgerBuilder.roundTrip(sender: sender(nil), responder: responder)
        #expect(ledger.responderOverflow == nil)
        #expect(ledger.senderOverflow == nil)
        #expect(ledger.forwardLost == 5)
        #expect(ledger.backwardLost == 5)
        #expect(ledger.imbalances() == [])
        let third = LedgerBuilder.roundTrip(sender: sender(nil), responder: nil)
        #expect(third.senderOverflow == nil)
        #expect(third.lostUnsplit == 10)
        #expect(third.imbalances() == [])
    }

    @Test("T4 the same towards a sink")
    func t4OneWay() {
        let ledger = LedgerBuilder.oneWay(
            sender: sender(nil), inTime: 90, late: 0, overflow: nil)
        #expect(ledger.responderOverflow == nil)
        #expect(ledger.forwardLost == 10)
        #expect(ledger.imbalances() == [])
    }

    @Test("one unknown count makes a sum unknown")
    func sums() {
        #expect(Int?.sum([1, 2, 3]) == 6)
        #expect(Int?.sum([]) == 0)
        #expect(Int?.sum([1, nil, 3]) == nil)
    }
}
