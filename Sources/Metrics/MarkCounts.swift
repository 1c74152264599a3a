/// The marks and the hop limits of the first copies that arrived over one way of a stream.
///
/// DSCP is of RFC 2474 §3, ECN of RFC 3168 §5. The counts by codepoint add up to `count`.
package struct MarkCounts: BitwiseCopyable, Codable, Equatable, Sendable {
    package var notECT = 0
    package var ect1 = 0
    package var ect0 = 0
    package var ce = 0
    /// The datagrams with another DSCP than that which they were sent with.
    package var dscpChanged = 0
    /// The first such DSCP; -1 without one.
    package var changedTo = -1
    /// The least and the largest hop limit; 0 if the kernel reported none.
    package var hopsLeast = 0
    package var hopsMost = 0

    package init() {}

    package var count: Int { notECT + ect1 + ect0 + ce }

    /// Adds datagrams that arrived with the same header.
    /// - Parameters:
    ///   - trafficClass: As it arrived.
    ///   - sent: The traffic class with which they were sent.
    ///   - hopLimit: 0 if it is not known.
    package mutating func add(
        _ count: Int, trafficClass: UInt8, sent: UInt8, hopLimit: UInt8
    ) {
        switch trafficClass & 3 {
        case 0: notECT += count
        case 1: ect1 += count
        case 2: ect0 += count
        default: ce += count
        }
        if trafficClass >> 2 != sent >> 2 {
            if dscpChanged == 0 { changedTo = Int(trafficClass >> 2) }
            dscpChanged += count
        }
        addHops(Int(hopLimit), Int(hopLimit))
    }

    /// Adds the counts of another thread, process or host.
    package mutating func add(_ other: MarkCounts) {
        notECT += other.notECT
        ect1 += other.ect1
        ect0 += other.ect0
        ce += other.ce
        dscpChanged += other.dscpChanged
        if changedTo < 0 { changedTo = other.changedTo }
        addHops(other.hopsLeast, other.hopsMost)
    }

    private mutating func addHops(_ least: Int, _ most: Int) {
        guard least > 0 else { return }
        hopsLeast = hopsLeast == 0 ? least : min(hopsLeast, least)
        hopsMost = max(hopsMost, most)
    }
}
