/// Derives the remainders of a ledger: what only the difference of two counts can tell.
///
/// The inputs are counts of unique datagrams. The builder hides no contradiction: if a far side
/// claims more than was sent, a remainder is negative and ``Ledger/imbalances()`` says so (H13).
package struct LedgerBuilder: Sendable {
    /// What the sender counted for the stream.
    package struct Sender: Sendable, Equatable {
        package var accounts: LedgerAccounts
        /// Echoes, first copies; not looked at for a one-way stream.
        package var inTime = 0
        package var late = 0
        /// SO_MEMINFO drops of the stream's sockets; nil when the kernel does not say.
        package var socketDrops: Int? = 0
        /// Answers that came after their probe had left the window, or after the drain: with
        /// those that found no room then. A copy of an answer may be among them.
        package var beyondWindow = 0

        package init(_ accounts: LedgerAccounts = LedgerAccounts()) { self.accounts = accounts }

        package init(
            _ accounts: LedgerAccounts, _ figures: StreamFigures, socketDrops: Int?,
            beyondWindow: Int = 0
        ) {
            self.accounts = accounts
            inTime = figures.inTime
            late = figures.late
            self.socketDrops = socketDrops
            self.beyondWindow = beyondWindow
        }
    }

    /// What udplab's own responder counted for the stream: each datagram that it received was
    /// either echoed, or the echo could not be sent, or it was rejected.
    package struct Responder: Sendable, Equatable {
        /// Unique probes received.
        package var received = 0
        /// Of those, the ones whose echo could not be sent.
        package var echoFailed = 0
        /// Of those, the ones that were not answered on purpose.
        package var rejected = 0
        /// The stream's share of the drops of the responder's socket, as far as proven: see
        /// ``LedgerBuilder/provenOverflow(missing:drops:datagramsPerDrop:)``; nil when the kernel
        /// does not say what the socket dropped.
        package var overflow: Int? = 0

        package init() {}
    }

    /// What is known of the way: nil where there is nothing that could inject or fail.
    package struct Way: Sendable, Equatable {
        package var forwardInjected: Int?
        package var backwardInjected: Int?
        /// Datagrams of which only altered copies were handed on.
        package var forwardCorrupt: Int?
        package var backwardCorrupt: Int?
        package var outage: Int?
        /// Answers that a relay still held when its own drain had ended.
        package var beyondWindow = 0

        package init() {}
    }

    /// A stream whose probes come back.
    /// - Parameter responder: nil for a third party's, which tells nothing.
    package static func roundTrip(
        sender: Sender, responder: Responder?, way: Way = Way()
    ) -> Ledger {
        var ledger = senderLines(sender, way: way)
        ledger.inTime = sender.inTime
        ledger.late = sender.late
        ledger.received = sender.inTime + sender.late
        ledger.backwardInjected = way.backwardInjected
        ledger.backwardCorrupt = way.backwardCorrupt
        let spoiledBackward = (way.backwardInjected ?? 0) + (way.backwardCorrupt ?? 0)
        guard let responder else {
            let missing =
                sender.accounts.sent - (way.forwardInjected ?? 0) - (way.forwardCorrupt ?? 0)
                - (way.outage ?? 0) - spoiledBackward - ledger.received
            ledger.lostUnsplit = backwardLines(sender, way, missing: missing, into: &ledger)
            return ledger
        }
        forwardLines(responder, into: &ledger)
        let echoed = responder.received - responder.echoFailed - responder.rejected
        ledger.echoed = echoed
        ledger.echoFailed = responder.echoFailed
        ledger.rejected = responder.rejected
        let missing = echoed - spoiledBackward - ledger.received
        ledger.backwardLost = backwardLines(sender, way, missing: missing, into: &ledger)
        return ledger
    }

    /// What of the `missing` is known to have reached this host's end of the way back.
    /// - Returns: The remainder.
    private static func backwardLines(
        _ sender: Sender, _ way: Way, missing: Int, into ledger: inout Ledger
    ) -> Int {
        let beyondWindow = bounded(sender.beyondWindow + way.beyondWindow, by: missing)
        let overflow = sender.socketDrops.map { bounded($0, by: missing - beyondWindow) }
        ledger.beyondWindow = beyondWindow
        ledger.senderOverflow = overflow
        return missing - beyondWindow - (overflow ?? 0)
    }

    /// A stream towards a sink: received is what the sink received.
    /// - Parameters:
    ///   - inTime: First copies that reached the sink in time.
    ///   - late: First copies that reached it late.
    package static func oneWay(
        sender: Sender, inTime: Int, late: Int, overflow: Int?, way: Way = Way()
    ) -> Ledger {
        var ledger = senderLines(sender, way: way)
        ledger.inTime = inTime
        ledger.late = late
        ledger.received = inTime + late
        var responder = Responder()
        responder.received = ledger.received
        responder.overflow = overflow
        forwardLines(responder, into: &ledger)
        return ledger
    }

    /// The part of a socket's `drops` that each stream's sequence numbers prove to be its own.
    ///
    /// Where the drops cover all that is missing, all of it is overflow. Else a stream can only be
    /// sure of what the other streams' missing datagrams cannot explain.
    /// - Parameter missing: Per stream that the socket serves, the datagrams that were sent and
    ///   not received, without what is known to have been lost elsewhere.
    /// - Parameter datagramsPerDrop: What one drop stands for at most: a socket with UDP_GRO
    ///   refuses a super-packet whole, and the kernel counts it once (6.18, as measured).
    /// - Returns: A count per stream, each between 0 and its missing; in sum at most what the
    ///   drops stand for.
    package static func provenOverflow(
        missing: [Int], drops: Int, datagramsPerDrop: Int = 1
    ) -> [Int] {
        let drops = drops * datagramsPerDrop
        // A far side that claims more than was sent has nothing missing; its ledger says the rest.
        let missing = missing.map { max(0, $0) }
        let total = missing.reduce(0, +)
        guard drops < total else { return missing }
        return missing.map { max(0, drops - (total - $0)) }
    }

    private static func senderLines(_ sender: Sender, way: Way) -> Ledger {
        var ledger = Ledger()
        ledger.scheduled = sender.accounts.scheduled
        ledger.sent = sender.accounts.sent
        ledger.skipped = sender.accounts.skipped
        ledger.refused = sender.accounts.refused
        ledger.localQueue = sender.accounts.localQueue
        ledger.localFirewall = sender.accounts.localFirewall
        ledger.tooBig = sender.accounts.tooBig
        ledger.otherError = sender.accounts.otherError
        ledger.forwardInjected = way.forwardInjected
        ledger.forwardCorrupt = way.forwardCorrupt
        ledger.outage = way.outage
        return ledger
    }

    private static func forwardLines(_ responder: Responder, into ledger: inout Ledger) {
        ledger.responderReceived = responder.received
        ledger.responderOverflow = responder.overflow
        ledger.forwardLost =
            ledger.sent - (ledger.forwardInjected ?? 0) - (ledger.forwardCorrupt ?? 0)
            - (ledger.outage ?? 0) - (responder.overflow ?? 0) - responder.received
    }

    /// As many of `count` as can have been among the `missing`: the rest were duplicates.
    private static func bounded(_ count: Int, by missing: Int) -> Int {
        min(count, max(0, missing))
    }
}
