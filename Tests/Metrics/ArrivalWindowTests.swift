import Testing

@testable import Metrics

/// The far side's window: unique, duplicate, lost, and the limits of knowing only arrivals.
struct ArrivalWindowTests {
    private func sink(capacity: Int = 16, firstSequence: UInt64 = 0) -> ArrivalWindow {
        ArrivalWindow(
            capacity: capacity, firstSequence: firstSequence, timeoutNs: 1_000_000,
            hasStamps: true)
    }

    private func echo(capacity: Int = 16, firstSequence: UInt64 = 0) -> ArrivalWindow {
        ArrivalWindow(
            capacity: capacity, firstSequence: firstSequence, timeoutNs: 1_000_000,
            hasStamps: false)
    }

    private func statistics() -> StreamStatistics {
        StreamStatistics(configuration: .test(direction: .oneWay))
    }

    @Test("N2 the responder counts a duplicate once and its copies apart")
    func n2() {
        var statistics = statistics()
        var window = echo()
        var outcomes: [Arrival] = []
        for sequence in [0, 0, 1, 0, 2, 1] as [UInt32] {
            outcomes.append(
                window.recordArrival(
                    wireSequence: sequence, stampNs: nil, receivedNs: 5, into: &statistics))
        }
        #expect(outcomes == [.inTime, .duplicate, .inTime, .duplicate, .inTime, .duplicate])
        #expect(window.uniqueCount == 3)
        #expect(window.duplicateCount == 3)
        window.close(sent: 3, into: &statistics)
        let figures = statistics.summary()
        #expect(figures.loss.count == 0)
        #expect(figures.duplication.fraction == 1)
        #expect(figures.oneWayNs?.count == 0)
    }

    @Test("N3 a late probe is received and lost, and reordered where it comes behind")
    func n3() {
        var statistics = statistics()
        var window = sink()
        let arrivals: [(UInt32, Int64, Arrival)] = [
            (0, 10, .inTime), (2, 20, .inTime), (1, 1_000_001, .late),
        ]
        for (sequence, receivedNs, expected) in arrivals {
            let arrival = window.recordArrival(
                wireSequence: sequence, stampNs: 0, receivedNs: receivedNs, into: &statistics)
            #expect(arrival == expected)
        }
        window.close(sent: 3, into: &statistics)
        let figures = statistics.summary()
        #expect(figures.received == 3)
        #expect(figures.late == 1)
        #expect(figures.loss.count == 1)
        #expect(figures.reordering.count == 1)
        #expect(figures.oneWayNs?.max == 1_000_001)
        #expect(figures.ipdvNs.count == 2)
    }

    @Test("N4 the loss of the first and of the last probes is seen")
    func n4() {
        var statistics = statistics()
        var window = sink(firstSequence: 40)
        for sequence in 43..<46 as Range<UInt32> {
            _ = window.recordArrival(
                wireSequence: sequence, stampNs: 2_500_000, receivedNs: 2_500_100,
                into: &statistics)
        }
        window.close(sent: 10, into: &statistics)
        let figures = statistics.summary()
        #expect(figures.sent == 10)
        #expect(figures.never == 7)
        #expect(figures.loss.periods == 2)
        #expect(figures.loss.longestBurst == 4)
        // The head is dated at the start, the tail like the last probe that came.
        #expect(figures.intervals.map(\.sent) == [3, 0, 7])
        #expect(figures.intervals.map(\.lost) == [3, 0, 4])
    }

    @Test("N4 a flow of which nothing arrived is lost as a whole")
    func n4Nothing() {
        var statistics = statistics()
        var window = echo()
        window.close(sent: 1_000_000, into: &statistics)
        let figures = statistics.summary()
        #expect(figures.loss.ratio == 1)
        #expect(figures.loss.longestBurst == 1_000_000)
        #expect(figures.reordering.ratio == nil)
    }

    @Test("N22 unique counting is exact through the wrap")
    func n22() {
        let first = UInt64(1) << 32 - 5
        var statistics = statistics()
        var window = echo(capacity: 4, firstSequence: first)
        for offset in 0..<12 as Range<UInt64> where offset != 6 {
            let arrival = window.recordArrival(
                wireSequence: UInt32(truncatingIfNeeded: first + offset), stampNs: nil,
                receivedNs: 1, into: &statistics)
            #expect(arrival == .inTime)
        }
        #expect(window.nextSequence == first + 12)
        // 5 has left the window of four; a copy of 11 has not; 5 below the first was never sent.
        let late = window.recordArrival(
            wireSequence: 0, stampNs: nil, receivedNs: 1, into: &statistics)
        let copy = window.recordArrival(
            wireSequence: 6, stampNs: nil, receivedNs: 1, into: &statistics)
        let before = window.recordArrival(
            wireSequence: UInt32.max - 9, stampNs: nil, receivedNs: 1, into: &statistics)
        #expect([late, copy, before] == [.beyondWindow, .duplicate, .fromFuture])
        window.close(sent: 12, into: &statistics)
        #expect(window.uniqueCount == 11)
        #expect(statistics.summary().loss.count == 1)
    }

    @Test("H11 a probe from the future of the clock is impossible, an absurdly old one corrupt")
    func h11() {
        var statistics = statistics()
        var window = sink()
        let stamps: [(Int64, Arrival)] = [
            (1_001, .impossible), (.max, .impossible), (1_000 - 1 << 40, .corrupt),
            (.min / 4, .corrupt), (1_000, .inTime),
        ]
        for (stampNs, expected) in stamps {
            let arrival = window.recordArrival(
                wireSequence: 0, stampNs: stampNs, receivedNs: 1_000, into: &statistics)
            #expect(arrival == expected)
        }
        // A copy with another stamp is no copy.
        #expect(
            window.recordArrival(
                wireSequence: 0, stampNs: 999, receivedNs: 1_000, into: &statistics) == .corrupt)
        window.close(sent: 1, into: &statistics)
        let figures = statistics.summary()
        #expect(figures.discarded.impossible == 2)
        #expect(figures.discarded.corrupt == 3)
        #expect(figures.oneWayNs?.count == 1)
        #expect(figures.oneWayNs?.max == 0)
    }

    @Test func aJumpOfAnySizeIsOneLossPeriod() {
        var statistics = statistics()
        var window = sink(capacity: 8)
        for sequence in [0, 1, 2_000_000_000, 2_000_000_001] as [UInt32] {
            let arrival = window.recordArrival(
                wireSequence: sequence, stampNs: 0, receivedNs: 5, into: &statistics)
            #expect(arrival == .inTime)
        }
        window.close(sent: 2_000_000_002, into: &statistics)
        let figures = statistics.summary()
        #expect(figures.never == 1_999_999_998)
        #expect(figures.loss.periods == 1)
        #expect(figures.intervals[0].lost == 1_999_999_998)
    }

    @Test("T14 numbers above what the sender says that it sent are in no count")
    func t14aboveWhatWasSent() {
        var statistics = statistics()
        var window = echo()
        _ = window.recordArrival(
            wireSequence: 7, stampNs: nil, receivedNs: 5, into: &statistics)
        let unsent = window.close(sent: 2, into: &statistics)
        #expect(unsent.inTime == 1 && unsent.late == 0)
        let figures = statistics.summary()
        #expect(figures.sent == 2)
        #expect(figures.received == 0)
        #expect(figures.loss.count == 2)
    }

    @Test func aRunAsWideAsTheWindowCountsLikeItsMembers() {
        var together = statistics()
        var single = statistics()
        var one = sink(capacity: 8)
        var other = sink(capacity: 8)
        for first in [0, 8, 16] as [UInt32] {
            let counts = one.recordArrivals(
                wireSequence: first, count: 8, stampNs: Int64(first), receivedNs: 90,
                into: &together)
            #expect(counts.inTime == 8)
            for offset in 0..<8 as Range<UInt32> {
                _ = other.recordArrival(
                    wireSequence: first + offset, stampNs: Int64(first), receivedNs: 90,
                    into: &single)
            }
        }
        one.close(sent: 24, into: &together)
        other.close(sent: 24, into: &single)
        var figures = together.summary()
        #expect(isClose(figures.rtpJitterNs, single.summary().rtpJitterNs))
        figures.rtpJitterNs = single.summary().rtpJitterNs
        #expect(figures == single.summary())
    }
}
