import Datagrams
import Glibc
import Reports
import Synchronization

/// The signals that stop a run: the first requests an orderly stop, the second ends everything at
/// once.
package final class Interruption: Sendable {
    /// The signals SIGINT, SIGTERM, SIGHUP: from a user, a supervisor or a closed terminal.
    private static let signals: [Int32] = [SIGINT, SIGTERM, SIGHUP]

    private struct State {
        var first: Int32?
        var onFirst: [Int: @Sendable () -> Void] = [:]
        var onSecond: [Int: @Sendable () -> Void] = [:]
        var nextKey = 0
    }

    private let state = Mutex(State())
    private let onHangUp: (@Sendable () -> Void)?

    /// Makes an interruption.
    /// - Parameter onHangUp: The action on SIGHUP; `nil` if it requests a stop, as the others do.
    package init(onHangUp: (@Sendable () -> Void)? = nil) { self.onHangUp = onHangUp }

    /// The name of the signal that requested the stop; `nil` if there was none.
    package var signalName: String? {
        state.withLock { $0.first }.map { WorkerExit.name(ofSignal: $0) }
    }

    package var isRequested: Bool { state.withLock { $0.first != nil } }

    /// Calls `stop` on the first signal (at once if it came already) and `kill` on the second,
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

    /// Handles a signal. Called by the signal thread for every signal.
    package func receive(_ signal: Int32) {
        if signal == SIGHUP, let onHangUp { return onHangUp() }
        let (actions, isSecond) = state.withLock { state in
            if state.first == nil {
                state.first = signal
                return (state.onFirst.sorted { $0.key < $1.key }.map(\.value), false)
            }
            return (state.onSecond.sorted { $0.key < $1.key }.map(\.value), true)
        }
        for action in actions { action() }
        if isSecond { _exit(ExitStatus.stopped.rawValue) }
    }

    /// Catches the signals, and handles them on a thread of its own. To be called once.
    ///
    /// SIGHUP stays ignored if it was ignored before, because nohup(1) requires that. SIGINT does
    /// not: a shell ignores it for background processes of a script, and a SIGINT sent there
    /// explicitly is meant.
    package func install() throws(SystemFailure) {
        let numbers = Self.signals.filter {
            $0 != SIGHUP || onHangUp != nil || !ProcessControl.isIgnored($0)
        }
        let pipe = try ProcessControl.catchSignals(
            numbers, other: onHangUp == nil ? nil : SIGHUP, exitCode: ExitStatus.stopped.rawValue)
        _ = try DataThread.start(name: "signals", cpu: nil) { [self] in serve(pipe) }
    }

    private func serve(_ pipe: Int32) {
        var number: UInt8 = 0
        while true {
            let got = read(pipe, &number, 1)
            if got == 1 {
                receive(Int32(number))
            } else if got == 0 || errno != EINTR {
                return
            }
        }
    }
}
