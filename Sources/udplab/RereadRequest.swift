import Synchronization

/// That SIGHUP has come, from the thread that catches signals to the one that acts.
final class RereadRequest: Sendable {
    private let isAsked = Atomic<Bool>(false)

    func ask() { isAsked.store(true, ordering: .relaxed) }

    /// Whether it was asked for since the last call.
    func take() -> Bool { isAsked.exchange(false, ordering: .relaxed) }
}
