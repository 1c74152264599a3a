/// Verdict of a run, a report, a score card or a comparison on what was tested.
package enum Verdict: String, Codable, Sendable, CaseIterable {
    /// Every gate passed.
    case pass
    /// Nothing can be said: this host was the limit, or there was too little to go by.
    case inconclusive
    /// A gate, or the service under test, failed.
    case fail
    /// The accounts do not add up, or an answer contradicts itself: no figure can be trusted.
    case invalid
    /// Stopped by a signal before the end.
    case aborted

    package var exitStatus: ExitStatus {
        switch self {
        case .pass: .passed
        case .fail: .failed
        case .inconclusive, .invalid: .inconclusive
        case .aborted: .stopped
        }
    }
}

/// Verdicts are ordered by severity.
///
/// `aborted` is the most severe because it is what the user did, and the exit status of a stopped
/// program has to say so. `invalid` goes before `fail` because accounts that do not add up in one
/// run are not believed in the next; `fail` before `inconclusive` because a gate that failed in a
/// sound run has failed.
extension Verdict: Comparable {
    package static func < (one: Verdict, other: Verdict) -> Bool {
        one.severity < other.severity
    }

    private var severity: Int {
        switch self {
        case .pass: 0
        case .inconclusive: 1
        case .fail: 2
        case .invalid: 3
        case .aborted: 4
        }
    }
}
