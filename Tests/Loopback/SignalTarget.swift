import Datagrams
import Glibc
import Synchronization

/// A thread that may be sent signals while it runs, and not after.
final class SignalTarget: Sendable {
    private struct Handle: @unchecked Sendable { let thread: pthread_t }
    private let handle = Mutex<Handle?>(nil)

    func begin() {
        let own = Handle(thread: pthread_self())
        handle.withLock { $0 = own }
    }

    func end() { handle.withLock { $0 = nil } }

    /// Sends the signal now; `false` when the thread does not run.
    func strike(_ signal: Int32) -> Bool {
        handle.withLock { handle in
            guard let handle else { return false }
            return pthread_kill(handle.thread, signal) == 0
        }
    }
}

/// Interrupts threads a thousand times a second: with a handler and without SA_RESTART, so that
/// every call that can return EINTR does.
final class SignalStorm: Sendable {
    static let signal = SIGUSR1
    private let isOver = Atomic<Bool>(false)
    private let strikes = Atomic<Int>(0)
    private let thread = Mutex<DataThread?>(nil)

    init(over targets: [SignalTarget]) throws {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(Self.signal, &action, nil)
        let started = try DataThread.start(name: "storm", cpu: nil) { self.rage(targets) }
        thread.withLock { $0 = started }
    }

    private func rage(_ targets: [SignalTarget]) {
        while !isOver.load(ordering: .relaxed) {
            for target in targets where target.strike(Self.signal) {
                strikes.add(1, ordering: .relaxed)
            }
            usleep(1_000)
        }
    }

    /// - Returns: How many signals were sent.
    func end() -> Int {
        isOver.store(true, ordering: .relaxed)
        thread.withLock { $0 }?.join()
        return strikes.load(ordering: .relaxed)
    }
}
