import Testing

@testable import Metrics

/// The worked examples of RFC 4737 and the limits of a bounded look-back.
struct ReorderingTests {
    @Test func table1OneReorderedPacketHasExtentFourBytes400AndIs62Late() {
        let figures = reordering(
            of: [1, 2, 3, 5, 6, 7, 8, 4, 9, 10],
            atNs: [68, 88, 108, 148, 168, 188, 208, 210, 228, 248])
        #expect(figures.count == 1)
        #expect(figures.ratio == 0.1)
        #expect(figures.extent.max == 4)
        #expect(figures.nReordering.max == 4)
        #expect(figures.nReordering.n3 == 0.1)
        #expect(figures.byteOffset.max == 400)
        #expect(figures.lateTimeNs.max == 62)
        #expect(figures.discontinuities.count == 1)
        #expect(figures.discontinuities.sizeMax == 1)
    }

    @Test func table2TwoReorderedPacketsShareADiscontinuity() {
        let figures = reordering(
            of: [1, 2, 3, 4, 7, 5, 6, 8, 9, 10],
            atNs: [68, 88, 108, 128, 188, 189, 190, 208, 228, 248])
        #expect(figures.count == 2)
        #expect(figures.extent.mean == 1.5)
        #expect(figures.extent.max == 2)
        #expect(figures.nReordering.n1 == 0.1)
        #expect(figures.nReordering.n2 == 0)
        #expect(figures.byteOffset == .init(max: 100, mean: 100))
        #expect(figures.lateTimeNs.min == 1)
        #expect(figures.lateTimeNs.max == 2)
        #expect(figures.gaps.discontinuities == 1)
        #expect(figures.gaps.count == 0)
    }

    @Test func table3ThreeReorderedPacketsHaveExtentsFourFiveSix() {
        let figures = reordering(
            of: [1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11],
            atNs: [68, 88, 108, 188, 208, 228, 248, 250, 252, 256, 268])
        #expect(figures.count == 3)
        #expect(figures.extent.max == 6)
        #expect(figures.extent.mean == 5)
        #expect(figures.nReordering.max == 4)
        #expect(figures.nReordering.n1 == 1.0 / 11)
        #expect(figures.byteOffset == .init(max: 400, mean: 400))
        #expect(figures.lateTimeNs.min == 62)
        #expect(figures.lateTimeNs.p50 == 64)
        #expect(figures.lateTimeNs.max == 68)
    }

    @Test func table4HasAGapOfSevenAndThreeRuns() {
        let figures = reordering(of: [1, 2, 3, 6, 7, 4, 5, 8, 9, 10, 12, 13, 11, 14, 15, 16])
        #expect(figures.extent.max == 3)
        #expect(figures.gaps == .init(discontinuities: 2, count: 1, mean: 7, min: 7, max: 7))
        #expect(figures.freeRuns.count == 3)
        #expect(figures.freeRuns.inOrder == 13)
        #expect(figures.freeRuns.squares == 50)
    }

    @Test func onlyThePacketThatComesFirstOfABlockIsNReordered() {
        let figures = reordering(of: [1, 2, 3, 7, 8, 9, 4, 5, 6])
        let ninth = 1.0 / 9
        #expect(figures.nReordering == .init(n1: ninth, n2: ninth, n3: ninth, max: 3))
        #expect(figures.extent.max == 5)
    }

    /// RFC 4737 §4.6.4: 36 packets in three runs, equal and unequal. A run ends with a reordered
    /// packet, so that number 1 of each example comes in place of the last of a run.
    @Test func freeRunsTellEqualFromUnequalRuns() {
        func figures(runs: [Int]) -> ReorderingFigures.FreeRuns {
            var arrivals: [UInt64] = []
            var held: [UInt64] = []
            var next: UInt64 = 0
            for _ in runs {
                held.append(next)
                next += 1
            }
            for (run, late) in zip(runs, held) {
                for _ in 0..<run {
                    arrivals.append(next)
                    next += 1
                }
                arrivals.append(late)
            }
            return reordering(of: arrivals).freeRuns
        }
        let equal = figures(runs: [11, 11, 11])
        #expect(equal.count == 3)
        #expect(equal.inOrder == 33)
        #expect(equal.squares == 363)
        #expect(equal.mean == 11)
        #expect(isClose(equal.variation, 1))
        let unequal = figures(runs: [1, 1, 31])
        #expect(unequal.squares == 963)
        let variation: Double = 963.0 / 33.0 / 11.0
        #expect(isClose(unequal.variation, variation))
    }

    @Test func aLossIsADiscontinuityAndNoReordering() {
        let figures = reordering(of: [1, 2, 5, 6, 10])
        #expect(figures.count == 0)
        #expect(figures.ratio == 0)
        #expect(figures.discontinuities == .init(count: 2, sizeMean: 2.5, sizeMax: 3))
        #expect(figures.gaps.discontinuities == 0)
        #expect(figures.extent.max == nil)
        #expect(figures.lateTimeNs == DelaySummary())
    }

    @Test func aDiscontinuityProvedLateFindsItsGapToTheOneBefore() {
        // 6 at index 1, 10 at index 3; first 7 proves the one at 10, then 2 the one at 6.
        let figures = reordering(of: [1, 6, 5, 10, 7, 20, 11, 2, 12, 30, 21])
        // Proved in order: 6 (index 1), 10 (index 3), 20 (index 5), 30 (index 9).
        #expect(figures.gaps == .init(discontinuities: 4, count: 3, mean: 8.0 / 3, min: 2, max: 4))
        // A later one proved before an earlier one: the earlier has nothing before it, no gap.
        let nested = reordering(of: [1, 6, 10, 7, 2])
        #expect(nested.gaps.discontinuities == 2)
        #expect(nested.gaps.count == 0)
    }

    @Test func theLookBackEndsWhereItSays() {
        // Every other number lost: each arrival is a run of its own.
        let runs = UInt64(ReorderingTracker.lookBackRuns)
        func figures(arrivals: UInt64) -> ReorderingFigures {
            // 1 begins the runs; 2 is missing and comes last, behind 4, 6, 8 …
            reordering(of: [1] + (2...arrivals).map { $0 * 2 } + [2])
        }
        // The discontinuity 4 is the second run: its successor must still be remembered.
        let within = figures(arrivals: runs)
        #expect(within.extent.unknown == 0)
        #expect(within.extent.max == Int(runs) - 1)
        #expect(within.nReordering.max == Int(runs) - 1)
        #expect(within.extent.lookBackRuns == Int(runs))
        let beyond = figures(arrivals: runs + 2)
        #expect(beyond.count == 1)
        #expect(beyond.extent.unknown == 1)
        #expect(beyond.extent.max == nil)
        #expect(beyond.lateTimeNs.count == 0)
        #expect(beyond.nReordering.n3 == 1.0 / Double(runs + 3))
    }

    @Test func aRunOfArrivalsCountsLikeItsMembersOneByOne() {
        let ring = CheckedMemory<ReorderingTracker.Run>.allocate(
            capacity: ReorderingTracker.lookBackRuns)
        defer { ring.deallocate() }
        var tracker = ReorderingTracker(ring: ring)
        var totals = ReorderingTotals()
        var reordered = 0
        for (first, count) in [(1, 3), (7, 4), (4, 3), (11, 1)] as [(UInt64, Int)] {
            reordered += tracker.record(
                first: first, count: count, receivedNs: 0, payloadBytes: 100, into: &totals)
        }
        #expect(reordered == 3)
        let figures = totals.figures(received: 11)
        #expect(figures.extent == .init(max: 6, mean: 5, unknown: 0, lookBackRuns: 1024))
        #expect(figures.freeRuns.squares == 49)
    }
}
