import Testing

@testable import Metrics

@Suite struct MarkCountsTests {
    private static let expedited: UInt8 = 46 << 2

    @Test("each first copy is in the count of its ECN field, and the counts add up")
    func codepoints() {
        var marks = MarkCounts()
        for ecn in UInt8(0)...3 {
            marks.add(
                Int(ecn) + 1, trafficClass: Self.expedited | ecn, sent: Self.expedited | 2,
                hopLimit: 60 + ecn)
        }
        #expect((marks.notECT, marks.ect1, marks.ect0, marks.ce) == (1, 2, 3, 4))
        #expect(marks.count == 10)
        #expect(marks.dscpChanged == 0 && marks.changedTo == -1)
        #expect((marks.hopsLeast, marks.hopsMost) == (60, 63))
    }

    @Test("another DSCP is counted, and the first one of them is named")
    func changes() {
        var marks = MarkCounts()
        marks.add(5, trafficClass: Self.expedited, sent: Self.expedited, hopLimit: 0)
        marks.add(2, trafficClass: 8 << 2, sent: Self.expedited, hopLimit: 0)
        marks.add(1, trafficClass: 0, sent: Self.expedited, hopLimit: 0)
        #expect(marks.dscpChanged == 3 && marks.changedTo == 8)
        #expect(marks.hopsMost == 0)
    }

    @Test("the counts of several threads add up, and an unknown hop limit is none of theirs")
    func sum() {
        var sum = MarkCounts()
        var other = MarkCounts()
        other.add(3, trafficClass: 1, sent: 1, hopLimit: 0)
        sum.add(other)
        #expect(sum == other)
        var third = MarkCounts()
        third.add(1, trafficClass: 3, sent: 4 << 2, hopLimit: 64)
        sum.add(third)
        #expect((sum.ect1, sum.ce, sum.dscpChanged, sum.changedTo) == (3, 1, 1, 0))
        #expect((sum.hopsLeast, sum.hopsMost) == (64, 64))
    }
}
