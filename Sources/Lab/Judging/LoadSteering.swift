import Metrics
import Synchronization

/// The load adjustment of a run (RFC 9097): from the messages of its receiver to the orders of its
/// sender. Its messages come from other tasks than its silence is looked for by.
final class LoadSteering: Sendable {
    typealias Send = @Sendable (CapacityTest.Order) -> Void

    private struct State {
        var test: CapacityTest?
        var send: Send = { _ in }
        var heardNs: Int64 = 0
    }

    private let state = Mutex(State())

    /// Begins, before the first message.
    /// - Parameter send: Sends an order; called under a lock, and returns at once.
    func begin(_ settings: CapacityTest.Settings, send: @escaping Send) {
        state.withLock { state in
            state.test = CapacityTest(settings)
            state.send = send
            state.heardNs = settings.startNs
        }
    }

    /// Takes a message of the receiver.
    func take(_ feedback: LoadFeedback, nowNs: Int64) {
        state.withLock { state in
            state.heardNs = max(state.heardNs, nowNs)
            // In the lock, so that orders go out in the order of the messages.
            if let order = state.test?.take(feedback) { state.send(order) }
        }
    }

    /// Ends the load if the receiver has sent no message for too long.
    func look(nowNs: Int64) {
        state.withLock { state in
            guard let settings = state.test?.settings, nowNs < settings.endNs,
                nowNs - state.heardNs > CapacityTest.silenceNs,
                let order = state.test?.takeSilence()
            else { return }
            state.send(order)
        }
    }

    /// The test so far; nil before its begin.
    var test: CapacityTest? { state.withLock { $0.test } }
}
