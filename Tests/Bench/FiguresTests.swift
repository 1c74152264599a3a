import Testing

@testable import udplab_bench

@Suite struct FiguresTests {
    @Test func theMedianIsTheMiddleOfTheSorted() {
        #expect(Sample.median([]) == nil)
        #expect(Sample.median([3]) == 3)
        #expect(Sample.median([9, 1, 5]) == 5)
        #expect(Sample.median([4, 1, 2, 100]) == 3)
    }

    @Test func ratiosAreTakenRoundByRound() {
        // A machine that slows down to a tenth: the rounds agree, the medians would not.
        let ratio = PairedRatio([90, 9, 95], over: [100, 10, 100])
        #expect(ratio?.median == 0.9)
        #expect(ratio?.min == 0.9)
        #expect(ratio?.max == 0.95)
    }

    @Test func aRoundThatFailedDoesNotCount() {
        #expect(PairedRatio([90, nil, 50], over: [100, 10, nil])?.median == 0.9)
        #expect(PairedRatio([nil], over: [1]) == nil)
        #expect(PairedRatio([], over: []) == nil)
        #expect(PairedRatio([1], over: [0]) == nil)
    }

    @Test func aLegIsSummarizedByTheRoundsThatWorked() {
        var udplab = LegReport(name: "udplab")
        udplab.rounds = [figures(90, loss: 0), nil, figures(70, loss: 0.5)]
        var raw = LegReport(name: "raw loop")
        raw.rounds = [figures(100, loss: nil), figures(100, loss: nil), figures(100, loss: nil)]
        let report = ComparisonReport(plain(.oneWay), [udplab, raw])
        #expect(report.legs[0].receivedPps == 80)
        #expect(report.legs[0].lossRatio == 0.25)
        #expect(report.legs[0].udplabRatio == nil)
        #expect(report.legs[1].lossRatio == nil)
        #expect(report.legs[1].udplabRatio?.median == 0.8)
    }

    @Test func lossIsSummedByAccountOverTheRounds() {
        var leg = LegReport(name: "udplab")
        leg.rounds = [
            figures(1, loss: 0, accounts: ["late": 1]), nil,
            figures(1, loss: 0, accounts: ["late": 2, "rejected": 3]),
        ]
        #expect(leg.lossByAccount == ["late": 3, "rejected": 3])
    }

    @Test func aGoalIsReachedAtItsBound() {
        let higher = Goal("", .ratio, .higher, atLeast: 0.9, aim: 1, value: 0.9)
        #expect(higher.reached == true)
        #expect(higher.aimed == false)
        let lower = Goal("", .share, .lower, atLeast: 0.001, aim: 0, value: 0)
        #expect(lower.reached == true)
        #expect(lower.aimed == true)
        let unknown = Goal("", .share, .lower, atLeast: 0.001, aim: 0, value: nil)
        #expect(unknown.reached == nil)
        #expect(unknown.aimed == nil)
    }

    @Test func goalsFindTheirFiguresInTheReport() {
        var udplab = LegReport(name: "udplab")
        udplab.rounds = [figures(90, loss: 0)]
        var raw = LegReport(name: "raw loop")
        raw.rounds = [figures(100, loss: 0)]
        var report = Samples.report
        report.comparisons = [ComparisonReport(plain(.echo), [udplab, raw])]
        var pacing = PacingFigures(ratePps: 100_000)
        pacing.errorP50Ns = [2_000, 90, 80]
        pacing.skippedRatio = [0, 0.5, 0]
        report.pacing = [pacing]
        report.memory = MemoryFigures(fewerBytes: 100, moreBytes: 105)
        let values = Goal.all(report).filter { $0.value != nil }
        #expect(
            values.map(\.figure) == [
                "plain echo, 64 B / raw loop", "median send error at 100k pps",
                "skipped slots at 100k pps", "sender's memory after 10⁸ datagrams / after 10⁶",
            ])
        #expect(values.map(\.value) == [0.9, 90, 0, 1.05])
        #expect(values.map(\.aimed) == [false, true, true, false])
    }

    @Test(arguments: [(0.0, true), (0.01, false)])
    func fasterThanIperf3CountsOnlyWithoutLoss(loss: Double, isReached: Bool) {
        var udplab = LegReport(name: "udplab")
        udplab.rounds = [figures(200, loss: loss)]
        var iperf3 = LegReport(name: "iperf3")
        iperf3.rounds = [figures(100, loss: 0.5)]
        var report = Samples.report
        report.comparisons = [ComparisonReport(plain(.oneWay), [udplab, iperf3])]
        let goal = Goal.all(report).first { $0.value == 2 }
        #expect(goal?.figure == "plain one way, 64 B / iperf3, no loss on our side")
        #expect(goal?.reached == isReached)
        #expect(goal?.aimed == isReached)
    }

    @Test func aFailureOfAnotherToolIsNotOurs() {
        var report = Samples.report
        #expect(!report.hasOwnFailure)
        var good = LegReport(name: "udplab")
        good.rounds = [figures(1, loss: 0)]
        let failed = LegReport(name: "iperf3")
        report.comparisons = [ComparisonReport(plain(.oneWay), [good, good, failed])]
        #expect(!report.hasOwnFailure)
        report.comparisons = [ComparisonReport(plain(.oneWay), [good, failed])]
        #expect(report.hasOwnFailure)
    }

    @Test func aFewPagesAreNoGrowth() {
        #expect(MemoryFigures(fewerBytes: 15_573_000, moreBytes: 15_614_000).ratio == 1)
        #expect(MemoryFigures(fewerBytes: 100, moreBytes: 111).ratio == 1.11)
        #expect(MemoryFigures(fewerBytes: 100, moreBytes: nil).ratio == nil)
    }

    @Test func namesOfTrafficSayAllOfIt() {
        let all = [
            plain(.oneWay), Traffic(direction: .echo, payloadBytes: 1_400, isOffloaded: true),
        ]
        #expect(all.map(\.name) == ["plain-one-way-64", "offloaded-echo-1400"])
        #expect(all.map(\.title) == ["plain one way, 64 B", "offloaded echo, 1400 B"])
        #expect(all.map(\.segments) == [1, 46])
    }

    @Test func aToolThatIsMissingIsNoLeg() {
        let none = PeerPrograms(
            programs: [PeerPrograms.Program(name: "iperf3", version: nil)], iperf3Offloads: false)
        #expect(Comparison.others(for: plain(.oneWay), none).isEmpty)
        let all = PeerPrograms(
            programs: ["iperf3", "sockperf", "irtt"].map {
                PeerPrograms.Program(name: $0, version: "1")
            }, iperf3Offloads: false)
        let names = { (traffic: Traffic) in Comparison.others(for: traffic, all).map(\.name) }
        #expect(names(plain(.oneWay)) == ["iperf3", "sockperf throughput"])
        #expect(
            names(plain(.echo)) == [
                "sockperf under-load", "sockperf under-load, large buffers", "sockperf ping-pong",
                "irtt",
            ])
        let offloaded = Traffic(direction: .oneWay, payloadBytes: 64, isOffloaded: true)
        #expect(names(offloaded).isEmpty)
    }

    @Test func buffersOfOtherToolsAreAsLargeAsOursWhereTheKernelAllows() {
        #expect(PeerPrograms.socketBufferBytes(rmemMax: 212_992, wmemMax: 1 << 30) == 212_992)
        #expect(PeerPrograms.socketBufferBytes(rmemMax: 1 << 30, wmemMax: 1 << 30) == 4 << 20)
        #expect(PeerPrograms.socketBufferBytes(rmemMax: nil, wmemMax: 1) == nil)
    }

    private func plain(_ direction: Traffic.Direction) -> Traffic {
        Traffic(direction: direction, payloadBytes: 64, isOffloaded: false)
    }

    private func figures(
        _ receivedPps: Double, loss: Double?, accounts: [String: Int]? = nil
    ) -> LegFigures {
        LegFigures(receivedPps: receivedPps, lossRatio: loss, lossByAccount: accounts)
    }
}
