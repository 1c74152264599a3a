/// The interarrival jitter of one flow (RFC 3550 §6.4.1, A.8), in nanoseconds, in floating point.
struct JitterEstimator {
    private(set) var jitterNs = 0.0
    private var previousDelayNs: Int64 = 0
    private var hasPrevious = false
    /// Whether at least two arrivals gave a difference.
    private(set) var isDefined = false

    /// Records the next first copy in arrival order.
    @inline(__always)
    mutating func record(delayNs: Int64) {
        if isDefined {
            let difference = (delayNs &- previousDelayNs).magnitude
            jitterNs += (Double(Int64(bitPattern: difference)) - jitterNs) * 0.0625
            previousDelayNs = delayNs
        } else {
            begin(delayNs: delayNs)
        }
    }

    /// Records the first two arrivals.
    @inline(never)
    private mutating func begin(delayNs: Int64) {
        if hasPrevious {
            jitterNs = Double((delayNs - previousDelayNs).magnitude) / 16
            isDefined = true
        }
        hasPrevious = true
        previousDelayNs = delayNs
    }

    /// Records the next `count` ≥ 1 first copies with one delay: after the first the difference is
    /// 0, so that each step leaves 15/16 of the estimate.
    @inline(__always)
    mutating func record(delayNs: Int64, count: Int) {
        record(delayNs: delayNs)
        guard count > 1 else { return }
        isDefined = true
        var remaining = count &- 1
        var factor = 0.9375
        while remaining > 0 {
            if remaining & 1 == 1 { jitterNs *= factor }
            factor *= factor
            remaining &>>= 1
        }
    }
}
