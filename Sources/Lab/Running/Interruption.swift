import Glibc
import Synchronization

/// Ctrl-C and its kin: the first asks for an orderly stop, the second ends everything at once.
package final class Interruption: Sendable {
    /// SIGINT, SIGTERM, SIGHUP: what a person, a supervisor or a closed terminal sends.
    private static let signals: [Int32] = [SIGINT, SIGTERM, SIGHUP]

    private struct State {
        var first: Int32?
        var onFirst: [Int: @Sendable () -> Void] = [:]
        var onSecond: [Int: @Sendable () -> Void] = [:]
        var nextKey = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The signal that asked for the stop, by name; `nil` while there was none.
    package var signalName: String? {
        state.withLock { $0.first }.map { WorkerExit.name(ofSignal: $0) }
    }

    package var isRequested: Bool { state.withLock { $0.first != nil } }

    /// Calls `stop` on the first signal (at once when it came already) and `kill` on the second,
    /// until the returned key is given to `forget`.
    func watch(
        stop: @escaping @Sendable () -> Void, kill: @escaping @Sendable () -> Void
    ) -> Int {
        let (key, isLate) = state.withLock { state in
            state.nextKey += 1
            state.onFirst[state.nextKey] = stop
            state.onSecond[state.nextKey] = kill
            return (state.nextKey, state.first != nil)
        }
        if isLate { stop() }
        return key
    }

    func forget(_ key: Int) {
        state.withLock { state in
            state.onFirst[key] = nil
            state.onSecond[key] = nil
        }
    }

    /// What the signal thread calls for every signal.
    package func receive(_ signal: Int32) {
        let (actions, isSecond) = state.withLock { state in
            if state.first == nil {
                state.first = signal
                return (Array(state.onFirst.values), false)
            }
            return (Array(state.onSecond.values), true)
        }
        for action in actions { action() }
        if isSecond { _exit(105) }
    }

    /// Takes the signals off every thread of this process and serves them on one of their own.
    /// Call it before any other thread is made: they inherit the mask.
    package func install() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in Self.signals { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let retained = Unmanaged.passRetained(self)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let interruption = Unmanaged<Interruption>.fromOpaque(context)
                    .takeRetainedValue()
                interruption.serve()
                return nil
            }, retained.toOpaque())
        pthread_detach(thread)
    }

    private func serve() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in Self.signals { sigaddset(&set, number) }
        var number: Int32 = 0
        while sigwait(&set, &number) == 0 { receive(number) }
    }
}
