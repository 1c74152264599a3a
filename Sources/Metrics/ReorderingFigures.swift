/// Reordering (RFC 4737) of first copies in arrival order, within each flow.
package struct ReorderingFigures: Codable, Sendable, Equatable {
    /// Arrivals with s < NextExp (§3.3).
    package var count = 0
    /// `count` / received (§4.1); nil when nothing was received.
    package var ratio: Double?
    package var extent = Extent()
    package var nReordering = NReordering()
    /// Late time offset (§4.3) of the reordered arrivals whose extent is known.
    package var lateTimeNs = DelaySummary()
    package var byteOffset = ByteOffset()
    package var discontinuities = Discontinuities()
    package var gaps = Gaps()
    package var freeRuns = FreeRuns()

    package init() {}

    /// The reordering extent (§4.2): how far back the earliest arrival with a larger sequence
    /// number lies, in arrivals.
    package struct Extent: Codable, Sendable, Equatable {
        package var max: Int?
        package var mean: Double?
        /// Reordered arrivals whose discontinuity lay beyond the look-back: they count as
        /// reordered, but in no extent, late time or byte offset.
        package var unknown = 0
        /// The number of runs of consecutive arrivals that each flow remembers.
        package var lookBackRuns = 0
    }

    /// n-reordering (§5): the share of the received that were preceded by 1, 2, 3 larger sequence
    /// numbers in a row (Definition 2). `n3` corresponds to TCP's duplicate-ACK threshold.
    package struct NReordering: Codable, Sendable, Equatable {
        package var n1: Double?
        package var n2: Double?
        package var n3: Double?
        /// The largest n of any arrival; a lower bound when `extent.unknown` is not 0.
        package var max = 0
    }

    /// The byte offset (§4.4): payload bytes that a receiver holds back until the reordered
    /// arrival.
    package struct ByteOffset: Codable, Sendable, Equatable {
        package var max: Int?
        package var mean: Double?
    }

    /// The discontinuities (§3.4): arrivals with s > NextExp, by loss or reordering; the size is s
    /// − NextExp.
    package struct Discontinuities: Codable, Sendable, Equatable {
        package var count = 0
        package var sizeMean: Double?
        package var sizeMax: Int?
    }

    /// The gaps (§4.5): distances in arrivals between successive *reordering* discontinuities.
    package struct Gaps: Codable, Sendable, Equatable {
        /// Discontinuities that a reordered arrival proved to be reordering.
        package var discontinuities = 0
        /// Gaps between them; the first of each flow has none.
        package var count = 0
        package var mean: Double?
        package var min: Int?
        package var max: Int?
    }

    /// The free runs (§4.6): in-order arrivals between reordered ones.
    package struct FreeRuns: Codable, Sendable, Equatable {
        /// x: runs ended by a reordered arrival.
        package var count = 0
        /// a: in-order arrivals.
        package var inOrder = 0
        /// q: sum of the squares of the runs' lengths.
        package var squares: Double = 0
        /// a / x; nil without a reordered arrival.
        package var mean: Double?
        /// (q / a) / (a / x): 1 when all runs are equally long.
        package var variation: Double?
    }
}
