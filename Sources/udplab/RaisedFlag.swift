import Synchronization

/// A flag that one thread raises and another takes down, such as the order to read a file again.
final class RaisedFlag: Sendable {
    private let isRaised = Atomic<Bool>(false)

    func raise() { isRaised.store(true, ordering: .relaxed) }

    /// Whether it was raised since the last call.
    func take() -> Bool { isRaised.exchange(false, ordering: .relaxed) }
}
