import Synchronization

/// A value that is set once and awaited by any number of tasks. Waiting ends early, with `nil`, if
/// the waiting task is cancelled; the value itself is never lost by that.
final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
        var nextTicket = 0
    }

    private let state = Mutex(State())

    /// The value if it is already set.
    var valueIfKnown: Value? {
        state.withLock { $0.value }
    }

    /// Sets the value. Only the first call counts; later ones have no effect.
    func fulfil(_ value: Value) {
        let waiters = state.withLock { state -> [CheckedContinuation<Value?, Never>] in
            guard state.value == nil else { return [] }
            state.value = value
            defer { state.waiters.removeAll() }
            return Array(state.waiters.values)
        }
        // Outside the lock: a resumed task may acquire it at once.
        for waiter in waiters {
            waiter.resume(returning: value)
        }
    }

    /// Waits for the value; `nil` if the waiting task is cancelled first.
    func value() async -> Value? {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(continuation, ticket: ticket)
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
            waiter?.resume(returning: nil)
        }
    }

    private func enter(_ continuation: CheckedContinuation<Value?, Never>, ticket: Int) {
        let (value, mustWait) = state.withLock { state -> (Value?, Bool) in
            // The flag is set before the handler above runs: one of the two always sees the other.
            guard state.value == nil, !Task.isCancelled else { return (state.value, false) }
            state.waiters[ticket] = continuation
            return (nil, true)
        }
        if !mustWait {
            continuation.resume(returning: value)
        }
    }
}
