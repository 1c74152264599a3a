import Synchronization

/// A flag that one thread sets and another clears, such as the order to read a file again.
final class RaisedFlag: Sendable {
    private let isRaised = Atomic<Bool>(false)

    func raise() { isRaised.store(true, ordering: .relaxed) }

    /// Whether the flag was set since the last call.
    func take() -> Bool { isRaised.exchange(false, ordering: .relaxed) }
}
