/// A responder's counts of one flow, or of a stream's flows together: unique datagrams.
package struct ResponderCounts: BitwiseCopyable, Codable, Equatable, Sendable {
    /// The first copies, late ones included.
    package var received = 0
    /// The first copies after the timeout, which are also in `received`. Only a sink reads the
    /// stamps that show this.
    package var late = 0
    package var duplicates = 0
    package var echoed = 0
    package var echoFailed = 0
    package var rejected = 0
    /// The first copies of probes above the sender's number of sent probes; in no other count.
    package var unsent = 0
    package var lastReceivedNs: Int64 = 0

    package init() {}

    /// The probes received and not known to have been answered: those still in the responder.
    package var inHand: Int { max(0, received - echoed - echoFailed - rejected) }

    /// Adds the counts of another flow, thread or process.
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
