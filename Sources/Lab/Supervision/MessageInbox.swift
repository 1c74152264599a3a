import Synchronization

/// A bounded queue of a worker's messages between the task that reads them and the tasks that await
/// them, with an end. An `AsyncStream` is unsuitable: it ends permanently when a task that waits on
/// it is cancelled, and every deadline here is such a cancellation.
final class MessageInbox: Sendable {
    enum Taken: Sendable {
        case message(WorkerMessage)
        /// No message is left and none will arrive.
        case closed
    }

    private struct State {
        var messages: [WorkerMessage] = []
        var isClosed = false
        var waiters: [(ticket: Int, continuation: CheckedContinuation<Taken?, Never>)] = []
        var nextTicket = 0

        mutating func take() -> Taken? {
            if !messages.isEmpty { return .message(messages.removeFirst()) }
            return isClosed ? .closed : nil
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds a message. Returns `false` if the queue is full: the worker sends too many.
    func offer(_ message: WorkerMessage) -> Bool {
        enum Step {
            case kept
            case full
            case give(CheckedContinuation<Taken?, Never>)
        }
        let step = state.withLock { state -> Step in
            if !state.waiters.isEmpty { return .give(state.waiters.removeFirst().continuation) }
            guard state.messages.count < capacity else { return .full }
            state.messages.append(message)
            return .kept
        }
        switch step {
        case .kept: return true
        case .full: return false
        case .give(let waiter):
            waiter.resume(returning: .message(message))
            return true
        }
    }

    /// Notifies waiting tasks that nothing more will arrive. Queued messages stay.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters {
            waiter.continuation.resume(returning: .closed)
        }
    }

    /// Returns the next message; `nil` if the waiting task is cancelled first.
    func next() async -> Taken? {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(continuation, ticket: ticket)
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Taken?, Never>? in
                let index = state.waiters.firstIndex { $0.ticket == ticket }
                return index.map { state.waiters.remove(at: $0).continuation }
            }
            waiter?.resume(returning: nil)
        }
    }

    private func enter(_ continuation: CheckedContinuation<Taken?, Never>, ticket: Int) {
        let (taken, mustWait) = state.withLock { state -> (Taken?, Bool) in
            if let taken = state.take() { return (taken, false) }
            // The flag is set before the handler above runs: one of the two always sees the other.
            if Task.isCancelled { return (nil, false) }
            state.waiters.append((ticket, continuation))
            return (nil, true)
        }
        if !mustWait {
            continuation.resume(returning: taken)
        }
    }
}
