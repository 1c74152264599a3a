import Reports
import Testing

@testable import Lab
@testable import Metrics

/// The figures of each direction of a stream with answers.
@Suite struct WayTests {
    private static let forwardNs: Int64 = 2_000_000
    private static let backwardNs: Int64 = 3_500_000

    /// A run whose ends kept the times of 40 probes.
    /// - Parameter aheadNs: By how much the responder's clock is ahead at its first moment; it
    ///   gains 10 ppm on the other.
    private static func run(
        _ kind: PlanKind = .far, aheadNs: Int64 = 0, lineNs: Int64 = 200_000,
        thresholds: [String] = []
    ) throws -> MadeUpRun {
        let texts = thresholds.map { "\"\($0)\"" }.joined(separator: ", ")
        var run = try MadeUpRun(kind, thresholds: "[\(texts)]")
        let startNs = run.startNs
        func there(_ hereNs: Int64) -> Int64 {
            kind == .far ? hereNs + aheadNs + (hereNs - startNs) / 100_000 : hereNs
        }
        (run.nearTimes, run.farTimes) = (EndTimes(most: 64), EndTimes(most: 64))
        for index in 0..<40 {
            let sentNs = run.startNs + Int64(index) * 20_000_000
            let arrivedNs = sentNs + forwardNs
            let session = UInt16(run.layout.firstSession(0) + index % 2)
            let sequence = UInt64(index / 2)
            run.nearTimes.record(
                EndTimes.Entry(
                    session: session, sequence: sequence, earlierNs: sentNs,
                    laterNs: arrivedNs + 5_000 + backwardNs))
            run.farTimes.record(
                EndTimes.Entry(
                    session: session, sequence: sequence, earlierNs: there(arrivedNs),
                    laterNs: there(arrivedNs + 5_000)))
        }
        guard kind == .far else { return run }
        var exchanges = ClockExchanges()
        for second in -1...2 as ClosedRange<Int64> {
            let askedNs = run.startNs + second * 1_000_000_000
            exchanges.add(
                askedNs: askedNs, receivedNs: there(askedNs + lineNs),
                sentNs: there(askedNs + lineNs), answeredNs: askedNs + 2 * lineNs)
        }
        run.clocks = ["b": RunClock(usedOffsetNs: 0, exchanges: exchanges)]
        return run
    }

    private func stream(_ run: MadeUpRun) throws -> StreamReport {
        try #require(run.judgedRun().document.streams.first)
    }

    @Test("on one host the delays of both ways are exact")
    func oneHost() throws {
        let stream = try stream(try Self.run(.echo))
        #expect(stream.forward?.oneWayNs?.min == Int(Self.forwardNs))
        #expect(stream.forward?.oneWayNs?.max == Int(Self.forwardNs))
        #expect(stream.backward?.oneWayNs?.max == Int(Self.backwardNs))
        #expect(stream.forward?.oneWayNs?.count == 40)
        #expect(stream.oneWayClock?.errorNs == 0)
        #expect(stream.oneWayClock?.errorSource == .oneHost)
        #expect(stream.backward?.atMostNs == Int(Self.backwardNs))
    }

    @Test(
        "between hosts the truth is within the stated error, however far the clocks are apart",
        arguments: [0, 1_000_000_000_000_000, -86_400_000_000_000] as [Int64])
    func twoHosts(aheadNs: Int64) throws {
        let stream = try stream(try Self.run(aheadNs: aheadNs))
        let clock = try #require(stream.oneWayClock)
        #expect(clock.errorSource == .exchange)
        // Half of the line's round trip, and the drift of half a run.
        #expect((200_000...260_000).contains(clock.errorNs), "\(clock)")
        for (way, trueNs) in [
            (stream.forward, Self.forwardNs), (stream.backward, Self.backwardNs),
        ] {
            let delays = try #require(way?.oneWayNs)
            #expect(abs((delays.min ?? 0) - Int(trueNs)) <= clock.errorNs)
            #expect(abs((delays.max ?? 0) - Int(trueNs)) <= clock.errorNs)
            #expect(way?.atMostNs ?? 0 >= Int(trueNs))
            #expect(way?.atMostNs == (delays.max ?? 0) + clock.errorNs)
        }
    }

    // MARK: - What both hosts state

    /// The run with statements of both hosts, whose wall clocks are right.
    /// - Parameter liesNs: By how much the other host's wall clock is wrong beyond what it states.
    private static func stating(
        _ errorNs: Int64, lineNs: Int64 = 200_000, liesNs: Int64 = 0, isPTP: Bool = false
    ) throws -> MadeUpRun {
        let aheadNs: Int64 = 500_000_000_000_000
        var run = try Self.run(aheadNs: aheadNs, lineNs: lineNs)
        let epochNs: Int64 = 1_764_000_000_000_000_000
        func statement(_ wallAheadNs: Int64) -> ClockStatement {
            ClockStatement(
                wallAheadNs: wallAheadNs, readErrorNs: 50, errorNs: errorNs, isPTP: isPTP)
        }
        run.clocks["b"]?.stated = StatedOffset.of(
            here: statement(epochNs), there: statement(epochNs - aheadNs + liesNs), named: "b")
        return run
    }

    @Test(
        "the smaller of the exchange's bound and both hosts' own errors is the error, with its source",
        arguments: [
            (20_000, false, OneWayDelays.Source.ntp), (20_000, true, .ptp),
            (400_000, false, .exchange),
        ] as [(Int64, Bool, OneWayDelays.Source)])
    func stated(errorNs: Int64, isPTP: Bool, source: OneWayDelays.Source) throws {
        let run = try Self.stating(errorNs, isPTP: isPTP)
        let stream = try stream(run)
        let clock = try #require(stream.oneWayClock)
        #expect(clock.errorSource == source)
        if source == .exchange {
            #expect(clock.errorNs > 200_000)
        } else {
            #expect(clock.errorNs == Int(2 * errorNs) + 100)
        }
        for (way, trueNs) in [
            (stream.forward, Self.forwardNs), (stream.backward, Self.backwardNs),
        ] {
            let delays = try #require(way?.oneWayNs)
            #expect(abs((delays.min ?? 0) - Int(trueNs)) <= clock.errorNs)
            #expect(abs((delays.max ?? 0) - Int(trueNs)) <= clock.errorNs)
        }
        #expect(run.judgedRun().document.warnings.allSatisfy { !$0.contains("not believed") })
    }

    @Test("what contradicts the exchanges is not believed, and that is said")
    func contradicted() throws {
        let run = try Self.stating(20_000, liesNs: 1_000_000)
        let clock = try #require(try stream(run).oneWayClock)
        #expect(clock.errorSource == .exchange)
        let warnings = run.judgedRun().document.warnings
        let warning = try #require(warnings.first { $0.contains("not believed") })
        #expect(warning.contains("host \"b\""), "\(warning)")
        #expect(warning.contains("agree within 40100 ns"), "\(warning)")
    }

    @Test("a host that states nothing, or what cannot be, leaves the exchange alone")
    func refused() {
        var (here, there) = (
            ClockStatement(wallAheadNs: 10, readErrorNs: 1, errorNs: 5),
            ClockStatement(wallAheadNs: 4, readErrorNs: 1, errorNs: 7)
        )
        let both = StatedOffset(offsetNs: 6, errorNs: 14, source: .ntp)
        #expect(StatedOffset.of(here: here, there: there, named: "b") == .stated(both))
        #expect(StatedOffset.of(here: nil, there: there, named: "b") == .unknown)
        there.take(kernel: nil)
        #expect(
            StatedOffset.of(here: here, there: there, named: "b")
                == .refused("host \"b\" is not synchronized"))
        here.take(kernel: (0, 0))
        let refusal = StatedOffset.of(here: here, there: there, named: "b").refusal
        #expect(refusal?.hasPrefix("this host states errors that cannot be") == true)
        here = ClockStatement(wallAheadNs: .max, readErrorNs: 1, errorNs: 5)
        there = ClockStatement(wallAheadNs: -1, readErrorNs: 1, errorNs: 5)
        #expect(StatedOffset.of(here: here, there: there, named: "b") == .unknown)
    }

    @Test("intervals that touch intersect, at any distance")
    func intersection() {
        let stated = StatedOffset(offsetNs: 100, errorNs: 30, source: .ntp)
        #expect(stated.agrees(with: (offsetNs: 150, errorNs: 20)))
        #expect(stated.agrees(with: (offsetNs: 50, errorNs: 20)))
        #expect(!stated.agrees(with: (offsetNs: 151, errorNs: 20)))
        #expect(!stated.agrees(with: (offsetNs: .min, errorNs: 20)))
    }

    @Test("a delay within the error of the clocks is none, and its bound is known nevertheless")
    func withinError() throws {
        let stream = try stream(try Self.run(lineNs: 3_000_000))
        #expect(stream.forward?.oneWayNs == nil)
        #expect(stream.backward?.oneWayNs != nil)
        #expect(stream.forward?.atMostNs ?? 0 >= Int(Self.forwardNs))
    }

    @Test(
        "a threshold of one way is judged as far as the clocks allow",
        arguments: [
            ("forward.one_way.p99 < 1s", 3_000_000, Verdict.pass),
            ("forward.one_way.p99 < 3ms", 3_000_000, .inconclusive),
            ("backward.one_way.p99 < 3ms", 200_000, .fail),
            ("backward.one_way.p99 < 3600us", 200_000, .inconclusive),
            ("backward.one_way.p50 > 3ms", 200_000, .pass),
            ("forward.loss.ratio < 1%", 200_000, .pass),
            ("backward.loss.count == 0", 200_000, .pass),
        ])
    func thresholds(text: String, lineNs: Int64, verdict: Verdict) throws {
        let run = try Self.run(lineNs: lineNs, thresholds: [text])
        #expect(run.judgedRun().document.verdict == verdict, "\(run.judgedRun().document)")
    }

    @Test("what each way lost is counted against what was sent on it")
    func losses() throws {
        var run = try Self.run(.relay)
        let part = run.measured[0]
        #expect(run.fates[part].add(.forwardLost, 4) == 4)
        #expect(run.fates[part].add(.forwardInjected, 1) == 1)
        #expect(run.fates[part].add(.responderOverflow, 2) == 2)
        #expect(run.fates[part].add(.backwardLost, 3) == 3)
        #expect(run.fates[part].add(.late, 5) == 5)
        let stream = try stream(run)
        let echoed = try #require(stream.ledger.echoed)
        #expect(stream.forward?.loss == WayReport.Loss(count: 5, of: stream.ledger.sent))
        #expect(stream.backward?.loss == WayReport.Loss(count: 3, of: echoed))
        #expect(echoed == stream.ledger.sent - 7)
    }

    @Test("without a second end that counts nothing is said of a way", arguments: [PlanKind.path])
    func foreign(kind: PlanKind) throws {
        let stream = try stream(try MadeUpRun(kind))
        #expect(stream.forward?.loss == nil)
        #expect(stream.forward?.oneWayNs == nil)
        #expect(stream.oneWayClock == nil)
    }

    @Test("a stream without answers has a way there and none back")
    func sink() throws {
        let stream = try stream(try MadeUpRun(.sink))
        #expect(stream.forward?.loss?.count == 0)
        #expect(stream.backward == nil)
    }
}
