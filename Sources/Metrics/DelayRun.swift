/// The delays of probes that arrived together and were sent `stepNs` apart: greatest first.
struct DelayRun {
    let greatestNs: Int64
    /// The time between the sends of consecutive probes: 0 or more.
    let stepNs: Int64
    let count: Int

    @inline(__always)
    init(greatestNs: Int64, stepNs: Int64, count: Int) {
        self.greatestNs = greatestNs
        self.stepNs = stepNs
        self.count = count
    }

    /// Makes a run of one delay.
    @inline(__always)
    init(_ delayNs: Int64) { self.init(greatestNs: delayNs, stepNs: 0, count: 1) }

    @inline(__always)
    var leastNs: Int64 { greatestNs &- stepNs &* Int64(count &- 1) }

    /// Whether all delays are above the limit, or none is.
    @inline(__always)
    func isOnOneSide(of limitNs: Int64) -> Bool { (greatestNs > limitNs) == (leastNs > limitNs) }
}
