import Metrics
import Reports

/// An account of the ledger: its name in the report, its count, and its place.
struct Account: Sendable, Equatable {
    let name: String
    /// The count; nil if it is unknown.
    let count: Int?
    let place: LossPlace

    /// The name in words: `forward_lost` is "forward lost".
    var words: String { name.split(separator: "_").joined(separator: " ") }
}

/// A line of the ledger: a total, and the accounts that end before the next total.
struct LedgerStage: Sendable, Equatable {
    let name: String
    let count: Int
    /// The accounts; those of merged lines as well, where a total between them is unknown.
    var accounts: [Account]

    var words: String { name.split(separator: "_").joined(separator: " ") }
}

extension Ledger {
    /// The lines from `scheduled` to `in_time`, each with a known total.
    var stages: [LedgerStage] {
        let lines: [(name: String, count: Int?, accounts: [Account])] = [
            ("scheduled", scheduled, unsentAccounts),
            ("sent", sent, forwardAccounts),
            ("responder_received", responderReceived, responderAccounts),
            ("echoed", echoed, backwardAccounts),
            ("received", received, receivedAccounts),
            ("in_time", inTime, []),
        ]
        var stages: [LedgerStage] = []
        for line in lines {
            if let count = line.count {
                stages.append(
                    LedgerStage(name: line.name, count: count, accounts: line.accounts))
            } else if !stages.isEmpty {
                stages[stages.count - 1].accounts += line.accounts
            }
        }
        return stages
    }

    /// The accounts of all lines.
    var lossAccounts: [Account] { stages.flatMap(\.accounts) }

    private var unsentAccounts: [Account] {
        [
            Account(name: "skipped", count: skipped, place: .host),
            Account(name: "refused", count: refused, place: .outage),
            Account(name: "local_queue", count: localQueue, place: .host),
            Account(name: "local_firewall", count: localFirewall, place: .host),
            Account(name: "too_big", count: tooBig, place: .host),
            Account(name: "other_error", count: otherError, place: .host),
        ] + only("waiting", waiting)
    }

    private var forwardAccounts: [Account] {
        [
            Account(name: "forward_injected", count: forwardInjected, place: .injected),
            Account(name: "forward_corrupt", count: forwardCorrupt, place: .injected),
            Account(name: "responder_overflow", count: responderOverflow, place: .receivers),
            Account(name: "outage", count: outage, place: .outage),
            Account(name: "forward_lost", count: forwardLost, place: .network),
        ] + only("untold", untold)
    }

    private var receivedAccounts: [Account] {
        [Account(name: "late", count: late, place: .late)] + only("wrong_answer", wrongAnswer)
    }

    /// Returns an account of the service that only some streams have.
    private func only(_ name: String, _ count: Int?) -> [Account] {
        count.map { [Account(name: name, count: $0, place: .responder)] } ?? []
    }

    private var responderAccounts: [Account] {
        [
            Account(name: "echo_failed", count: echoFailed, place: .responder),
            Account(name: "rejected", count: rejected, place: .responder),
        ]
    }

    private var backwardAccounts: [Account] {
        [
            Account(name: "backward_injected", count: backwardInjected, place: .injected),
            Account(name: "backward_corrupt", count: backwardCorrupt, place: .injected),
            Account(name: "sender_overflow", count: senderOverflow, place: .receivers),
            Account(name: "beyond_window", count: beyondWindow, place: .late),
            Account(name: "backward_lost", count: backwardLost, place: .network),
            Account(name: "lost_unsplit", count: lostUnsplit, place: .network),
        ]
    }
}
