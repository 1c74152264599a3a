/// What a run, or a whole report, says about what it tested.
package enum Verdict: String, Codable, Sendable, CaseIterable {
    /// Every gate passed.
    case pass
    /// Nothing can be said: this host was the limit, or there was too little to go by.
    case inconclusive
    /// A gate failed.
    case fail
    /// The accounts do not add up, or an answer contradicts itself: no figure can be trusted.
    case invalid
    /// Stopped by a signal before the end.
    case aborted

    /// The verdict of several runs: the gravest, in the order of the cases.
    ///
    /// `aborted` comes first because it is what the user did, and the exit status of a stopped
    /// program has to say so. `invalid` goes before `fail` because whoever cannot add up in one
    /// run is not believed in the next; `fail` before `inconclusive` because a gate that failed
    /// in a sound run has failed. Without any run nothing passed.
    package static func combined(_ verdicts: some Sequence<Verdict>) -> Verdict {
        verdicts.max { $0.gravity < $1.gravity } ?? .inconclusive
    }

    private var gravity: Int {
        switch self {
        case .pass: 0
        case .inconclusive: 1
        case .fail: 2
        case .invalid: 3
        case .aborted: 4
        }
    }

    package var exitStatus: ExitStatus {
        switch self {
        case .pass: .passed
        case .fail: .failed
        case .inconclusive, .invalid: .inconclusive
        case .aborted: .stopped
        }
    }
}
