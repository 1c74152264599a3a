/// What a responder counted of one flow, or of a stream's flows together: unique datagrams.
package struct ResponderCounts: BitwiseCopyable, Codable, Equatable, Sendable {
    /// First copies, late ones included.
    package var received = 0
    /// Of `received`: after the timeout. Only a sink reads the stamps that say so.
    package var late = 0
    package var duplicates = 0
    package var echoed = 0
    package var echoFailed = 0
    package var rejected = 0
    /// First copies of probes above what the sender says that it sent; in no other count.
    package var unsent = 0
    package var lastReceivedNs: Int64 = 0

    package init() {}

    /// Received, and not known to have been answered: in the responder's hands.
    package var inHand: Int { max(0, received - echoed - echoFailed - rejected) }

    /// Adds what another flow, another thread or another process counted.
    package mutating func add(_ other: ResponderCounts) {
        if other.received > 0 { lastReceivedNs = max(lastReceivedNs, other.lastReceivedNs) }
        received += other.received
        late += other.late
        duplicates += other.duplicates
        echoed += other.echoed
        echoFailed += other.echoFailed
        rejected += other.rejected
        unsent += other.unsent
    }
}
