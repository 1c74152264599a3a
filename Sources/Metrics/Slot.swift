/// The outcome of one probe in 64 bits:
///
///     63 …………………………………… 3   2            1      0
///     delay of the first copy  replicated  late   arrived
///
/// 0 is a probe without any arrival; `late` without `arrived` is a request whose answer was wrong.
/// The delay is below 2^60 ns by ``ArrivalWindow/delayLimitNs``,
/// or because both its times are the sender's own.
enum Slot {
    static let arrived: UInt64 = 1
    static let late: UInt64 = 2
    static let replicated: UInt64 = 4
    static let empty: UInt64 = 0

    @inline(__always)
    static func arrived(delayNs: Int64, isLate: Bool) -> UInt64 {
        UInt64(bitPattern: delayNs) &<< 3 | (isLate ? late : 0) | arrived
    }

    /// Returns the outcome of a request whose first answer was not the right one.
    static func wrong(delayNs: Int64) -> UInt64 { UInt64(bitPattern: delayNs) &<< 3 | late }

    static func isWrong(_ slot: UInt64) -> Bool { slot & (arrived | late) == late }

    @inline(__always)
    static func delayNs(_ slot: UInt64) -> Int64 { Int64(bitPattern: slot &>> 3) }

    /// Whether the probe counts as not lost.
    @inline(__always)
    static func isInTime(_ slot: UInt64) -> Bool { slot & (arrived | late) == arrived }
}

/// IPDV (RFC 3393): the differences between the delays of consecutively *sent* probes, recorded
/// when the second of a pair arrives, in either order.
///
/// `first ..< end` have just arrived with one delay; the window holds `oldest ..< next` in
/// `outcomes`, by sequence & mask. A neighbour that has left the window makes no pair.
@inline(__always)
func recordVariation(
    first: UInt64, end: UInt64, oldest: UInt64, next: UInt64, run: DelayRun,
    in outcomes: CheckedMemory<UInt64>, mask: UInt64,
    into statistics: inout StreamStatistics
) {
    if first > oldest {
        let before = outcomes[Int(truncatingIfNeeded: (first &- 1) & mask)]
        if before & Slot.arrived != 0 {
            statistics.delayVariation.record(run.greatestNs &- Slot.delayNs(before))
        }
    }
    let inside = Int(truncatingIfNeeded: end &- first) &- 1
    if inside > 0 { statistics.delayVariation.record(0 &- run.stepNs, count: inside) }
    if end < next {
        let after = outcomes[Int(truncatingIfNeeded: end & mask)]
        if after & Slot.arrived != 0 {
            statistics.delayVariation.record(Slot.delayNs(after) &- run.leastNs)
        }
    }
}
