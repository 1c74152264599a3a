import CLinuxUDP
import Glibc

/// A clock that never goes back, with an arbitrary zero.
package protocol MonotonicClock: Sendable {
    func nowNs() -> Int64
    /// Returns wall time since 1970-01-01 00:00 UTC, which is for conversions and never for
    /// measuring.
    func wallNs() -> Int64
}

extension MonotonicClock {
    @inline(__always)
    package func wallNs() -> Int64 { WallTime.now().nanoseconds }
}

/// The clock CLOCK_MONOTONIC. It is the same for every process of a host, so that a send time of
/// one process and a receive time of another give an exact one-way delay. In a worker on another
/// host it is shifted to the runner's, as well as that is known (``shift(byNs:)``).
package struct LinuxClock: MonotonicClock {
    package init() {}

    @inline(__always)
    package func nowNs() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
            &+ udplab_clock_offset()
    }

    /// Shifts the clock of this process, before it has started a thread.
    package static func shift(byNs ns: Int64) { udplab_set_clock_offset(ns) }

    /// The resolution that the kernel states, in nanoseconds.
    package static var resolutionNs: Int64 {
        var time = timespec()
        clock_getres(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Wall time for display and files. Never used to measure.
package struct WallTime: Hashable, Sendable {
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// Returns the difference from monotonic to wall time, read once at the start of a run: a later
    /// step of the wall clock changes no figure.
    package static func anchorNs(clock: some MonotonicClock = LinuxClock()) -> Int64 {
        anchor(clock: clock).ns
    }

    /// Returns the difference from monotonic to wall time, and the most by which it was misread.
    package static func anchor(
        clock: some MonotonicClock = LinuxClock()
    ) -> (ns: Int64, errorNs: Int64) {
        var best = Int64.max
        var anchor: Int64 = 0
        // The reading with the shortest interruption: a thread descheduled between the two clocks
        // would be wrong by milliseconds.
        for _ in 0..<8 {
            let before = clock.nowNs()
            let wall = clock.wallNs()
            let after = clock.nowNs()
            if after - before < best {
                best = after - before
                anchor = wall - (before + (after - before) / 2)
            }
        }
        return (anchor, best / 2 + 1)
    }
}

extension WallTime {
    /// The largest error of this host's wall clock in nanoseconds, as the kernel estimates it
    /// (adjtimex(2)); nil if the clock is not synchronized.
    package static func errorNs() -> Int64? { errors()?.mostNs }

    /// Both errors of this host's wall clock as the kernel has them from whatever disciplines it:
    /// the largest and the estimated one; nil if the clock is not synchronized.
    package static func errors() -> (mostNs: Int64, estimatedNs: Int64)? {
        var mostNs: Int64 = 0
        var estimatedNs: Int64 = 0
        return udplab_clock_error(&mostNs, &estimatedNs) == 0 ? (mostNs, estimatedNs) : nil
    }
}
