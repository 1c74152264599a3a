/// The queue of a bottleneck at work: which datagrams fit, and when each has left.
///
/// What waits is counted like a fluid: a datagram that is being sent counts with what is left of
/// it. The state is one number, whatever the length of the queue; it is exact, in thousand-
/// millionths of a bit, of which a link of 1 bit/s carries one in a nanosecond.
package struct BottleneckQueue: Sendable {
    private var bottleneck: Bottleneck
    /// In thousand-millionths of a bit: up to 2^63 with a queue of `queueBytesMax`.
    private var backlog: Int64 = 0
    private var lastNs: Int64 = 0

    /// 1 GiB.
    package static let queueBytesMax: Int64 = 1 << 30

    /// Traps with a rate below 1 bit/s, or a queue that is negative or above `queueBytesMax`.
    package init(_ bottleneck: Bottleneck) {
        Self.check(bottleneck)
        self.bottleneck = bottleneck
    }

    /// Goes on with another rate and queue: what waits keeps waiting, also beyond a smaller queue.
    package mutating func replace(_ bottleneck: Bottleneck, atNs timeNs: Int64) {
        Self.check(bottleneck)
        drain(untilNs: timeNs)
        self.bottleneck = bottleneck
    }

    /// When the last bit of a datagram that comes now has left: `timeNs` at the earliest, rounded
    /// up; nil when it does not fit into the queue, which is left as it was.
    ///
    /// A datagram that finds the link idle is sent at once and needs no queue.
    /// - Parameters:
    ///   - timeNs: in any unit of origin, not before the call before; an earlier one counts as
    ///     that.
    ///   - bytes: of the IP packet: payload and `Bottleneck.headerBytes`.
    package mutating func admit(atNs timeNs: Int64, bytes: Int) -> Int64? {
        drain(untilNs: timeNs)
        let work = Int64(bytes) * Self.workPerByte
        let bound = bottleneck.queueBytes * Self.workPerByte
        guard backlog == 0 || work <= bound - backlog else { return nil }
        backlog += work
        let rate = bottleneck.bitsPerSecond
        return lastNs + backlog / rate + (backlog % rate > 0 ? 1 : 0)
    }

    /// Bytes that wait or are being sent at `timeNs`, rounded up.
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
