import Synchronization
import Workers

/// Where a responder's answers to orders about its port arrive.
final class PortMail: Sendable {
    private let awaited = Mutex(Promise<PortReply>())

    /// To be called before the order is sent.
    func expect() -> Promise<PortReply> {
        let promise = Promise<PortReply>()
        awaited.withLock { $0 = promise }
        return promise
    }

    func deliver(_ reply: PortReply) { awaited.withLock { $0 }.fulfil(reply) }
}
