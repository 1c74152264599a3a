/// Derives the remainders of a ledger, which are differences of two counts.
///
/// The inputs are counts of unique datagrams. The builder hides no contradiction: if a far side
/// reports more than was sent, a remainder is negative and ``Ledger/imbalances()`` says so (H13).
package struct LedgerBuilder: Sendable {
    /// The sender's counts of the stream.
    package struct Sender: Sendable, Equatable {
        package var accounts: LedgerAccounts
        /// The first copies of echoes in time; ignored for a one-way stream.
        package var inTime = 0
        package var late = 0
        /// The requests whose first answer was wrong; nil for probes.
        package var wrongAnswers: Int?
        /// Whether a flow has one request at a time, and slots may find it waiting.
        package var waits = false
        /// The SO_MEMINFO drops of the stream's sockets; nil if the kernel does not report drops.
        package var socketDrops: Int? = 0
        /// Answers that came after their probe had left the window, or after the drain, including
        /// those dropped at that time. Copies may be among them.
        package var beyondWindow = 0

        package init(_ accounts: LedgerAccounts = LedgerAccounts()) { self.accounts = accounts }

        /// The datagrams that were sent and have no answer.
        package var unanswered: Int { accounts.sent - inTime - late - (wrongAnswers ?? 0) }

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

    /// The counts of udplab's own responder for the stream: each received datagram was echoed, or
    /// its echo failed, or it was rejected.
    package struct Responder: Sendable, Equatable {
        /// The unique probes received.
        package var received = 0
        /// The received probes whose echo could not be sent.
        package var echoFailed = 0
        /// The received probes that were rejected on purpose.
        package var rejected = 0
        /// The stream's proven share of the drops of the responder's socket: see
        /// ``LedgerBuilder/provenOverflow(missing:drops:datagramsPerDrop:)``; nil if the kernel
        /// does not report the socket's drops.
        package var overflow: Int? = 0

        package init() {}
    }

    /// The known counts of the path: nil where nothing could inject or fail.
    package struct Way: Sendable, Equatable {
        package var forwardInjected: Int?
        package var backwardInjected: Int?
        /// Datagrams of which only altered copies were forwarded.
        package var forwardCorrupt: Int?
        package var backwardCorrupt: Int?
        package var outage: Int?
        /// Answers that a relay still held when its own drain had ended.
        package var beyondWindow = 0

        package init() {}

        /// Limits the accounts of what the network did to requests to those without an answer: a
        /// service may answer an altered request, or one twice. A request that was dropped is the
        /// surest loss, an answer that was altered the least.
        package mutating func limit(to unanswered: Int) {
            var left = max(0, unanswered)
            func share(_ count: Int?) -> Int? {
                guard let count else { return nil }
                let share = min(count, left)
                left -= share
                return share
            }
            forwardInjected = share(forwardInjected)
            backwardInjected = share(backwardInjected)
            forwardCorrupt = share(forwardCorrupt)
            backwardCorrupt = share(backwardCorrupt)
        }
    }

    /// Builds the ledger of a round-trip stream.
    /// - Parameters:
    ///   - responder: nil for a third party's, which reports no counts.
    ///   - overflow: The stream's proven share of the drops of such a responder's sockets; nil if
    ///     nobody can see them.
    package static func roundTrip(
        sender: Sender, responder: Responder?, overflow: Int? = nil, way: Way = Way()
    ) -> Ledger {
        var ledger = senderLines(sender, way: way)
        ledger.inTime = sender.inTime
        ledger.late = sender.late
        ledger.wrongAnswer = sender.wrongAnswers
        ledger.received = sender.inTime + sender.late + (sender.wrongAnswers ?? 0)
        ledger.backwardInjected = way.backwardInjected
        ledger.backwardCorrupt = way.backwardCorrupt
        let spoiledBackward = (way.backwardInjected ?? 0) + (way.backwardCorrupt ?? 0)
        guard let responder else {
            var missing =
                sender.accounts.sent - (way.forwardInjected ?? 0) - (way.forwardCorrupt ?? 0)
                - (way.outage ?? 0) - spoiledBackward - ledger.received
            ledger.responderOverflow = overflow.map { bounded($0, by: missing) }
            missing -= ledger.responderOverflow ?? 0
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

    /// Fills the accounts of answers known to have reached this host's end of the return path.
    /// - Returns: The remainder of `missing`.
    private static func backwardLines(
        _ sender: Sender, _ way: Way, missing: Int, into ledger: inout Ledger
    ) -> Int {
        let beyondWindow = bounded(sender.beyondWindow + way.beyondWindow, by: missing)
        let overflow = sender.socketDrops.map { bounded($0, by: missing - beyondWindow) }
        ledger.beyondWindow = beyondWindow
        ledger.senderOverflow = overflow
        return missing - beyondWindow - (overflow ?? 0)
    }

    /// Builds the ledger of a stream to a sink: `received` is the sink's count.
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

    /// Builds the ledger of a stream to a receiver that neither answers nor counts.
    /// - Parameter overflow: As in ``roundTrip(sender:responder:overflow:way:)``.
    package static func untold(
        sender: Sender, overflow: Int? = nil, way: Way = Way()
    ) -> Ledger {
        var ledger = senderLines(sender, way: way)
        let left =
            ledger.sent - (way.forwardInjected ?? 0) - (way.forwardCorrupt ?? 0)
            - (way.outage ?? 0)
        ledger.responderOverflow = overflow.map { bounded($0, by: left) }
        ledger.untold = left - (ledger.responderOverflow ?? 0)
        return ledger
    }

    /// Returns the part of a socket's `drops` that each stream's sequence numbers prove to be its
    /// own.
    ///
    /// If the drops cover all missing datagrams, all of them are overflow. Otherwise only drops
    /// that the other streams' missing datagrams cannot explain are proven for a stream.
    /// - Parameter missing: Per stream that the socket serves, the datagrams that were sent and not
    ///   received, without those known to have been lost elsewhere.
    /// - Parameter datagramsPerDrop: The maximum number of datagrams in one drop: a socket with
    ///   UDP_GRO drops a super-packet whole, and the kernel counts it once (6.18, as measured).
    /// - Returns: A count per stream, each between 0 and its missing; in sum at most the datagrams
    ///   of the drops.
    package static func provenOverflow(
        missing: [Int], drops: Int, datagramsPerDrop: Int = 1
    ) -> [Int] {
        let drops = drops * datagramsPerDrop
        // A far side that reports more than was sent has nothing missing; its ledger shows the
        // excess.
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
        ledger.waiting = sender.waits ? sender.accounts.waiting : nil
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

    /// Returns `count`, limited to the `missing` datagrams: the rest were duplicates.
    private static func bounded(_ count: Int, by missing: Int) -> Int {
        min(count, max(0, missing))
    }
}
