import Glibc
import JSON
import Synchronization
import Workers

/// A worker process from the runner's side: messages in and out, each with a deadline, and an end
/// that is certain. Made by ``WorkerCrew/start(_:)``; it exists as long as the crew's scope.
///
/// Every method may be called from any task. The class belongs to the control plane: it allocates,
/// locks and waits.
package final class WorkerProcess: Sendable {
    /// The way in which a worker is ended, with its grace.
    enum Ending: Sendable {
        /// Close the worker's standard input, wait, then SIGTERM, wait, then SIGKILL.
        case stop(grace: Duration)
        /// Close the worker's standard input and SIGTERM at once, wait, then SIGKILL.
        case terminate
        /// SIGKILL at once.
        case kill
        /// The worker closed this stream, as an exiting worker does, so it gets the grace to exit;
        /// if it keeps running it has broken the protocol.
        case closed(stream: String)
    }

    /// A message, in as many lines as necessary.
    struct Line: Sendable {
        let bytes: [UInt8]
        let isWritten = Promise<Bool>()
    }

    struct State {
        /// The process from the spawn until just before the reaping: while it is set, its number
        /// cannot belong to another process.
        var child: (any ChildProcess)?
        var lastKnownPid: pid_t?
        /// Whether the process was not spawned in time, and no task waits for it any more.
        var isGivenUp = false
        var fault: WorkerError.Reason?
        var tail: DiagnosticTail
        var diagnosticsToForward: Int
        var maxRssBytes: Int?
        /// The time of the last message.
        var heardNs: Int64?
        /// The value `line` or `message`; nil if the output ended with a complete one.
        var endedInMiddleOf: String?

        init(limits: WorkerLimits) {
            tail = DiagnosticTail(limits: limits)
            diagnosticsToForward = limits.diagnosticLinesForwarded
        }
    }

    package let specification: WorkerSpecification
    let host: any ControlHost
    /// The place where the process runs.
    package let place: any WorkerPlace
    let state: Mutex<State>
    let inbox: MessageInbox
    let outbox: AsyncStream<Line>
    let outboxEnd: AsyncStream<Line>.Continuation
    let ending = Promise<Ending>()
    /// Fulfilled with `nil` if the process could not be started or was lost.
    let exit = Promise<WorkerExit?>()
    /// Fulfilled when the process runs, or will never run.
    let isSpawned = Promise<Bool>()

    init(
        _ specification: WorkerSpecification, on host: any ControlHost,
        at place: (any WorkerPlace)? = nil
    ) {
        self.specification = specification
        self.host = host
        self.place = place ?? host
        state = Mutex(State(limits: specification.limits))
        inbox = MessageInbox(capacity: specification.limits.messagesUnread)
        (outbox, outboxEnd) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(specification.limits.linesUnwritten))
    }

    package var name: String { specification.name }

    /// The process id, also after the exit; `nil` if the process never ran.
    package var pid: Int32? { state.withLock { $0.lastKnownPid } }

    /// The exit, `nil` while the process runs.
    package var exitIfEnded: WorkerExit? { exit.valueIfKnown ?? nil }

    /// The last lines of the process's standard error.
    package var diagnostics: [String] { state.withLock { $0.tail.lines } }

    /// Sends one message. Returns when the line is in the pipe, whether or not the worker has acted
    /// on it.
    ///
    /// - Throws: `deaf` if the worker does not read in time, `ended` if it has exited.
    package func send(_ message: WorkerMessage) async throws(WorkerError) {
        try await send(message.body, as: message.name)
    }

    /// Sends one JSON value as a line, or in pieces if it is longer. `label` is its name in errors.
    package func send(_ value: JSONValue, as label: String) async throws(WorkerError) {
        let bytes: [UInt8]
        do {
            bytes = try MessagePieces.lines(of: value)
        } catch {
            preconditionFailure("a control message has to be valid JSON of bounded size: \(error)")
        }
        try await send(bytes, as: label)
    }

    /// Sends lines as they are, each with its line feed.
    func send(_ bytes: [UInt8], as label: String) async throws(WorkerError) {
        let line = Line(bytes: bytes)
        let limit = specification.limits.sendDeadline
        switch outboxEnd.yield(line) {
        case .enqueued: break
        case .dropped:
            fault(.deaf(limit))
            throw error(.deaf(limit), awaiting: label)
        default: throw await gone(awaiting: label)
        }
        switch await withDeadline(limit, on: host, { await line.isWritten.value() }) {
        case true?: return
        case false?: throw await gone(awaiting: label)
        case nil where Task.isCancelled: throw error(.cancelled, awaiting: label)
        case nil:
            let reason: WorkerError.Reason = isStopped ? .stopped(limit) : .deaf(limit)
            fault(reason)
            throw error(reason, awaiting: label)
        }
    }

    /// Appends lines, each with its line feed, without waiting until they are written.
    /// - Returns: `false` if there is no room, or the process is gone.
    func post(_ bytes: [UInt8]) -> Bool {
        if case .enqueued = outboxEnd.yield(Line(bytes: bytes)) { return true }
        return false
    }

    /// Waits for the reply `name`, for at most `limit`.
    ///
    /// - Throws: `silent` if the time is over (the worker keeps running), `ended` if it exited,
    ///   `failed` if it reported so, `violation` if it sent another reply or broke the protocol.
    package func expect(
        _ name: String, within limit: Duration
    ) async throws(WorkerError) -> WorkerMessage {
        switch await withDeadline(limit, on: host, { [inbox] in await inbox.next() }) {
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

    /// Waits for the reply `name` of a worker that sends events until then.
    ///
    /// - Parameters:
    ///   - limit: The time limit for the reply.
    ///   - silence: The longest time without any message.
    /// - Throws: As ``expect(_:within:)``; `mute` if there was no message for `silence`.
    package func expect(
        _ name: String, within limit: Duration, silence: Duration
    ) async throws(WorkerError) -> WorkerMessage {
        let startNs = host.nowNs()
        while true {
            let nowNs = host.nowNs()
            let rest = limit - .nanoseconds(nowNs - startNs)
            let heardNs = max(startNs, state.withLock { $0.heardNs } ?? startNs)
            let quiet = silence - .nanoseconds(nowNs - heardNs)
            guard quiet < rest else { return try await expect(name, within: rest) }
            guard quiet > .zero else { throw error(.mute(silence), awaiting: name) }
            do {
                return try await expect(name, within: quiet)
            } catch {
                guard case .silent = error.reason else { throw error }
            }
        }
    }

    /// Ends the worker and waits until it is reaped: its standard input is closed, after `grace` it
    /// gets SIGTERM, after a second more SIGKILL. A further call, or one after the worker's own
    /// exit, only waits.
    ///
    /// - Parameter grace: the time to exit by itself; by default the specification's.
    /// - Returns: the exit; `nil` if it never ran.
    @discardableResult
    package func stop(grace: Duration? = nil) async -> WorkerExit? {
        ending.fulfil(.stop(grace: grace ?? specification.limits.stopGrace))
        return await waitForExit()
    }

    /// Waits for the exit without requesting it, even if the calling task is cancelled: bound the
    /// wait by ``stop(grace:)`` or ``kill(signal:)``.
    package func waitForExit() async -> WorkerExit? {
        // A task of its own, because a cancelled one cannot wait.
        await host.task { [exit] in _ = await exit.value() }.value
        return exitIfEnded
    }

    /// Sends a signal to the worker and its process group. Safe at any time and from any thread;
    /// `false` if the process does not exist (yet, or any more).
    @discardableResult
    package func kill(signal: Int32 = SIGKILL) -> Bool {
        // Under the lock, so that the process cannot be reaped and its number reused meanwhile.
        state.withLock { $0.child?.signal(signal) ?? false }
    }

    /// Sends a signal to the worker and its process group.
    /// - Returns: The time just before it was sent, of this host's clock.
    @discardableResult
    package func signal(_ number: Int32) async -> Int64 {
        let child = state.withLock { $0.child }
        let sentNs = host.nowNs()
        kill(signal: number)
        return await child?.timeOfSignal(sentNs: sentNs) ?? sentNs
    }

    /// Stops waiting for a process that was not spawned in time; if it is spawned later, it is
    /// ended.
    func giveUp() {
        state.withLock { $0.isGivenUp = true }
        ending.fulfil(.kill)
    }

    var isGivenUp: Bool { state.withLock { $0.isGivenUp } }

    /// Whether a signal has stopped the process, without a later one to continue it.
    private var isStopped: Bool {
        state.withLock { $0.child }?.isStopped ?? false
    }

    var vocabulary: WorkerVocabulary? {
        if case .messages(let vocabulary) = specification.output { return vocabulary }
        return nil
    }

    /// Records the first fault, and kills the worker.
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

    /// Returns the error for a worker from which nothing more can arrive, after waiting for its
    /// exit, which the graces bound.
    private func gone(awaiting awaited: String) async -> WorkerError {
        let exit = await waitForExit()
        let fault = state.withLock { $0.fault }
        let unknown = WorkerError.Reason.notStarted("its process was lost")
        return error(fault ?? exit.map { .ended($0) } ?? unknown, awaiting: awaited)
    }
}
