import Metrics

/// The ledgers of several streams, summed up by the place of the loss.
struct LossAttribution: Equatable {
    private(set) var scheduled = 0
    private(set) var sent = 0
    /// The datagrams dropped or altered by the relay in both directions; nil without a relay.
    private(set) var injected: Int?
    /// The datagrams dropped by full sockets of the responder or the sender.
    private(set) var receivers: Int?
    /// The datagrams that were not sent: slots that the sender could not reach, or a full queue of
    /// this host.
    private(set) var queue = 0
    private(set) var outage: Int?
    /// The remainder of both directions: the network's loss.
    private(set) var unexplained: Int?
    /// The datagrams refused or failed on sending, rejected by the responder, or answered too late
    /// to count.
    private(set) var elsewhere = 0

    init(_ ledgers: [Ledger]) {
        for ledger in ledgers {
            scheduled = [scheduled, ledger.scheduled].clampedSum
            sent = [sent, ledger.sent].clampedSum
            add(ledger.forwardInjected, ledger.backwardInjected, to: &injected)
            add(ledger.forwardCorrupt, ledger.backwardCorrupt, to: &injected)
            add(ledger.responderOverflow, ledger.senderOverflow, to: &receivers)
            queue = [queue, ledger.skipped, ledger.localQueue].clampedSum
            add(ledger.outage, to: &outage)
            add(ledger.forwardLost, ledger.backwardLost, ledger.lostUnsplit, to: &unexplained)
            elsewhere =
                [
                    elsewhere, ledger.refused, ledger.localFirewall, ledger.tooBig,
                    ledger.otherError, ledger.echoFailed ?? 0, ledger.rejected ?? 0,
                    ledger.beyondWindow ?? 0,
                ].clampedSum
        }
    }

    /// Adds counts to a sum; unknown counts are left out of a sum with known ones.
    private func add(_ counts: Int?..., to sum: inout Int?) {
        for count in counts {
            if let count { sum = [sum ?? 0, count].clampedSum }
        }
    }

    var isAnythingLost: Bool {
        [injected, receivers, queue, outage, unexplained].contains { ($0 ?? 0) > 0 }
    }

    /// The counts as columns of the table.
    var counts: [String] {
        [
            UnitText.shortCount(sent), UnitText.shortCount(injected),
            UnitText.shortCount(receivers), UnitText.shortCount(queue),
            UnitText.shortCount(outage), UnitText.shortCount(unexplained),
        ]
    }

    /// The shares of the datagrams sent; for datagrams not sent, of those scheduled.
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
