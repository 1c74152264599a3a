/// The verdict of a run, a report, a score card or a comparison.
package enum Verdict: String, Codable, Sendable, CaseIterable {
    /// Every gate passed.
    case pass
    /// Undecided: this host was the limit, or there was too little data.
    case inconclusive
    /// A gate, or the service under test, failed.
    case fail
    /// A host was lost in the middle: what is missing decides nothing.
    case incomplete
    /// The accounts do not balance, or an answer contradicts itself: no figure can be trusted.
    case invalid
    /// Stopped by a signal before the end.
    case aborted

    package var exitStatus: ExitStatus {
        switch self {
        case .pass: .passed
        case .fail: .failed
        case .inconclusive, .incomplete, .invalid: .inconclusive
        case .aborted: .stopped
        }
    }
}

/// The order of verdicts by severity.
///
/// `aborted` is the most severe because the user's action has to determine the exit status of a
/// stopped program. `invalid` precedes `fail` because accounts that do not balance in one run cast
/// doubt on the others; `fail` precedes `inconclusive` because a gate that failed in a sound run
/// has failed. `incomplete` is between them: the gates of a run that lost one of its ends were not
/// judged, and what passed or failed before it is not the answer to the plan.
extension Verdict: Comparable {
    package static func < (one: Verdict, other: Verdict) -> Bool {
        one.severity < other.severity
    }

    private var severity: Int {
        switch self {
        case .pass: 0
        case .inconclusive: 1
        case .fail: 2
        case .incomplete: 3
        case .invalid: 4
        case .aborted: 5
        }
    }
}
