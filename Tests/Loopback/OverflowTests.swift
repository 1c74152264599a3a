import Datagrams
import Glibc
import Metrics
import Testing

@testable import Loops

/// What full socket buffers drop is told from what a network loses: rows N9, N10, N11, S6.
@Suite struct OverflowTests {
    @Test("N9 drops of the sender's receive buffer are exactly what is missing")
    func n9() throws {
        // Looks away after some sends, and again when nothing more can come: then the rest of
        // what the buffer holds is read, and later datagrams find room.
        try Self.check(looksAwayAfter: 5, isLookingAgain: true)
    }

    @Test("N11 drops at the very end, with nothing after them, are counted")
    func n11() throws {
        try Self.check(looksAwayAfter: 20, isLookingAgain: false)
    }

    private static func check(looksAwayAfter: Int, isLookingAgain: Bool) throws {
        var phase = LoopbackRun.phase(count: 800, window: nil)
        phase.endsWithLastAnswer = false
        phase.timeoutNs = 1_000_000_000
        let responder = try ResponderThread(phase, echoes: true)
        var looks = 0
        let sender = try SenderThread(
            phase, to: responder.address, receiveBufferBytes: 4_096,
            looksAwayAfter: looksAwayAfter,
            mayLook: {
                looks += 1
                return looks > (isLookingAgain ? 2 : 200)
            })
        #expect(sender.receiveBufferGranted < 16_384)
        try responder.start()
        try sender.start()
        let sent = sender.join()
        let far = responder.stop(sent: sent.sentByFlow)
        #expect(sent.accounts.ledger.sent == 800)
        #expect(far.counts.echoed == 800)
        #expect(sent.drops > 0)
        #expect(sent.drops == 800 - sent.figures.received)
        let ledger = LoopbackRun.echoLedger(sent, far)
        #expect(ledger.imbalances() == [])
        #expect(ledger.senderOverflow == sent.drops)
        #expect(ledger.backwardLost == 0)
        #expect(ledger.forwardLost == 0)
    }

    @Test(
        "N10 drops of the responder's receive buffer are exactly what is missing, to the last",
        arguments: [true, false])
    func n10(echoes: Bool) throws {
        var phase = LoopbackRun.phase(count: 1_000, window: nil, isOneWay: !echoes)
        phase.endsWithLastAnswer = false
        phase.timeoutNs = 1_000_000_000
        let responder = try ResponderThread(
            phase, echoes: echoes, receiveBufferBytes: 4_096, isLooking: false)
        #expect(responder.receiveBufferGranted < 16_384)
        // 63 calls of 16: the sender looks for answers after the last, and so does the responder.
        let isLooking = responder.isLooking
        let sender = try SenderThread(
            phase, to: responder.address, looksAwayAfter: 62,
            mayLook: {
                isLooking.set()
                return true
            })
        try responder.start()
        try sender.start()
        let sent = sender.join()
        isLooking.set()
        let far = responder.stop(sent: sent.sentByFlow)
        #expect(sent.accounts.ledger.sent == 1_000)
        #expect(far.drops > 900)
        #expect(far.drops == 1_000 - far.counts.received)
        #expect(far.figures.never == far.drops)
        let ledger =
            echoes ? LoopbackRun.echoLedger(sent, far) : LoopbackRun.sinkLedger(sent, far)
        #expect(ledger.imbalances() == [])
        #expect(ledger.responderOverflow == far.drops)
        #expect(ledger.forwardLost == 0)
        if echoes { #expect(ledger.received == far.counts.received) }
    }

    @Test("S6 a buffer that is granted smaller than asked is said to be, and works")
    func s6() throws {
        // More than the kernel has a number for: refused to root and to anyone else.
        let asked = Int(Int32.max)
        let phase = LoopbackRun.phase(count: 500)
        let responder = try ResponderThread(phase, echoes: true, receiveBufferBytes: asked)
        #expect(responder.receiveBufferGranted > 0)
        // The kernel doubles what it grants (socket(7)).
        #expect(responder.receiveBufferGranted / 2 < asked)
        let sender = try SenderThread(phase, to: responder.address)
        try responder.start()
        try sender.start()
        let sent = sender.join()
        let far = responder.stop(sent: sent.sentByFlow)
        #expect(sent.figures.received == 500)
        #expect(far.drops == 0)
    }
}
