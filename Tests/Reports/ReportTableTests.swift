import Metrics
import Testing

@testable import Reports

@Suite("The table at the end")
struct ReportTableTests {
    private var healthy: Report {
        var run = Samples.run(streams: [Samples.stream(scheduled: 10_000, received: 10_000)])
        run.thresholds = [
            threshold("loss.ratio == 0", "loss.ratio", 0, true),
            threshold("rtt.p99 < 50ms", "rtt_ns.p99", 45_100, true),
        ]
        return Samples.report(runs: [run])
    }

    private var lossy: Report {
        let calls = Samples.stream(scheduled: 10_000, sent: 9_995, received: 9_983) {
            $0.ledger.responderOverflow = 8
            $0.ledger.forwardLost = 4
            $0.loss.late = 2
            $0.duplication?.count = 3
            $0.reordering?.count = 12
            $0.reordering?.ratio = 0.0012
            $0.rejected.peer = 1
        }
        let sink = Samples.stream("a-sender-with-a-rather-long-name", scheduled: 7, received: 0) {
            $0.rttNs = nil
            $0.oneWayNs = Samples.delays(count: 7)
            $0.ledger.responderReceived = 7
            $0.ledger.forwardLost = 0
            $0.loss = LossFigures()
            $0.loss.ratio = 0
        }
        var run = Samples.run(on: "wifi", repeat: 2, .fail, streams: [calls, sink])
        run.thresholds = [
            threshold("loss.ratio < 0.1%", "loss.ratio", 0.0012, false),
            threshold("reordering.extent.max < 3", "reordering.extent.max", nil, nil),
        ]
        run.warnings = [
            "The receive buffer of 208 KiB is smaller than the 1 MiB asked for, "
                + "which the kernel's rmem_max forbids."
        ]
        return Samples.report(
            .fail,
            reasons: [
                "voice on wifi #2: calls: loss.ratio < 0.1% does not hold: it is 0.12 %"
            ], runs: [run])
    }

    @Test("marks that did not arrive as they were sent are told, and others are not")
    func marks() {
        func sentences(sent: UInt8, arrived: [(Int, UInt8)], isBack: Bool = false) -> [String] {
            var counts = MarkCounts()
            for (count, trafficClass) in arrived {
                counts.add(count, trafficClass: trafficClass, sent: sent, hopLimit: 64)
            }
            var way = WayReport()
            way.marks = MarksReport(counts, sent: sent)
            return Samples.stream(scheduled: 100, received: 100) {
                ($0.forward, $0.backward) = isBack ? (nil, way) : (way, nil)
            }.markSentences
        }
        let (expedited, ect1, ce) = (46 << 2 as UInt8, 1 as UInt8, 3 as UInt8)
        #expect(sentences(sent: expedited | ect1, arrived: [(100, expedited | ect1)]) == [])
        #expect(
            sentences(sent: expedited | ect1, arrived: [(90, expedited | ect1), (10, 0)]) == [
                "DSCP changed to 0 for 10 of 100 datagrams there",
                "ECN bleached for 10 of 100 datagrams there",
            ])
        #expect(
            sentences(sent: ect1, arrived: [(7, ect1), (2, 2), (3, ce)], isBack: true) == [
                "ECN changed for 2 of 12 datagrams back",
                "congestion marked (CE) for 3 of 12 datagrams back",
            ])
        #expect(
            sentences(sent: expedited, arrived: [(5, expedited | 2)]) == [
                "ECN changed for 5 of 5 datagrams there"
            ])
    }

    @Test func whatOthersCostThoseWhoWereWellIsSaidEvenWhereItIsNothing() {
        func line(lost: Int) -> String {
            let stream = Samples.stream(scheduled: 100, received: 100) {
                var collateral = CollateralReport()
                collateral.sent = 60
                collateral.lost = lost
                $0.resets.collateral = collateral
                $0.resets.collateralLoss = collateral.loss
            }
            return ReportTable.render(
                Samples.report(runs: [Samples.run(streams: [stream])]), width: 100, color: false)
        }
        #expect(line(lost: 0).contains("collateral loss 0 (0 of 60 beside it)"))
        #expect(line(lost: 3).contains("collateral loss 3 (3 of 60 beside it)"))
    }

    private func threshold(
        _ expression: String, _ figure: String, _ value: Double?, _ passed: Bool?
    ) -> ThresholdReport {
        ThresholdReport(
            sender: "calls", expression: expression, figure: figure, value: value, passed: passed)
    }

    @Test func aHealthyRunIsShort() {
        #expect(
            ReportTable.render(healthy) == """
                voice on clean                                                              pass
                  stream    sent  answered  loss      p50      p99      max
                  calls   10,000    10,000   0 %  12.3 µs  45.1 µs  1.20 ms
                    ✓ loss.ratio == 0  0 %
                    ✓ rtt.p99 < 50ms   45.1 µs

                pass: every threshold holds in 1 run, and every ledger balances

                """)
    }

    @Test func whatIsNotZeroIsNamed() {
        #expect(
            ReportTable.render(lossy) == """
                voice on wifi #2                                                            fail
                  stream                            sent answered   loss     p50     p99     max
                  calls                            9,995    9,983 0.12 % 12.3 µs 45.1 µs 1.20 ms
                    skipped 5 · responder overflow 8 · forward lost 4 · late 2 · duplicates 3
                    rejected 1 · delivered 99.8 % of the schedule · reordered 12 (0.12 %)
                    ✗ loss.ratio < 0.1%          0.12 %
                    – reordering.extent.max < 3  –
                  a-sender-with-a-rather-long-name     7        7    0 % 12.3 µs 45.1 µs 1.20 ms
                    one-way: arrived at the responder, not answered
                  ! The receive buffer of 208 KiB is smaller than the 1 MiB asked for, which the
                  kernel's rmem_max forbids.

                fail: voice on wifi #2: calls: loss.ratio < 0.1% does not hold: it is 0.12 %

                """)
    }

    @Test("L15 a run of no packets has no figures") func l15() {
        let run = Samples.run(.inconclusive, streams: [Samples.stream(scheduled: 0, received: 0)])
        let report = Samples.report(
            .inconclusive, reasons: ["Nothing was sent.", "Nobody knows why."], runs: [run])
        #expect(
            ReportTable.render(report) == """
                voice on clean                                                      inconclusive
                  stream  sent  answered  loss  p50  p99  max
                  calls      0         0     –    –    –    –

                inconclusive: Nothing was sent.
                  also: Nobody knows why.

                """)
    }

    @Test(arguments: [1, 70, 80, 100, 120, 1_000])
    func noLineIsWiderThanTheTerminal(width: Int) {
        var report = lossy
        report.runs[0].scenario = String(repeating: "s", count: 64)
        report.runs[0].network = String(repeating: "n", count: 64)
        report.runs[0].streams[0].ledger.sent = 123_456_789_012
        report.runs[0].thresholds[0].expression = String(repeating: "e", count: 200)
        report.reasons = [
            String(repeating: "word ", count: 60) + String(repeating: "x", count: 200)
        ]
        for line in ReportTable.render(report, width: width).split(separator: "\n") {
            #expect(TerminalText.width(String(line)) <= max(width, 40), "\(line)")
        }
    }

    @Test func coloursChangeNothingButTheColour() {
        for report in [healthy, lossy] {
            let coloured = ReportTable.render(report, color: true)
            #expect(coloured.contains("\u{1B}[32m") || coloured.contains("\u{1B}[31m"))
            let plain = coloured.replacing(/\u{1B}\[[0-9]+m/, with: "")
            #expect(plain == ReportTable.render(report, color: false))
            #expect(!plain.contains("\u{1B}"))
        }
    }

    @Test func whatATerminalWouldObeyIsNotShown() {
        var report = healthy
        report.reasons = ["the responder said \u{1B}]0;gotcha\u{07} and \u{202E}went"]
        let text = ReportTable.render(report)
        #expect(text.contains("the responder said ?]0;gotcha? and ?went"))
    }

    @Test func aReportWithoutRunsHasItsVerdict() {
        let report = Samples.report(.aborted, reasons: ["Stopped by SIGINT."], runs: [])
        #expect(ReportTable.render(report) == "aborted: Stopped by SIGINT.\n")
    }
}
