/// The error estimate of a timestamp (RFC 4656 §4.1.2, RFC 8186 §2.3), 16 bits:
///
///      0                   1
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |S|Z|   Scale   |   Multiplier  |    error = Multiplier × 2^(Scale − 32) s
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// S: the clock is synchronized to UTC. Z: the timestamps are in PTP format.
package struct ErrorEstimate: Equatable, Sendable {
    package let bits: UInt16

    package init(bits: UInt16) { self.bits = bits }

    /// Makes the estimate of a clock, rounded up: it never claims less than the error.
    /// - Parameter errorNs: The clock's largest error; nil for a clock that is not synchronized,
    ///   whose estimate is the largest that can be written.
    package init(errorNs: Int64?, format: TimestampFormat) {
        let z: UInt16 = format == .ptp ? 0x4000 : 0
        guard let errorNs, errorNs >= 0, errorNs < 1 << 61 else {
            bits = z | 0x3fff
            return
        }
        let product = UInt64(errorNs).multipliedFullWidth(by: 1 << 32)
        let (quotient, remainder) = (1_000_000_000 as UInt64).dividingFullWidth(product)
        var value = max(1, quotient + (remainder > 0 ? 1 : 0))
        var scale: UInt16 = 0
        while value > 255 {
            value = value / 2 + value % 2
            scale += 1
        }
        bits = 0x8000 | z | scale << 8 | UInt16(value)
    }

    package var isSynchronized: Bool { bits & 0x8000 != 0 }
    package var format: TimestampFormat { bits & 0x4000 != 0 ? .ptp : .ntp }

    /// The error in nanoseconds, rounded up; nil if the clock is not synchronized, or if the
    /// multiplier is 0, which no estimate has (RFC 4656 §4.1.2).
    package var errorNs: Int64? {
        let multiplier = UInt64(bits & 0xff)
        guard isSynchronized, multiplier > 0 else { return nil }
        let scale = UInt64(bits >> 8 & 0x3f)
        let product = multiplier * 1_000_000_000
        if scale >= 32 {
            guard product <= UInt64(Int64.max) >> (scale - 32) else { return nil }
            return Int64(product << (scale - 32))
        }
        let shift = 32 - scale
        return Int64((product + (1 << shift) - 1) >> shift)
    }
}
