/// A probe whose sequence number lies far ahead of its flow.
///
/// After an outage such a probe is genuine, and it has been answered. But a forged or altered one
/// would move the window away from all later probes. So the probe is set aside until the next probe
/// of the flow, with a number near to it, confirms it; the end of the run decides on the last one.
struct SequenceLeap {
    let wireSequence: UInt32
    let stampNs: Int64?
    let receivedNs: Int64
    /// The batch and the message of the probe: the answers of a batch are counted after all of it
    /// was read.
    let batch: Int
    let message: Int
    var trafficClass: UInt8 = 0
    var hopLimit: UInt8 = 0
    var hasEchoFailed = false

    /// Returns the distance ahead up to which a probe is accepted at once, in a window of
    /// `capacity` probes.
    ///
    /// The distance is a quarter: probes with one inverted bit each, the next always ahead of the
    /// last, then move the window by half of it at most (a quarter, a half; for the whole the third
    /// would have to lie a half ahead), and the flow's own probes stay within it.
    @inline(__always)
    static func believed(capacity: Int) -> Int { max(1, capacity / 4) }

    /// Returns the distance of `wire` ahead of `nextSequence`; the wire carries the low 32 bits.
    @inline(__always)
    static func distance(_ wire: UInt32, from nextSequence: UInt64) -> Int {
        Int(Int32(bitPattern: wire &- UInt32(truncatingIfNeeded: nextSequence)))
    }

    /// Whether `wire` is a number near to that of this leap.
    func isConfirmed(by wire: UInt32, capacity: Int) -> Bool {
        wire != wireSequence
            && abs(Int(Int32(bitPattern: wire &- wireSequence))) < capacity
    }
}
