import Load

/// The state of a retry policy: it takes the outcomes of a loop's steps and returns the loop's next
/// action.
///
/// ```
///             success                      success
///            ┌───────┐   ┌────────────────────────────────────────┐
///            ▼       │   ▼            reset                       │
///          running ──┴─ running ─────────────────► in a row of n ─┴─► (reset) n + 1 …
///                                                       │
///                                       reset, at the limit of the policy
///                                                       ▼
///                                                     ended
/// ```
package struct RetryState: Sendable {
    package let policy: RetryPolicy
    /// The outcome of the retries.
    package private(set) var counts = RetryCounts()
    /// Resets since the last success.
    package private(set) var resetsInRow = 0
    package private(set) var hasEnded = false
    private var pauseNs: Int64 = 0

    package init(_ policy: RetryPolicy) { self.policy = policy }

    /// Records that a step failed because of a reset seen at `timeNs`.
    /// - Returns: The next action; always `end` after the first `end`.
    package mutating func reset(atNs timeNs: Int64) -> RetryAction {
        guard !hasEnded else { return .end }
        resetsInRow += 1
        let action = action(atNs: timeNs)
        if action == .end {
            hasEnded = true
            counts.givenUp += 1
        } else {
            counts.attempted += 1
        }
        return action
    }

    /// Records a step without a reset, which ends a row of resets.
    @inline(__always)
    package mutating func success() {
        guard resetsInRow > 0, !hasEnded else { return }
        resetsInRow = 0
        counts.succeeded += 1
    }

    private mutating func action(atNs timeNs: Int64) -> RetryAction {
        switch policy {
        case .none: return .end
        case .once: return resetsInRow == 1 ? .retryNow : .end
        case .always: return .retryNow
        case .backoff(let backoff):
            if let budget = backoff.budget, resetsInRow > budget { return .end }
            pauseNs = resetsInRow == 1 ? backoff.firstNs : backoff.next(after: pauseNs)
            return .retry(atNs: timeNs + pauseNs)
        }
    }
}

/// The action of a loop after a reset.
package enum RetryAction: Sendable, Equatable {
    case retryNow
    case retry(atNs: Int64)
    case end
}

/// The outcome of a policy's retries. An attempt that neither succeeded nor was given up met
/// another reset, or the loop ended before it was decided.
package struct RetryCounts: Codable, Sendable, Equatable, BitwiseCopyable {
    /// The resets after which the step was retried.
    package var attempted = 0
    /// The rows of resets that a step without a reset ended.
    package var succeeded = 0
    /// The rows of resets that ended the loop.
    package var givenUp = 0

    package init(attempted: Int = 0, succeeded: Int = 0, givenUp: Int = 0) {
        self.attempted = attempted
        self.succeeded = succeeded
        self.givenUp = givenUp
    }

    package mutating func add(_ other: RetryCounts) {
        attempted += other.attempted
        succeeded += other.succeeded
        givenUp += other.givenUp
    }
}
