import Metrics

/// The marks and hop limits with which the first copies of one direction arrived.
package struct MarksReport: Codable, Sendable, Equatable {
    package var count: Int
    /// The datagrams with another DSCP than that which they were sent with; nil if that is unknown.
    package var dscpChanged: Int?
    package var dscpChangedRatio: Double?
    /// The first other DSCP.
    package var dscpChangedTo: Int?
    /// The datagrams sent as ECN-capable that arrived as Not-ECT; nil unless they were.
    package var ecnBleached: Int?
    /// The datagrams whose ECN field was changed, other than to CE from ECT; nil if unknown.
    package var ecnChanged: Int?
    package var notEct: Int
    package var ect0: Int
    package var ect1: Int
    package var ce: Int
    package var ceRatio: Double?
    package var ttlMin: Int?
    package var ttlMax: Int?

    /// - Parameter sent: The traffic class with which the datagrams were sent; nil if unknown.
    package init(_ counts: MarkCounts, sent: UInt8?) {
        self.init(counts, codepoint: sent.map { $0 >> 2 })
        guard let sent, count > 0 else { return }
        switch sent & 3 {
        case 0: ecnChanged = count - notEct
        case 1: (ecnChanged, ecnBleached) = (notEct + ect0, notEct)
        default: (ecnChanged, ecnBleached) = (notEct + ect1, notEct)
        }
    }

    /// - Parameter codepoint: The DSCP with which the datagrams were sent, whose ECN is unknown;
    ///   nil if both are. It is that of `counts`.
    package init(_ counts: MarkCounts, codepoint: UInt8?) {
        count = counts.count
        (notEct, ect0, ect1, ce) = (counts.notECT, counts.ect0, counts.ect1, counts.ce)
        if count > 0 { ceRatio = Double(ce) / Double(count) }
        if counts.hopsMost > 0 { (ttlMin, ttlMax) = (counts.hopsLeast, counts.hopsMost) }
        // Of datagrams that did not arrive it is not known what would have changed.
        guard codepoint != nil, count > 0 else { return }
        dscpChanged = counts.dscpChanged
        dscpChangedRatio = Double(counts.dscpChanged) / Double(count)
        if counts.changedTo >= 0 { dscpChangedTo = counts.changedTo }
    }
}
