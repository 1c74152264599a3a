import Metrics

/// What a worker's error queues showed, and what its retries came to. Times are monotonic. Plain
/// memory, so that a responder can share it.
package struct ResetFigures: Codable, Sendable, Equatable, BitwiseCopyable {
    /// ICMP port unreachable messages that the error queue showed.
    package var seen = 0
    /// Of those, the ones that did not say which probe they were about: an error may be about an
    /// earlier datagram, even of an earlier user of the port (RFC 1122 §4.1.3.3).
    package var unattributed = 0
    /// Calls that failed while the error queue had no entry to say why, or no room for another:
    /// `seen` is too small then.
    package var queueOverflow = 0
    /// Sends that failed because of an earlier datagram: theirs did not leave.
    package var eatenByStaleError = 0
    /// ICMP messages that a datagram does not fit the path: type 3 code 4 (RFC 1191 §4), ICMPv6
    /// type 2 (RFC 4443 §3.2). What they are about is lost there, and nobody's loss to explain.
    package var packetTooBig = 0
    package var retries = RetryCounts()
    private var failures = FirstTimes()
    private var ends = FirstTimes()

    package init() {}

    /// When a step failed because of a reset: the first of them.
    package var timesNs: [Int64] { failures.timesNs }
    package var timesLeftOut: Int { failures.leftOut }
    /// When the policy ended a loop, for each that it ended: of a responder's threads, of a
    /// sender's flows; the first of them.
    package var endedNs: [Int64] { ends.timesNs }
    package var ended: Int { ends.count }

    mutating func note(resetAtNs timeNs: Int64) { failures.note(timeNs) }

    mutating func note(endAtNs timeNs: Int64) { ends.note(timeNs) }

    /// Counts one entry of an error queue.
    /// - Returns: Whether it was a reset.
    mutating func count(_ error: KernelError, isAttributed: Bool) -> Bool {
        guard error.isICMP else { return false }
        if error.errno == .messageTooLong { packetTooBig += 1 }
        guard error.errno == .connectionRefused else { return false }
        seen += 1
        if !isAttributed { unattributed += 1 }
        return true
    }

    /// Adds what another thread, or another process, saw.
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
