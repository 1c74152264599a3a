import Metrics
import Reports

@testable import Lab
@testable import Plans

/// Row of the table of outcomes: what happened in a run of which kind of plan, and what follows.
///
///     echo | skipped 9 | sent 91, skipped 9, in_time 91 | inconclusive 75 | 9 of 100 datagrams …
///
/// The ledger is that of the sender "calls", of which 100 probes are scheduled; what is 0, or known
/// to nobody, is not written. The last column is the deciding reason without the names of the run
/// and of the sender.
struct OutcomeRow: Sendable {
    let kind: PlanKind
    let conditions: [Condition]
    let ledger: String
    let verdict: String
    let reason: String

    /// Nil for what is no row.
    init?(_ line: Substring) {
        let columns = line.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
        guard columns.count == 5, let kind = PlanKind(rawValue: String(columns[0])) else {
            return nil
        }
        let words = columns[1].split(separator: ",").map(\.trimmed)
        let conditions = words.compactMap { Condition($0) }
        guard conditions.count == words.count else { return nil }
        self.kind = kind
        self.conditions = conditions
        ledger = String(columns[2])
        verdict = String(columns[3])
        reason = String(columns[4])
    }

    init(_ kind: PlanKind, _ conditions: [Condition], _ sealed: Sealed<Report>) {
        self.kind = kind
        self.conditions = conditions
        let run = sealed.document.runs[0]
        ledger = run.streams.first.map { Self.text($0.ledger) } ?? "-"
        verdict = "\(sealed.document.verdict.rawValue) \(sealed.exitStatus.rawValue)"
        let reason = sealed.document.reasons.first ?? "-"
        let names = ["voice on net: ", "calls: ", "the ledger of calls: ", "the room of calls: "]
        self.reason = names.reduce(reason) {
            $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0
        }
    }

    var line: String {
        [
            kind.rawValue, conditions.map(\.description).joined(separator: ", "), ledger, verdict,
            reason,
        ].joined(separator: " | ")
    }

    private static func text(_ ledger: Ledger) -> String {
        let accounts: [(String, Int?)] = [
            ("scheduled", ledger.scheduled == 100 ? 0 : ledger.scheduled), ("sent", ledger.sent),
            ("skipped", ledger.skipped), ("refused", ledger.refused),
            ("waiting", ledger.waiting),
            ("local_queue", ledger.localQueue), ("local_firewall", ledger.localFirewall),
            ("too_big", ledger.tooBig), ("other_error", ledger.otherError),
            ("forward_injected", ledger.forwardInjected),
            ("forward_corrupt", ledger.forwardCorrupt),
            ("responder_overflow", ledger.responderOverflow), ("outage", ledger.outage),
            ("forward_lost", ledger.forwardLost),
            ("responder_received", ledger.responderReceived), ("echo_failed", ledger.echoFailed),
            ("rejected", ledger.rejected), ("backward_injected", ledger.backwardInjected),
            ("backward_corrupt", ledger.backwardCorrupt),
            ("sender_overflow", ledger.senderOverflow), ("beyond_window", ledger.beyondWindow),
            ("backward_lost", ledger.backwardLost), ("lost_unsplit", ledger.lostUnsplit),
            ("untold", ledger.untold),
            ("in_time", ledger.inTime), ("late", ledger.late),
        ]
        return accounts.filter { $0.1 != 0 && $0.1 != nil }.map { "\($0.0) \($0.1 ?? 0)" }
            .joined(separator: ", ")
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
        return start[...last]
    }
}
