import Pictures
import Synchronization

/// The state of the plan between the runner, which changes it, and the server, which draws it when
/// somebody looks.
final class Board: Sendable {
    struct Content: Sendable {
        var plan: LivePlan
        /// The versions begin at 1: a client that has nothing has 0.
        var versions = Versions(now: 1, runs: 1)
        /// The finished page; nil while the plan runs. With it the server ends.
        var end: String?
    }

    private let content: Mutex<Content>

    init(_ plan: LivePlan) { content = Mutex(Content(plan: plan)) }

    var current: Content { content.withLock { $0 } }

    /// Changes the plan.
    /// - Parameter hasRun: Whether the finished runs change.
    func change(hasRun: Bool, _ body: (inout LivePlan) -> Void) {
        content.withLock { content in
            body(&content.plan)
            content.versions.now += 1
            if hasRun { content.versions.runs += 1 }
        }
    }

    /// Ends the plan with its finished page.
    func end(_ page: String) { content.withLock { $0.end = page } }
}
