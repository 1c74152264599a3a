import Metrics

/// The resets in a worker's error queues, and the outcome of its retries. Times are monotonic.
/// Plain memory, so that a responder can share it.
package struct ResetFigures: Codable, Sendable, Equatable, BitwiseCopyable {
    /// The ICMP port unreachable messages in the error queue.
    package var seen = 0
    /// The resets that did not identify the probe concerned: an error may concern an earlier
    /// datagram, even of an earlier user of the port (RFC 1122 §4.1.3.3).
    package var unattributed = 0
    /// The calls that failed while the error queue had no entry with the reason, or no space for
    /// another: `seen` is then too small.
    package var queueOverflow = 0
    /// The sends that failed with a pending error of an earlier datagram: their own datagrams were
    /// not sent.
    package var eatenByStaleError = 0
    /// The ICMP messages that a datagram does not fit the path: type 3 code 4 (RFC 1191 §4), ICMPv6
    /// type 2 (RFC 4443 §3.2). The datagrams concerned are lost for a known reason.
    package var packetTooBig = 0
    package var retries = RetryCounts()
    private var failures = FirstTimes()
    private var ends = FirstTimes()

    package init() {}

    /// The first times at which a step failed because of a reset.
    package var timesNs: [Int64] { failures.timesNs }
    package var timesLeftOut: Int { failures.leftOut }
    /// The first times at which the policy ended a loop: of a responder's threads, of a sender's
    /// flows.
    package var endedNs: [Int64] { ends.timesNs }
    package var ended: Int { ends.count }

    mutating func note(resetAtNs timeNs: Int64) { failures.note(timeNs) }

    mutating func note(endAtNs timeNs: Int64) { ends.note(timeNs) }

    /// Counts one entry of an error queue.
    /// - Returns: Whether the entry was a reset.
    mutating func count(_ error: KernelError, isAttributed: Bool) -> Bool {
        guard error.isICMP else { return false }
        if error.errno == .messageTooLong { packetTooBig += 1 }
        guard error.errno == .connectionRefused else { return false }
        seen += 1
        if !isAttributed { unattributed += 1 }
        return true
    }

    /// Adds the figures of another thread, or of another process.
    mutating func add(_ other: ResetFigures) {
        seen += other.seen
        unattributed += other.unattributed
        queueOverflow += other.queueOverflow
        eatenByStaleError += other.eatenByStaleError
        packetTooBig += other.packetTooBig
        retries.add(other.retries)
        failures.add(other.failures)
        ends.add(other.ends)
    }
}
