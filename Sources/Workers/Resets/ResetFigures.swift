import Metrics

/// What a worker saw of resets and what its retries came to. Times are monotonic.
package struct ResetFigures: Codable, Sendable, Equatable {
    /// Times that are kept, of each kind: those of the first resets say what happened.
    package static let timesLimit = 64

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
    package var retries = RetryCounts()
    /// When a step failed because of a reset: the first of them.
    package private(set) var timesNs: [Int64] = []
    package private(set) var timesLeftOut = 0
    /// When the policy ended a loop, for each that it ended: of a responder's threads, of a
    /// sender's flows; the first of them.
    package private(set) var endedNs: [Int64] = []
    package private(set) var ended = 0

    /// Nothing is allocated afterwards.
    package init() {
        timesNs.reserveCapacity(Self.timesLimit)
        endedNs.reserveCapacity(Self.timesLimit)
    }

    mutating func note(resetAtNs timeNs: Int64) {
        if timesNs.count < Self.timesLimit { timesNs.append(timeNs) } else { timesLeftOut += 1 }
    }

    mutating func note(endAtNs timeNs: Int64) {
        ended += 1
        if endedNs.count < Self.timesLimit { endedNs.append(timeNs) }
    }

    /// Counts one entry of an error queue.
    /// - Returns: Whether it was a reset.
    mutating func count(_ error: KernelError, isAttributed: Bool) -> Bool {
        guard error.isICMP, error.errno == .connectionRefused else { return false }
        seen += 1
        if !isAttributed { unattributed += 1 }
        return true
    }

    /// Adds what another thread saw.
    mutating func add(_ other: ResetFigures) {
        seen += other.seen
        unattributed += other.unattributed
        queueOverflow += other.queueOverflow
        eatenByStaleError += other.eatenByStaleError
        retries.add(other.retries)
        let all = (timesNs + other.timesNs).sorted()
        timesLeftOut += other.timesLeftOut + max(0, all.count - Self.timesLimit)
        timesNs = Array(all.prefix(Self.timesLimit))
        ended += other.ended
        endedNs = Array((endedNs + other.endedNs).sorted().prefix(Self.timesLimit))
    }
}
