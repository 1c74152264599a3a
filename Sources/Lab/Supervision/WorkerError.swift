/// The reason why the runner could not continue with a worker: the worker, the awaited reply, the
/// event, and the worker's last lines of standard error.
package struct WorkerError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// The process could not be started at all.
        case notStarted(String)
        /// The worker exited, by itself or by a signal, while the runner still needed it.
        case ended(WorkerExit)
        /// The worker did not reply within this time. It is still running.
        case silent(Duration)
        /// The worker, which says something every second, said nothing for this time. It is still
        /// running.
        case mute(Duration)
        /// The worker did not read its standard input within this time. It was killed, because a
        /// partial line may have been written.
        case deaf(Duration)
        /// The worker was stopped (SIGSTOP, SIGTSTP), so that it did nothing within this time.
        case stopped(Duration)
        /// The worker broke the control protocol, in this way. It was killed.
        case violation(WorkerProtocolViolation)
        /// The worker reported that it cannot continue.
        case failed(WorkerMessage)
        /// The worker's host was lost: its agent, its launcher or the line between.
        case hostLost(HostLoss)
        /// The runner's own task was cancelled.
        case cancelled
    }

    package let worker: String
    /// The awaited reply, such as `ready`.
    package let awaited: String
    package let reason: Reason
    package let diagnostics: [String]

    package var description: String {
        let words = diagnostics.map { "\n    " + $0 }.joined()
        return "\(summary)\(words.isEmpty ? "" : "; its last words:\(words)")"
    }

    /// The error as one sentence, without the diagnostics.
    package var summary: String { "worker \"\(worker)\" \(sentence)" }

    private var sentence: String {
        switch reason {
        case .notStarted(let why): "could not be started: \(why)"
        case .ended(let exit) where exit.wasRefusedByHost:
            "\(exit) while the runner awaited its \(awaited)"
                + (diagnostics.last.map { ": \($0.trimmingPrefix("udplab: "))" } ?? "")
        case .ended(let exit): "\(exit) while the runner awaited its \(awaited)"
        case .silent(let limit): "did not send its \(awaited) within \(limit)"
        case .mute(let limit):
            "said nothing for \(limit), and the runner still awaited its \(awaited)"
        case .stopped(let limit):
            "was stopped by a signal (SIGSTOP) and did nothing about its \(awaited) within \(limit)"
        case .deaf(let limit): "did not read \(awaited) within \(limit) and was killed"
        case .violation(let violation): "\(violation.sentence); it was killed"
        case .hostLost(let loss): "is out of reach: \(loss.sentence)"
        case .failed(let message): "failed: \(Self.sentence(of: message))"
        case .cancelled: "was no longer awaited: the run was cancelled"
        }
    }

    private static func sentence(of message: WorkerMessage) -> String {
        if case .string(let reason)? = message.body[WorkerMessage.reasonKey] { return reason }
        return "it gave no reason"
    }
}
