/// The delays of probes that arrived together and were sent `stepNs` apart: greatest first.
struct DelayRun {
    let greatestNs: Int64
    /// How much later each was sent than the one before: 0 or more.
    let stepNs: Int64
    let count: Int

    @inline(__always)
    init(greatestNs: Int64, stepNs: Int64, count: Int) {
        self.greatestNs = greatestNs
        self.stepNs = stepNs
        self.count = count
    }

    /// One delay.
    @inline(__always)
    init(_ delayNs: Int64) { self.init(greatestNs: delayNs, stepNs: 0, count: 1) }

    @inline(__always)
    var leastNs: Int64 { greatestNs &- stepNs &* Int64(count &- 1) }

    /// Whether all of them are above the limit, or none is.
    @inline(__always)
    func isOnOneSide(of limitNs: Int64) -> Bool { (greatestNs > limitNs) == (leastNs > limitNs) }
}
