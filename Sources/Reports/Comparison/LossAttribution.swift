import Metrics

/// The ledgers of several streams, summed up by who lost the datagrams.
struct LossAttribution: Equatable {
    private(set) var scheduled = 0
    private(set) var sent = 0
    /// Dropped or altered by the relay, on both ways; nil without one.
    private(set) var injected: Int?
    /// No room in the responder's or the sender's socket.
    private(set) var receivers: Int?
    /// Never left: slots that the sender could not reach, or a full queue of this host.
    private(set) var queue = 0
    private(set) var outage: Int?
    /// The remainder of both ways: the network's loss.
    private(set) var unexplained: Int?
    /// Refused or failed on sending, or not answered by the responder in any time that counts.
    private(set) var elsewhere = 0

    init(_ ledgers: [Ledger]) {
        for ledger in ledgers {
            scheduled += ledger.scheduled
            sent += ledger.sent
            add(ledger.forwardInjected, ledger.backwardInjected, to: &injected)
            add(ledger.forwardCorrupt, ledger.backwardCorrupt, to: &injected)
            add(ledger.responderOverflow, ledger.senderOverflow, to: &receivers)
            queue += ledger.skipped + ledger.localQueue
            add(ledger.outage, to: &outage)
            add(ledger.forwardLost, ledger.backwardLost, ledger.lostUnsplit, to: &unexplained)
            elsewhere += ledger.refused + ledger.localFirewall + ledger.tooBig + ledger.otherError
            elsewhere += (ledger.echoFailed ?? 0) + (ledger.rejected ?? 0)
            elsewhere += ledger.beyondWindow ?? 0
        }
    }

    /// Nil is what nobody knows; with a number beside it, it is left out of the sum.
    private func add(_ counts: Int?..., to sum: inout Int?) {
        for count in counts {
            if let count { sum = (sum ?? 0) + count }
        }
    }

    var isAnythingLost: Bool {
        [injected, receivers, queue, outage, unexplained].contains { ($0 ?? 0) > 0 }
    }

    /// As the columns of the table.
    var counts: [String] {
        [
            UnitText.shortCount(sent), UnitText.shortCount(injected),
            UnitText.shortCount(receivers), UnitText.shortCount(queue),
            UnitText.shortCount(outage), UnitText.shortCount(unexplained),
        ]
    }

    /// Of what was sent; of what was scheduled for what never left.
    var shares: [String] {
        func share(_ count: Int?, _ whole: Int) -> String {
            UnitText.ratio(count.flatMap { whole > 0 ? Double($0) / Double(whole) : nil })
        }
        return [
            "", share(injected, sent), share(receivers, sent), share(queue, scheduled),
            share(outage, sent), share(unexplained, sent),
        ]
    }
}
