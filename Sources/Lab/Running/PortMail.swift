import Loops
import Synchronization

/// Receives a responder's replies to port orders.
final class PortMail: Sendable {
    private let awaited = Mutex(Promise<PortReply>())

    /// Returns the promise of the next reply. To be called before the order is sent.
    func expect() -> Promise<PortReply> {
        let promise = Promise<PortReply>()
        awaited.withLock { $0 = promise }
        return promise
    }

    func deliver(_ reply: PortReply) { awaited.withLock { $0 }.fulfil(reply) }
}
