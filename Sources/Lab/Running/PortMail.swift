import Loops
import Synchronization

/// Receives a responder's replies to port orders, in their order.
final class PortMail: Sendable {
    private let awaited = Mutex<[Promise<PortReply>]>([])

    /// Returns the promise of the next reply that nobody awaits. To be called before the order is
    /// sent.
    func expect() -> Promise<PortReply> {
        let promise = Promise<PortReply>()
        awaited.withLock { $0.append(promise) }
        return promise
    }

    func deliver(_ reply: PortReply) {
        let promise = awaited.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        promise?.fulfil(reply)
    }
}
