import Glibc
import JSON
import Synchronization
import Workers

/// One worker process as the runner sees it: messages in and out, each with a deadline, and an end
/// that always comes. Made by ``WorkerCrew/start(_:)``; it lives as long as the crew's scope.
///
/// Every method may be called from any task. Control plane only: it allocates, locks and waits.
package final class WorkerProcess: Sendable {
    /// What brings a worker to its end, and how much patience there is.
    enum Ending: Sendable {
        /// Close its standard input, wait, then SIGTERM, wait, then SIGKILL.
        case stop(grace: Duration)
        /// Close its standard input and SIGTERM at once, wait, then SIGKILL.
        case terminate
        /// SIGKILL at once.
        case kill
        /// It closed this stream. That is how an end looks from here, so it gets the grace to
        /// end; if it goes on running it has broken the protocol.
        case closed(stream: String)
    }

    /// One message, in as many lines as it takes.
    struct Line: Sendable {
        let bytes: [UInt8]
        let isWritten = Promise<Bool>()
    }

    struct State {
        /// Set from the spawn until just before the process is reaped: while it is set, the number
        /// cannot belong to another process.
        var pid: pid_t?
        var lastKnownPid: pid_t?
        /// It did not come to exist in time, and nobody waits for it any more.
        var isGivenUp = false
        var fault: WorkerError.Reason?
        var tail: DiagnosticTail
        var diagnosticsToForward: Int
        var maxRssBytes: Int?
        /// `line` or `message`; nil when its output ended with a whole one.
        var endedInMiddleOf: String?

        init(limits: WorkerLimits) {
            tail = DiagnosticTail(limits: limits)
            diagnosticsToForward = limits.diagnosticLinesForwarded
        }
    }

    package let specification: WorkerSpecification
    let state: Mutex<State>
    let inbox: MessageInbox
    let outbox: AsyncStream<Line>
    let outboxEnd: AsyncStream<Line>.Continuation
    let ending = Promise<Ending>()
    /// Fulfilled with `nil` when the process could not be started or was lost.
    let exit = Promise<WorkerExit?>()
    /// Fulfilled when the process runs, or will never do so.
    let isSpawned = Promise<Bool>()

    init(_ specification: WorkerSpecification) {
        self.specification = specification
        state = Mutex(State(limits: specification.limits))
        inbox = MessageInbox(capacity: specification.limits.messagesUnread)
        (outbox, outboxEnd) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(specification.limits.linesUnwritten))
    }

    package var name: String { specification.name }

    /// The process number, also after its end; `nil` when it never ran.
    package var pid: Int32? { state.withLock { $0.lastKnownPid } }

    /// How it ended, `nil` while it runs.
    package var exitIfEnded: WorkerExit? { exit.valueIfKnown ?? nil }

    /// The last lines that it wrote to its standard error.
    package var diagnostics: [String] { state.withLock { $0.tail.lines } }

    /// Sends one message. It returns when the line is in the pipe, which says nothing about
    /// whether the worker has acted on it.
    ///
    /// - Throws: `deaf` when the worker does not read in time, `ended` when it is gone.
    package func send(_ message: WorkerMessage) async throws(WorkerError) {
        try await send(message.body, as: message.name)
    }

    /// Sends one JSON value as a line, or in pieces where it is longer. `label` is what errors
    /// call it.
    package func send(_ value: JSONValue, as label: String) async throws(WorkerError) {
        let line: Line
        do {
            line = Line(bytes: try MessagePieces.lines(of: value))
        } catch {
            preconditionFailure("a control message has to be valid JSON of bounded size: \(error)")
        }
        let limit = specification.limits.sendDeadline
        switch outboxEnd.yield(line) {
        case .enqueued: break
        case .dropped:
            fault(.deaf(limit))
            throw error(.deaf(limit), awaiting: label)
        default: throw await gone(awaiting: label)
        }
        switch await withDeadline(limit, { await line.isWritten.value() }) {
        case true?: return
        case false?: throw await gone(awaiting: label)
        case nil where Task.isCancelled: throw error(.cancelled, awaiting: label)
        case nil:
            let reason: WorkerError.Reason = isStopped ? .stopped(limit) : .deaf(limit)
            fault(reason)
            throw error(reason, awaiting: label)
        }
    }

    /// Waits for the answer called `name`, for at most `limit`.
    ///
    /// - Throws: `silent` when the time is over (the worker is left running), `ended` when it died,
    ///   `failed` when it said so, `violation` when it sent another answer or broke the protocol.
    package func expect(
        _ name: String, within limit: Duration
    ) async throws(WorkerError) -> WorkerMessage {
        switch await withDeadline(limit, { [inbox] in await inbox.next() }) {
        case .message(let message)? where message.name == name:
            return message
        case .message(let message)?:
            if let failure = vocabulary?.failure, failure == message.name {
                throw error(.failed(message), awaiting: name)
            }
            let violation = WorkerProtocolViolation(
                "sent \"\(message.name)\" where \"\(name)\" was awaited")
            fault(.violation(violation))
            throw error(.violation(violation), awaiting: name)
        case .closed?:
            throw await gone(awaiting: name)
        case nil:
            throw error(
                Task.isCancelled ? .cancelled : isStopped ? .stopped(limit) : .silent(limit),
                awaiting: name)
        }
    }

    /// Ends the worker and waits until it is reaped: its standard input is closed, after `grace`
    /// it gets SIGTERM, after a second more SIGKILL. Calling it again, or after the worker's own
    /// end, only waits.
    ///
    /// - Parameter grace: how long it may take to end by itself; by default the specification's.
    /// - Returns: how it ended; `nil` when it never ran.
    @discardableResult
    package func stop(grace: Duration? = nil) async -> WorkerExit? {
        ending.fulfil(.stop(grace: grace ?? specification.limits.stopGrace))
        return await waitForExit()
    }

    /// Waits for the end without asking for it, even when the calling task is cancelled: bound it
    /// by ``stop(grace:)`` or ``kill(signal:)``.
    package func waitForExit() async -> WorkerExit? {
        // A task of its own, because a cancelled one cannot wait.
        await Task { await exit.value() ?? nil }.value
    }

    /// Sends a signal to the worker and to what it started. Safe at any time and from any thread;
    /// `false` when the process is not there (yet, or any more).
    @discardableResult
    package func kill(signal: Int32 = SIGKILL) -> Bool {
        // Under the lock, so that the process cannot be reaped and its number reused meanwhile.
        state.withLock { state in
            guard let pid = state.pid else { return false }
            return Glibc.kill(-pid, signal) == 0
        }
    }

    /// Stops waiting for a process that does not come to exist; should it do so after all, it is
    /// ended.
    func giveUp() {
        state.withLock { $0.isGivenUp = true }
        ending.fulfil(.kill)
    }

    var isGivenUp: Bool { state.withLock { $0.isGivenUp } }

    /// Whether a signal has stopped the process, and none has continued it.
    private var isStopped: Bool {
        state.withLock { $0.pid }.map { ProcessFacts.isStopped($0) } ?? false
    }

    var vocabulary: WorkerVocabulary? {
        if case .messages(let vocabulary) = specification.output { return vocabulary }
        return nil
    }

    /// Notes the first thing that went wrong, and kills the worker.
    func fault(_ reason: WorkerError.Reason) {
        state.withLock { state in
            if state.fault == nil { state.fault = reason }
        }
        ending.fulfil(.kill)
        kill()
    }

    func error(_ reason: WorkerError.Reason, awaiting awaited: String) -> WorkerError {
        WorkerError(worker: name, awaited: awaited, reason: reason, diagnostics: diagnostics)
    }

    /// The error for a worker from which nothing more can come: it waits for the end, which is
    /// bounded by the graces, to say how it ended.
    private func gone(awaiting awaited: String) async -> WorkerError {
        let exit = await waitForExit()
        let fault = state.withLock { $0.fault }
        let unknown = WorkerError.Reason.notStarted("its process was lost")
        return error(fault ?? exit.map { .ended($0) } ?? unknown, awaiting: awaited)
    }
}
