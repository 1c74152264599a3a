import Datagrams
import Glibc
import Synchronization

/// An instance of a run's responder under the timeline: the current process, the former ones, and
/// their records.
final class ResponderStage: Sendable {
    private struct State {
        var current: PreparedWorker?
        var isPaused = false
        /// The drops of the socket when the responder was paused; nil if unknown.
        var dropsAtPause: Int?
        var record = ResponderRecord()
        var successor = Promise<PreparedWorker>()
        /// Whether the current process is to be killed by an order that is on its way.
        var isDoomed = false

        /// Records the end of a pause. Unknown drops of the pause stay in the responder's overflow,
        /// which is a limit of this host too.
        mutating func notePauseEnd(drops: Int?) {
            if isPaused, let dropsAtPause, let drops { record.outageDrops += drops - dropsAtPause }
            isPaused = false
            dropsAtPause = nil
        }
    }

    private let host: any ControlHost
    private let state: Mutex<State>

    init(_ first: PreparedWorker, on host: any ControlHost) {
        self.host = host
        state = Mutex(State(current: first))
    }

    /// The current process; nil while the responder is killed.
    var current: PreparedWorker? { state.withLock { $0.current } }

    /// The record without the events, which are the group's.
    var record: ResponderRecord { state.withLock { $0.record } }

    /// Removes the current process: its exit is no failure from now on.
    /// - Parameter drops: Its drops so far.
    func dismiss(drops: Int?) -> PreparedWorker? {
        return state.withLock { state in
            state.notePauseEnd(drops: drops)
            if !state.isDoomed { state.successor = Promise() }
            state.isDoomed = false
            defer { state.current = nil }
            return state.current
        }
    }

    /// Has the exit of the current process be no failure from now on: it is to be killed.
    func doom() {
        state.withLock { state in
            state.isDoomed = true
            state.successor = Promise()
        }
    }

    /// Whether the exit of a process is a failure.
    func expects(_ process: WorkerProcess) -> Bool {
        state.withLock { $0.current?.process === process && !$0.isDoomed }
    }

    func add(_ former: FormerResponder) { state.withLock { $0.record.formers.append(former) } }

    /// Installs another process in its place.
    func enter(_ worker: PreparedWorker) {
        let promise = state.withLock { state in
            state.current = worker
            return state.successor
        }
        promise.fulfil(worker)
    }

    /// Returns the successor of a removed process; nil if this task is cancelled before.
    func successor() async -> PreparedWorker? {
        let promise = state.withLock { $0.successor }
        return await promise.value()
    }

    var isPaused: Bool { state.withLock { $0.dropsAtPause != nil } }

    /// The drops of the responder's full receive buffers so far; nil if the kernel does not report
    /// drops.
    func drops() async -> Int? { await load()?.drops }

    private func load() async -> PortUse.Load? {
        guard let worker = current, let address = worker.target, let pid = worker.process.pid
        else { return nil }
        return await worker.process.place.load(on: address, of: Int(pid))
    }

    /// Pauses the responder.
    /// - Returns: The time just before the signal, because reading the sockets takes time.
    func pause() async -> Int64 {
        notePause(drops: await drops())
        return await signal(SIGSTOP)
    }

    /// Records a pause.
    /// - Parameter drops: The drops of the socket just before; nil if unknown.
    func notePause(drops: Int?) {
        state.withLock { state in
            state.isPaused = true
            state.dropsAtPause = drops
        }
    }

    /// Resumes a paused responder. Returns when the responder is seen to read again: datagrams
    /// dropped by its full buffer until then are part of the outage.
    /// - Returns: The time just before the signal; nil if the responder was not paused.
    @discardableResult
    func resume() async -> Int64? {
        guard state.withLock({ $0.isPaused }) else { return nil }
        let queuedBytes = await load()?.queuedBytes ?? 0
        let atNs = await signal(SIGCONT)
        await noteReturn(queuedBytes: queuedBytes)
        return atNs
    }

    /// Records the end of a pause, when the responder is seen to read again.
    /// - Parameter queuedBytes: The bytes that waited in its buffer.
    func noteReturn(queuedBytes: Int) async {
        _ = await withDeadline(Self.returnWithin, on: host) { [self] in
            while !Task.isCancelled, let now = await load(), now.queuedBytes > 0,
                now.queuedBytes >= queuedBytes
            {
                try? await host.sleep(for: Self.lookInterval)
            }
            return true
        }
        let drops = await drops()
        state.withLock { $0.notePauseEnd(drops: drops) }
    }

    /// The time limit for a responder to read again, on a busy machine.
    private static let returnWithin = Duration.seconds(2)
    private static let lookInterval = Duration.milliseconds(1)

    private func signal(_ number: Int32) async -> Int64 {
        await current?.signal(number) ?? host.nowNs()
    }
}

extension PreparedWorker {
    /// Sends a signal to the responder itself: to the user's program, if it is one.
    /// - Returns: The time just before it was sent, of this host's clock.
    @discardableResult
    func signal(_ number: Int32) async -> Int64 {
        if let command = ready.commandPid {
            // A group of its own, whose id is not reused until the worker has reaped it.
            return await process.place.signal(number, group: Int32(command))
        }
        return await process.signal(number)
    }
}
