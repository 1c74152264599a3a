/// The losses of a stream one by one: runs of consecutive lost probes of a flow, each with its time
/// and the account of the ledger that it is in.
package struct LossMapReport: Codable, Sendable, Equatable {
    /// The maximum number of runs in a report's stream.
    package static let runsMax = 2_000

    /// The runs in the order of their send times.
    package var runs: [LossRunReport]
    /// The further runs, and the probes in them.
    package var runsLeftOut: Int
    package var probesLeftOut: Int

    package init(runs: [LossRunReport] = [], runsLeftOut: Int = 0, probesLeftOut: Int = 0) {
        self.runs = runs
        self.runsLeftOut = runsLeftOut
        self.probesLeftOut = probesLeftOut
    }
}

/// Consecutive lost probes of one flow in one account.
package struct LossRunReport: Codable, Sendable, Equatable {
    /// The number of the flow in its stream, from 0.
    package var flow: Int
    /// The sequence numbers of the first and the last probe.
    package var first: Int
    package var last: Int
    /// The send time of the first probe, from the first measured slot; at a receiver, where the
    /// send times of lost probes are not known, that of the arrived probe before it.
    package var atNs: Int
    /// The send time of the last probe; at a receiver as `atNs`.
    package var untilNs: Int
    package var account: LossAccount

    package init(
        flow: Int, first: Int, last: Int, atNs: Int, untilNs: Int, account: LossAccount
    ) {
        self.flow = flow
        self.first = first
        self.last = last
        self.atNs = atNs
        self.untilNs = untilNs
        self.account = account
    }

    /// The number of probes.
    package var count: Int { last - first + 1 }
}

/// The account of the ledger that a lost probe is in.
package enum LossAccount: String, Codable, Sendable, CaseIterable {
    case late
    case forwardInjected = "forward_injected"
    case forwardCorrupt = "forward_corrupt"
    case responderOverflow = "responder_overflow"
    case outage
    case forwardLost = "forward_lost"
    case echoFailed = "echo_failed"
    case rejected
    case backwardInjected = "backward_injected"
    case backwardCorrupt = "backward_corrupt"
    case senderOverflow = "sender_overflow"
    case beyondWindow = "beyond_window"
    case backwardLost = "backward_lost"
    /// One of several accounts of the ledger that are not 0: which one is not known.
    case lostUnsplit = "lost_unsplit"
}
