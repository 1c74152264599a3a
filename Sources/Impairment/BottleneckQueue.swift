/// The state of a bottleneck's queue: which datagrams fit, and when each has been sent.
///
/// The backlog is counted like a fluid: a datagram that is being sent counts with its unsent part.
/// The state is one exact number, whatever the length of the queue, in billionths of a bit, of
/// which a link of 1 bit/s carries one per nanosecond.
package struct BottleneckQueue: Sendable {
    private var bottleneck: Bottleneck
    /// The backlog in billionths of a bit: up to 2^63 with a queue of `queueBytesMax`.
    private var backlog: Int64 = 0
    private var lastNs: Int64 = 0

    /// The maximum queue limit, 1 GiB.
    package static let queueBytesMax: Int64 = 1 << 30

    /// Makes an empty queue. Traps with a rate below 1 bit/s, or a queue that is negative or above
    /// `queueBytesMax`.
    package init(_ bottleneck: Bottleneck) {
        Self.check(bottleneck)
        self.bottleneck = bottleneck
    }

    /// Continues with another rate and queue limit: waiting datagrams stay, even beyond a smaller
    /// limit.
    package mutating func replace(_ bottleneck: Bottleneck, atNs timeNs: Int64) {
        Self.check(bottleneck)
        drain(untilNs: timeNs)
        self.bottleneck = bottleneck
    }

    /// Returns the time at which the last bit of a datagram arriving now has been sent: `timeNs` at
    /// the earliest, rounded up; nil if the datagram does not fit into the queue, which is then
    /// unchanged.
    ///
    /// A datagram that finds the link idle is sent at once and needs no queue.
    /// - Parameters:
    ///   - timeNs: the time since any origin. A time before that of the previous call counts as
    ///     that time.
    ///   - bytes: the size of the IP packet: payload and `Bottleneck.headerBytes`.
    package mutating func admit(atNs timeNs: Int64, bytes: Int) -> Int64? {
        drain(untilNs: timeNs)
        let work = Int64(bytes) * Self.workPerByte
        let bound = bottleneck.queueBytes * Self.workPerByte
        guard backlog == 0 || work <= bound - backlog else { return nil }
        backlog += work
        let rate = bottleneck.bitsPerSecond
        return lastNs + backlog / rate + (backlog % rate > 0 ? 1 : 0)
    }

    /// Returns the bytes waiting or being sent at `timeNs`, rounded up.
    package mutating func bytesQueued(atNs timeNs: Int64) -> Int64 {
        drain(untilNs: timeNs)
        return backlog / Self.workPerByte + (backlog % Self.workPerByte > 0 ? 1 : 0)
    }

    private mutating func drain(untilNs timeNs: Int64) {
        guard timeNs > lastNs else { return }
        let (done, isLong) = (timeNs - lastNs).multipliedReportingOverflow(
            by: bottleneck.bitsPerSecond)
        backlog = isLong ? 0 : max(backlog - done, 0)
        lastNs = timeNs
    }

    private static let workPerByte: Int64 = 8_000_000_000

    private static func check(_ bottleneck: Bottleneck) {
        precondition(bottleneck.bitsPerSecond > 0, "a bottleneck carries at least 1 bit/s")
        precondition(
            (0...queueBytesMax).contains(bottleneck.queueBytes), "no size of a queue")
    }
}
