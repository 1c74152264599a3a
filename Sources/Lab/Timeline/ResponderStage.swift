import Datagrams
import Glibc
import Synchronization

/// An instance of a run's responder while the timeline has its way with it: who answers now, who
/// did before, and what is known of those.
final class ResponderStage: Sendable {
    private struct State {
        var current: PreparedWorker?
        var isPaused = false
        /// The drops of the socket when the responder was paused; nil when they are not known.
        var dropsAtPause: Int?
        var record = ResponderRecord()
        var successor = Promise<PreparedWorker>()

        /// The drops of a pause that nobody could count stay with the responder's overflow: this
        /// host's all the same.
        mutating func notePauseEnd(drops: Int?) {
            if isPaused, let dropsAtPause, let drops { record.outageDrops += drops - dropsAtPause }
            isPaused = false
            dropsAtPause = nil
        }
    }

    private let state: Mutex<State>

    init(_ first: PreparedWorker) { state = Mutex(State(current: first)) }

    /// Nil while the responder is killed.
    var current: PreparedWorker? { state.withLock { $0.current } }

    /// Without the events, which are the group's.
    var record: ResponderRecord { state.withLock { $0.record } }

    /// Takes the responder away: its end is no failure from now on.
    func dismiss() -> PreparedWorker? {
        let drops = self.drops
        return state.withLock { state in
            state.notePauseEnd(drops: drops)
            state.successor = Promise()
            defer { state.current = nil }
            return state.current
        }
    }

    func add(_ former: FormerResponder) { state.withLock { $0.record.formers.append(former) } }

    /// Another process answers in its place.
    func enter(_ worker: PreparedWorker) {
        let promise = state.withLock { state in
            state.current = worker
            return state.successor
        }
        promise.fulfil(worker)
    }

    /// Who comes after a responder that was taken away; nil when this task is cancelled before.
    func successor() async -> PreparedWorker? {
        let promise = state.withLock { $0.successor }
        return await promise.value()
    }

    var isPaused: Bool { state.withLock { $0.dropsAtPause != nil } }

    /// What the full buffers of the responder's sockets have refused so far; nil when the kernel
    /// does not say.
    var drops: Int? { load?.drops }

    private var load: PortUse.Load? {
        guard let worker = current, let address = worker.target, let pid = worker.process.pid
        else { return nil }
        return PortUse.load(on: address, of: Int(pid))
    }

    /// - Returns: When, just before the signal: looking at the sockets takes its time.
    func pause() -> Int64 {
        let drops = self.drops
        state.withLock { state in
            state.isPaused = true
            state.dropsAtPause = drops
        }
        let atNs = LinuxClock().nowNs()
        signal(SIGSTOP)
        return atNs
    }

    /// Does nothing to a responder that is not paused. Returns when the responder is seen to read
    /// again: what its full buffer refuses until then is part of the outage.
    /// - Returns: When it was resumed, just before the signal; nil of one that is not paused.
    @discardableResult
    func resume() async -> Int64? {
        guard state.withLock({ $0.isPaused }) else { return nil }
        let queuedBytes = load?.queuedBytes ?? 0
        let atNs = LinuxClock().nowNs()
        signal(SIGCONT)
        _ = await withDeadline(Self.returnWithin) { [self] in
            while !Task.isCancelled, let now = load, now.queuedBytes > 0,
                now.queuedBytes >= queuedBytes
            {
                try? await Task.sleep(for: Self.lookInterval)
            }
            return true
        }
        let drops = self.drops
        state.withLock { $0.notePauseEnd(drops: drops) }
        return atNs
    }

    /// How long a responder may take until it reads again, on a machine that is busy.
    private static let returnWithin = Duration.seconds(2)
    private static let lookInterval = Duration.milliseconds(1)

    private func signal(_ number: Int32) { current?.signal(number) }
}

extension PreparedWorker {
    /// To the responder itself: the user's program, where it is one.
    func signal(_ number: Int32) {
        if let command = ready.commandPid {
            // A group of its own, which the worker holds until it has reaped it.
            _ = Glibc.kill(-Int32(command), number)
        } else {
            process.kill(signal: number)
        }
    }
}
