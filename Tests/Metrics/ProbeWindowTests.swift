import Testing

@testable import Metrics

/// The sender's window: what each answer counts as, and what is settled when.
struct ProbeWindowTests {
    @Test("N2 duplicates are counted once each and loss never falls below zero")
    func n2() {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 8)
        for sequence in 0..<4 as Range<UInt64> {
            window.send(atNs: Int64(sequence) * 100, into: &statistics)
        }
        // RFC 5560 §5.3 case 4: (1, 1, 1, 2, 3, 3, 3, 4).
        for sequence in [0, 0, 0, 1, 2, 2, 2, 3] as [UInt64] {
            _ = window.arrive(
                sequence, stampNs: Int64(sequence) * 100, receivedNs: 1_000, into: &statistics)
        }
        window.close(into: &statistics)
        let figures = statistics.summary()
        #expect(figures.received == 4)
        #expect(figures.loss.count == 0)
        #expect(figures.loss.ratio == 0)
        #expect(figures.duplication.count == 4)
        #expect(figures.duplication.fraction == 1)
        #expect(figures.duplication.replicatedRate == 0.5)
        #expect(figures.reordering.count == 0)
        #expect(figures.intervals[0].duplicates == 4)
    }

    @Test(
        "RFC 5560 §5.3: the fractions depend on the copies and not on their order",
        arguments: [
            ([0, 1, 2, 3], 0.0, 0.0),
            ([0, 0, 1, 1, 2, 2, 3, 3], 1, 1),
            ([0, 1, 2, 3, 0, 1, 2, 3], 1, 1),
            ([0, 1, 2, 3, 3, 2, 1, 0], 1, 1),
            ([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], 2, 1),
        ] as [([UInt64], Double, Double)])
    func duplication(arrivals: [UInt64], fraction: Double, replicatedRate: Double) {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 4)
        for _ in 0..<4 { window.send(atNs: 0, into: &statistics) }
        for sequence in arrivals {
            _ = window.arrive(sequence, stampNs: 0, receivedNs: 9, into: &statistics)
        }
        window.close(into: &statistics)
        let figures = statistics.summary().duplication
        #expect(figures.fraction == fraction)
        #expect(figures.replicatedRate == replicatedRate)
    }

    @Test("N3 a late echo is late and lost but not never, and takes part in the reordering")
    func n3() {
        var statistics = StreamStatistics(configuration: .test(timeoutNs: 1_000_000))
        var window = ProbeWindow(capacity: 8)
        for _ in 0..<3 { window.send(atNs: 0, into: &statistics) }
        #expect(window.arrive(1, stampNs: 0, receivedNs: 500, into: &statistics) == .inTime)
        #expect(window.arrive(2, stampNs: 0, receivedNs: 1_000_000, into: &statistics) == .inTime)
        #expect(window.arrive(0, stampNs: 0, receivedNs: 1_000_001, into: &statistics) == .late)
        window.close(into: &statistics)
        let figures = statistics.summary()
        #expect(figures.received == 3)
        #expect(figures.late == 1)
        #expect(figures.never == 0)
        #expect(figures.loss.count == 1)
        #expect(figures.loss.periods == 1)
        #expect(figures.reordering.count == 1)
        #expect(figures.reordering.extent.max == 2)
        #expect(figures.rttNs?.max == 1_000_001)
        #expect(figures.intervals[0].lost == 1)
        #expect(figures.intervals[1].received == 2)
    }

    @Test("N4 the loss of the first and of the last probes is seen")
    func n4() {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 16, firstSequence: 100)
        for _ in 0..<10 { window.send(atNs: 0, into: &statistics) }
        for sequence in 103..<108 as Range<UInt64> {
            _ = window.arrive(sequence, stampNs: 0, receivedNs: 50, into: &statistics)
        }
        window.close(into: &statistics)
        let loss = statistics.summary().loss
        #expect(loss.count == 5)
        #expect(loss.never == 5)
        #expect(loss.periods == 2)
        #expect(loss.longestBurst == 3)
        #expect(loss.gapMin == 6)
    }

    @Test("N22 the accounts are exact through the wrap of the wire's 32 bits")
    func n22() {
        let first = UInt64(1) << 32 - 5
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 32, firstSequence: first)
        for offset in 0..<20 as Range<Int64> { window.send(atNs: offset, into: &statistics) }
        #expect(window.nextSequence == first + 20)
        // Number 5 is the first after the wrap: 0 on the wire. 3 and 12 are lost; 4 comes last.
        for offset in [0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 4] as [UInt64] {
            let arrival = window.recordArrival(
                wireSequence: UInt32(truncatingIfNeeded: first + offset), stampNs: Int64(offset),
                receivedNs: 1_000, into: &statistics)
            #expect(arrival == .inTime)
        }
        #expect(
            window.recordArrival(
                wireSequence: 15, stampNs: 20, receivedNs: 1_000, into: &statistics)
                == .fromFuture)
        window.close(into: &statistics)
        let figures = statistics.summary()
        #expect(figures.sent == 20)
        #expect(figures.loss.count == 2)
        #expect(figures.loss.periods == 2)
        #expect(figures.loss.gapMin == 9)
        #expect(figures.reordering.count == 1)
        #expect(figures.reordering.extent.max == 14)
        #expect(figures.discarded.fromFuture == 1)
    }

    @Test("N22 a run of answers may lie across the wrap")
    func n22Run() {
        let first = UInt64(1) << 32 - 5
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 16, firstSequence: first)
        window.recordSent(count: 10, sentNs: 7, intendedNs: 7, into: &statistics)
        let counts = window.recordArrivals(
            wireSequence: UInt32.max - 4, count: 10, stampNs: 7, receivedNs: 9, into: &statistics)
        #expect(counts.inTime == 10)
        window.close(into: &statistics)
        #expect(statistics.summary().loss.count == 0)
    }

    @Test("H7 replayed echoes are duplicates once each and loss is unchanged")
    func h7() {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 8)
        for _ in 0..<6 { window.send(atNs: 0, into: &statistics) }
        for sequence in [0, 1, 3, 4] as [UInt64] {
            _ = window.arrive(sequence, stampNs: 0, receivedNs: 40, into: &statistics)
        }
        let before = statistics.summary()
        for _ in 0..<3 {
            for sequence in [0, 1, 3, 4] as [UInt64] {
                let arrival = window.arrive(
                    sequence, stampNs: 0, receivedNs: 900_000_000, into: &statistics)
                #expect(arrival == .duplicate)
            }
        }
        var after = statistics.summary()
        #expect(after.duplication.count == 12)
        #expect(after.duplication.replicatedRate == 1)
        after.duplication = before.duplication
        after.intervals = before.intervals
        after.intervalNs = before.intervalNs
        #expect(after == before)
        window.close(into: &statistics)
        #expect(statistics.summary().loss.count == 2)
    }

    @Test("H10 a forged number changes its own counter and no other figure")
    func h10() {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 8, firstSequence: 1_000)
        for _ in 0..<4 { window.send(atNs: 0, into: &statistics) }
        _ = window.arrive(1_001, stampNs: 0, receivedNs: 30, into: &statistics)
        let before = statistics.summary()
        for sequence in [1_004, 2_000_000_000, UInt64(UInt32.max), 999, 0] {
            #expect(
                window.arrive(sequence, stampNs: 0, receivedNs: 60, into: &statistics)
                    == .fromFuture)
        }
        #expect(window.arrive(1_002, stampNs: 1, receivedNs: 60, into: &statistics) == .corrupt)
        #expect(
            window.arrive(1_002, stampNs: .max, receivedNs: 60, into: &statistics) == .corrupt)
        #expect(
            window.arrive(1_002, stampNs: .min, receivedNs: 60, into: &statistics) == .corrupt)
        var after = statistics.summary()
        #expect(after.discarded.fromFuture == 5)
        #expect(after.discarded.corrupt == 3)
        after.discarded = before.discarded
        #expect(after == before)
    }

    @Test("H11 an echo received before its probe was sent is impossible and has no delay")
    func h11() {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 8)
        window.send(atNs: 1_000, into: &statistics)
        #expect(
            window.arrive(0, stampNs: 1_000, receivedNs: 999, into: &statistics) == .impossible)
        #expect(statistics.summary().rttNs?.count == 0)
        // A delay of zero is possible, and the probe still unanswered.
        #expect(window.arrive(0, stampNs: 1_000, receivedNs: 1_000, into: &statistics) == .inTime)
        window.close(into: &statistics)
        let figures = statistics.summary()
        #expect(figures.discarded.impossible == 1)
        #expect(figures.rttNs?.count == 1)
        #expect(figures.rttNs?.min == 0)
    }

    @Test func aProbeIsSettledWhenItsSlotIsReused() {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 4)
        for offset in 0..<6 as Range<Int64> { window.send(atNs: offset, into: &statistics) }
        #expect(statistics.intervalSnapshot().lost == 2)
        #expect(window.arrive(1, stampNs: 1, receivedNs: 90, into: &statistics) == .beyondWindow)
        #expect(window.arrive(2, stampNs: 2, receivedNs: 90, into: &statistics) == .inTime)
        window.close(into: &statistics)
        #expect(window.arrive(3, stampNs: 3, receivedNs: 90, into: &statistics) == .beyondWindow)
        let figures = statistics.summary()
        #expect(figures.loss.count == 5)
        #expect(figures.never == 5)
        #expect(figures.discarded.beyondWindow == 2)
    }

    @Test func thereIsRoomOnlyOverWhatIsAnsweredOrTooOld() {
        var statistics = StreamStatistics(configuration: .test(timeoutNs: 1_000_000))
        var window = ProbeWindow(capacity: 4)
        #expect(window.hasRoom(for: 4, nowNs: 0) == true)
        #expect(window.hasRoom(for: 5, nowNs: 0) == false)
        for offset in 0..<4 as Range<Int64> { window.send(atNs: offset, into: &statistics) }
        #expect(window.hasRoom(for: 1, nowNs: 10) == false)
        _ = window.arrive(0, stampNs: 0, receivedNs: 11, into: &statistics)
        #expect(window.hasRoom(for: 1, nowNs: 12) == true)
        #expect(window.hasRoom(for: 2, nowNs: 12) == false)
        // At exactly the timeout an answer would still be in time.
        #expect(window.hasRoom(for: 2, nowNs: 1_000_001) == false)
        #expect(window.hasRoom(for: 2, nowNs: 1_000_002) == true)
        #expect(window.hasRoom(for: 3, nowNs: 1_000_002) == false)
        #expect(window.hasRoom(for: 4, nowNs: 1_000_004) == true)
    }

    @Test func outstandingCountsFromTheHighestAnswered() {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 8, firstSequence: 3)
        for _ in 0..<5 { window.send(atNs: 0, into: &statistics) }
        #expect(window.outstanding == 5)
        _ = window.arrive(5, stampNs: 0, receivedNs: 1, into: &statistics)
        #expect(window.outstanding == 2)
        _ = window.arrive(3, stampNs: 0, receivedNs: 1, into: &statistics)
        #expect(window.outstanding == 2)
        window.assumeLost()
        #expect(window.outstanding == 0)
        _ = window.arrive(6, stampNs: 0, receivedNs: 1, into: &statistics)
        #expect(window.outstanding == 0)
        window.send(atNs: 2, into: &statistics)
        #expect(window.outstanding == 1)
    }

    @Test func theIntendedTimeIsWhatADelayedSendIsMeasuredFrom() {
        var statistics = StreamStatistics(configuration: .test(hasIntendedTimes: true))
        var window = ProbeWindow(
            capacity: 8, firstSequence: 0, timeoutNs: 1_000_000, hasIntendedTimes: true)
        // Three slots 100 ns apart, reached together 250 ns after the first was due.
        window.recordSent(
            count: 3, sentNs: 1_250, intendedNs: 1_000, intendedStepNs: 100, into: &statistics)
        _ = window.recordArrivals(
            wireSequence: 0, count: 3, stampNs: 1_250, receivedNs: 1_300, into: &statistics)
        // One that was sent ahead of its time is measured from when it was sent.
        window.recordSent(count: 1, sentNs: 1_400, intendedNs: 1_450, into: &statistics)
        _ = window.arrive(3, stampNs: 1_400, receivedNs: 1_410, into: &statistics)
        window.close(into: &statistics)
        let figures = statistics.summary()
        #expect(figures.rttNs?.max == 50)
        #expect(figures.rttIntendedNs?.count == 4)
        #expect(figures.rttIntendedNs?.min == 10)
        #expect(figures.rttIntendedNs?.p50 == 100)
        #expect(figures.rttIntendedNs?.max == 300)
        #expect(figures.pacingErrorNs?.count == 4)
        #expect(figures.pacingErrorNs?.min == -50)
        #expect(figures.pacingErrorNs?.max == 250)
    }

    @Test("L14 L15 a run of no probes has no ratios and no percentiles")
    func l15Empty() {
        var statistics = StreamStatistics(
            configuration: .test(recordsIntervals: false, hasIntendedTimes: true))
        var window = ProbeWindow(
            capacity: 8, firstSequence: 0, timeoutNs: 1_000_000, hasIntendedTimes: true)
        window.close(into: &statistics)
        let figures = statistics.summary()
        var expected = StreamFigures()
        expected.loss.lengthCounts = Array(repeating: 0, count: 16)
        expected.loss.noticeableDistance = 99
        expected.reordering.extent.lookBackRuns = 1024
        expected.rttNs = DelaySummary()
        expected.rttIntendedNs = DelaySummary()
        expected.pacingErrorNs = DelaySummary()
        expected.rttNs?.buckets = []
        expected.rttIntendedNs?.buckets = []
        expected.pacingErrorNs?.buckets = []
        #expect(figures == expected)
        #expect(figures.loss.ratio == nil)
        #expect(figures.rttNs?.p50 == nil)
        #expect(figures.rtpJitterNs == nil)
        #expect(statistics.intervalSnapshot() == LiveFigures())
    }

    @Test("L15 a run of one probe has its one delay as every percentile, and no variation")
    func l15One() {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 1)
        window.send(atNs: 10, into: &statistics)
        _ = window.arrive(0, stampNs: 10, receivedNs: 123_466, into: &statistics)
        window.close(into: &statistics)
        let figures = statistics.summary()
        let rtt = figures.rttNs
        #expect(rtt?.count == 1)
        for value in [rtt?.min, rtt?.p50, rtt?.p99, rtt?.p9999, rtt?.max] {
            #expect(value == 123_456)
        }
        #expect(rtt?.stddev == 0)
        #expect(figures.ipdvNs == DelaySummary())
        #expect(figures.pdvNs.max == 0)
        #expect(figures.rtpJitterNs == nil)
        #expect(figures.loss.conditionalProbability == nil)
    }

    @Test("L14 whatever is lost, no figure is infinite or not a number")
    func l14AllLost() throws {
        var statistics = StreamStatistics(configuration: .test())
        var window = ProbeWindow(capacity: 8)
        for _ in 0..<5 { window.send(atNs: 0, into: &statistics) }
        window.close(into: &statistics)
        let figures = statistics.summary()
        #expect(figures.loss.ratio == 1)
        #expect(figures.loss.conditionalProbability == 1)
        #expect(figures.duplication.fraction == nil)
        #expect(figures.reordering.ratio == nil)
        #expect(figures.reordering.nReordering.n1 == nil)
        for value in doubles(in: figures) { #expect(value.isFinite && value >= 0) }
    }

    /// Every floating-point figure below `value`.
    private func doubles(in value: Any) -> [Double] {
        if let double = value as? Double { return [double] }
        return Mirror(reflecting: value).children.flatMap { doubles(in: $0.value) }
    }
}
