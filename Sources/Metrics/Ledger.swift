/// The accounts of one stream: counts of unique datagrams, in the order of the lines.
///
///     scheduled          = sent + skipped + waiting + refused + localQueue + localFirewall
///                          + tooBig + otherError
///     sent               = forwardInjected + forwardCorrupt + responderOverflow + outage
///                          + forwardLost + untold + responderReceived
///     responderReceived  = echoed + echoFailed + rejected
///     echoed             = backwardInjected + backwardCorrupt + senderOverflow + beyondWindow
///                          + backwardLost + received
///     received           = inTime + late + wrongAnswer
///
/// An account that cannot be known is nil, and the two lines around an unknown left side are
/// checked as one; datagrams missing between them in an unknown direction are `lostUnsplit`. A
/// one-way stream has no echo: those accounts are nil and `received` is the responder's
/// count.
package struct Ledger: Codable, Equatable, Sendable {
    package var scheduled = 0
    package var sent = 0
    package var skipped = 0
    /// Slots at which the flow still awaited the answer to its one request; nil for streams whose
    /// flows have several.
    package var waiting: Int?
    package var refused = 0
    package var localQueue = 0
    package var localFirewall = 0
    package var tooBig = 0
    package var otherError = 0
    package var forwardInjected: Int?
    /// Datagrams altered on the forward path: an altered datagram is lost (RFC 7680 §2.4).
    package var forwardCorrupt: Int?
    package var responderOverflow: Int?
    package var outage: Int?
    package var forwardLost: Int?
    /// Datagrams to a receiver that tells nobody what it received, and sends nothing back.
    package var untold: Int?
    package var responderReceived: Int?
    package var echoed: Int?
    package var echoFailed: Int?
    package var rejected: Int?
    package var backwardInjected: Int?
    /// Datagrams altered on the return path.
    package var backwardCorrupt: Int?
    package var senderOverflow: Int?
    /// Answers that came after their probe had left the window, or that a network of udplab's own
    /// still held when the drain had ended.
    package var beyondWindow: Int?
    package var backwardLost: Int?
    /// Datagrams lost in an unknown direction, because a third party's responder reports no counts.
    package var lostUnsplit: Int?
    package var received = 0
    package var inTime = 0
    package var late = 0
    /// Requests that were answered, but not with what was asked for; nil for probes.
    package var wrongAnswer: Int?

    package init() {}
}

extension Ledger {
    private struct Account {
        let name: String
        let count: Int?

        init(_ name: String, _ count: Int?) {
            self.name = name
            self.count = count
        }
    }

    /// Returns a sentence for each line that does not balance and for each account below zero; none
    /// when the ledger balances.
    package func imbalances() -> [String] {
        var sentences = accounts.compactMap { account -> String? in
            guard let count = account.count, count < 0 else { return nil }
            return "\(account.name) is \(count), and no account can be below zero"
        }
        for (total, parts) in lines {
            if let sentence = Self.imbalance(of: total, parts: parts) { sentences.append(sentence) }
        }
        if lostUnsplit != nil, responderReceived != nil, echoed != nil {
            sentences.append(
                "lost_unsplit is stated although the responder's accounts split the loss")
        }
        return sentences
    }

    private static func imbalance(of total: Account, parts: [Account]) -> String? {
        let known = parts.filter { $0.count != nil }
        // A sum that leaves 64 bits cannot be any count of datagrams.
        var sum = 0
        var isOutOfRange = false
        for part in known {
            let (next, overflow) = sum.addingReportingOverflow(part.count ?? 0)
            sum = next
            isOutOfRange = isOutOfRange || overflow
        }
        guard let count = total.count, isOutOfRange || count != sum else { return nil }
        let terms = known.map { "\($0.name) \($0.count ?? 0)" }.joined(separator: " + ")
        let figure = isOutOfRange ? "more than any count" : "\(sum)"
        return "\(total.name) \(count) is not \(terms) = \(figure)"
    }

    /// The lines to check, each with a known left side.
    private var lines: [(total: Account, parts: [Account])] {
        let sent = Account("sent", sent)
        let received = Account("received", received)
        var lines = [(Account("scheduled", scheduled), [sent] + unsent)]
        var total = sent
        var parts: [Account] = []
        // The three lines from the send to the receive, each with the account that begins the next.
        let path = [
            (forward, Account("responder_received", responderReceived)),
            (responder, Account("echoed", echoed)),
            (backward, received),
        ]
        for (losses, end) in path {
            parts += losses
            guard end.count != nil else { continue }
            lines.append((total, parts + [end]))
            total = end
            parts = []
        }
        lines.append((received, arrived))
        return lines
    }

    /// The accounts with their names in the report.
    private var accounts: [Account] {
        [Account("scheduled", scheduled), Account("sent", sent)] + unsent
            + forward + [Account("responder_received", responderReceived)]
            + [Account("echoed", echoed)] + responder
            + backward + [Account("received", received)] + arrived
    }

    private var unsent: [Account] {
        [
            Account("skipped", skipped), Account("waiting", waiting), Account("refused", refused),
            Account("local_queue", localQueue), Account("local_firewall", localFirewall),
            Account("too_big", tooBig), Account("other_error", otherError),
        ]
    }

    private var forward: [Account] {
        [
            Account("forward_injected", forwardInjected),
            Account("forward_corrupt", forwardCorrupt),
            Account("responder_overflow", responderOverflow), Account("outage", outage),
            Account("forward_lost", forwardLost), Account("untold", untold),
        ]
    }

    private var responder: [Account] {
        [Account("echo_failed", echoFailed), Account("rejected", rejected)]
    }

    /// The accounts of the return path. `lost_unsplit` is nil unless this line is merged with the
    /// lines before it.
    private var backward: [Account] {
        [
            Account("backward_injected", backwardInjected),
            Account("backward_corrupt", backwardCorrupt),
            Account("sender_overflow", senderOverflow), Account("beyond_window", beyondWindow),
            Account("backward_lost", backwardLost),
            Account("lost_unsplit", lostUnsplit),
        ]
    }

    private var arrived: [Account] {
        [
            Account("in_time", inTime), Account("late", late),
            Account("wrong_answer", wrongAnswer),
        ]
    }
}
