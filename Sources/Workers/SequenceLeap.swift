/// A probe whose number lies far ahead of its flow.
///
/// After an outage such a probe is genuine, and it has been answered. But one that was forged or
/// altered would move the window away from all the probes that are still to come. So it is set
/// aside until the next one of the flow, from there as well, confirms it; the end of the run
/// decides about the last.
struct SequenceLeap {
    let wireSequence: UInt32
    let stampNs: Int64?
    let receivedNs: Int64
    /// Which message of which batch holds it: the answers of a batch are counted after all of it
    /// was read.
    let batch: Int
    let message: Int
    var hasEchoFailed = false

    /// How far ahead a probe may lie that is believed at once, in a window of `capacity` probes.
    ///
    /// A quarter: probes with one inverted bit each, the next always ahead of the last, then move
    /// the window by half of it at most (a quarter, a half; for the whole the third would have
    /// to lie a half ahead), and the flow's own probes stay within it.
    @inline(__always)
    static func believed(capacity: Int) -> Int { max(1, capacity / 4) }

    /// How far `wire` lies ahead of `nextSequence`; the wire carries the low 32 bits.
    @inline(__always)
    static func distance(_ wire: UInt32, from nextSequence: UInt64) -> Int {
        Int(Int32(bitPattern: wire &- UInt32(truncatingIfNeeded: nextSequence)))
    }

    /// Whether `wire` comes from where this one came from.
    func isConfirmed(by wire: UInt32, capacity: Int) -> Bool {
        wire != wireSequence
            && abs(Int(Int32(bitPattern: wire &- wireSequence))) < capacity
    }
}
