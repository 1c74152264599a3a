/// The format of a packet's timestamps (RFC 8762 §4.2.1), 64 bits: seconds, then a fraction.
///
///     ntp   seconds since 1900-01-01, modulo 2^32 · units of 2^-32 s    (RFC 5905 §6)
///     ptp   seconds since 1970-01-01, modulo 2^32 · nanoseconds         (RFC 8186 §2.1)
///
/// A time in nanoseconds survives both formats unchanged.
package enum TimestampFormat: String, Codable, Sendable, CaseIterable {
    case ntp, ptp

    /// The seconds from 1900 to 1970.
    private static let ntpEpochSeconds: Int64 = 2_208_988_800
    private static let second: Int64 = 1_000_000_000

    /// Returns the timestamp of a wall time.
    /// - Parameter wallNs: Nanoseconds since 1970-01-01 00:00 UTC.
    package func stamp(wallNs: Int64) -> UInt64 {
        var (seconds, ns) = wallNs.quotientAndRemainder(dividingBy: Self.second)
        if ns < 0 {
            ns += Self.second
            seconds -= 1
        }
        switch self {
        case .ntp:
            // Rounded up: then the time read back, rounded down, is the same nanosecond.
            let fraction = (UInt64(ns) << 32 + UInt64(Self.second) - 1) / UInt64(Self.second)
            let era = UInt32(truncatingIfNeeded: seconds + Self.ntpEpochSeconds)
            return UInt64(era) << 32 | fraction
        case .ptp:
            return UInt64(UInt32(truncatingIfNeeded: seconds)) << 32 | UInt64(ns)
        }
    }

    /// Returns the wall time of a timestamp; nil for one that the format does not have.
    /// - Parameter nearNs: The present wall time: of the times that are 2^32 s apart and have one
    ///   timestamp, the nearest to it is meant.
    package func wallNs(_ stamp: UInt64, near nearNs: Int64) -> Int64? {
        let fraction = Int64(stamp & 0xffff_ffff)
        let ns: Int64
        var seconds = Int64(stamp >> 32)
        switch self {
        case .ntp:
            ns = (fraction * Self.second) >> 32
            seconds -= Self.ntpEpochSeconds
        case .ptp:
            guard fraction < Self.second else { return nil }
            ns = fraction
        }
        let now = nearNs / Self.second
        let distance = Int32(truncatingIfNeeded: seconds - now)
        return (now + Int64(distance)) * Self.second + ns
    }
}
