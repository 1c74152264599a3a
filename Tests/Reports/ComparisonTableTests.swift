import JSON
import Metrics
import Testing

@testable import Reports

@Suite("The tables of comparisons")
struct ComparisonTableTests {
    /// Two runs on each of two networks, of which the second loses to four causes.
    private var networks: Report {
        let runs = (1...2).flatMap { number in
            let lossy = Samples.stream(scheduled: 10_000, sent: 9_995, received: 9_939) {
                $0.ledger.forwardInjected = 50
                $0.ledger.responderOverflow = 4
                $0.ledger.forwardLost = 2
            }
            let clean = Samples.stream(scheduled: 10_000, received: 10_000)
            return [
                Samples.run(on: "clean", repeat: number, streams: [clean]),
                Samples.run(on: "wifi", repeat: number, streams: [lossy]),
            ]
        }
        var report = Samples.report(runs: runs)
        report.comparison = NetworkComparison.of(runs)
        return report
    }

    private func document(_ names: [String]) throws -> ComparisonDocument {
        let losses = [[0, 1, 0, 2, 1], [200, 210, 190, 220, 230]]
        let reports = try zip(names, losses).map { name, losses in
            let runs = losses.enumerated().map { number, lost in
                Samples.run(
                    repeat: number + 1,
                    streams: [Samples.stream(scheduled: 10_000, received: 10_000 - lost)])
            }
            let text = Samples.report(runs: runs).sealed.text
            return try ComparedReport(path: name, bytes: Array(text.utf8))
        }
        let gates = [
            RegressionGate(
                text: "loss.ratio +0.1%", path: ["loss", "ratio"], isOnRise: true,
                allowance: .absolute(0.001)),
            RegressionGate(
                text: "rtt.p99 +10%", path: ["rtt_ns", "p99"], isOnRise: true,
                allowance: .share(0.1)),
        ]
        return try ReportComparison(
            reports, gates: gates, allowsDifferentPlans: false, version: "0.1.0"
        ).document().document
    }

    @Test func aReportEndsWithWhoLostWhatAndTheComparison() {
        let text = ReportTable.render(networks)
        #expect(
            text.hasSuffix(
                """

                voice: who lost what
                  network    sent  injected  receivers  our queue  outage  unexplained
                  clean    20,000         –          –          0       –            0
                  wifi     19,990       100          8         10       –            4
                                      0.5 %     0.04 %     0.05 %       –       0.02 %

                voice, calls: wifi beside clean, 2 runs of each
                  figure                       clean     wifi     66 % interval        verdict
                  loss.ratio                     0 %   0.56 %  +0.56 … +0.56 pp  no conclusion
                  throughput.received_pps  1.00 kpps  994 pps   -0.61 … -0.61 %  no conclusion
                  equal in every run: rtt.p50, rtt.p99
                  too few runs: 2 of each; it takes 4 of each

                a winner is named by an exact rank test over runs, at a false discovery rate of
                5 % over this table (Benjamini and Hochberg): loss.ratio first and apart, then
                the other figures together

                pass: every ledger balances in 4 runs; the plan has no thresholds

                """), "\(text)")
    }

    @Test func aComparisonOfReportsEndsWithItsGates() throws {
        let text = ComparisonTable.render(try document(["runs/main.json", "runs/branch.json"]))
        #expect(
            text == """
                voice on clean, calls: runs/branch.json beside runs/main.json, 5 runs of each
                  figure                   main.json  branch.json     95 % interval  verdict
                  loss.ratio                  0.01 %        2.1 %  +1.89 … +2.29 pp    worse
                  throughput.received_pps  1.00 kpps      979 pps   -2.29 … -1.89 %    worse
                  equal in every run: rtt.p50, rtt.p99

                a winner is named by an exact rank test over runs, at a false discovery rate of
                5 % over this table (Benjamini and Hochberg): loss.ratio, rtt.p99 first and
                apart, then the other figures together

                  ✗ loss.ratio +0.1%  voice on clean, calls: it was 0.01 % and is 2.1 %
                  ✓ rtt.p99 +10%  voice on clean, calls: it was 45.1 µs and is 45.1 µs

                fail: voice on clean, calls: loss.ratio +0.1% does not hold: it was 0.01 % and
                is 2.1 %

                """)
    }

    @Test func anInvalidRunHasNoAccounts() {
        var report = networks
        report.runs[3].verdict = .invalid
        let text = ReportTable.render(report)
        #expect(text.contains("without 1 invalid run, whose accounts do not add up"))
        #expect(text.contains("  wifi      9,995        50          4          5 "))
    }

    @Test func ofManyNetworksOnlyThePairsWithTheFirstAreShown() {
        let runs = ["a", "b", "c", "d"].map {
            Samples.run(on: $0, streams: [Samples.stream(scheduled: 10, received: 10)])
        }
        var report = Samples.report(runs: runs)
        report.comparison = NetworkComparison.of(runs)
        let text = ReportTable.render(report)
        #expect(text.contains("d beside a"))
        #expect(!text.contains("d beside b"))
        #expect(text.contains("  3 more pairs of networks are in the report\n"))
    }

    @Test(arguments: [1, 70, 80, 100, 120, 1_000])
    func noLineIsWiderThanTheTerminal(width: Int) throws {
        let long = String(repeating: "n", count: 64)
        var report = networks
        for index in report.runs.indices {
            report.runs[index].network += long
            report.runs[index].streams[0].ledger.sent = 999_999_999
        }
        report.comparison = NetworkComparison.of(report.runs)
        let compared = try document(["\(long)/a.json", "\(long)\(long)\(long).json"])
        let text =
            ReportTable.render(report, width: width)
            + ComparisonTable.render(compared, width: width)
        for line in text.split(separator: "\n") {
            #expect(TerminalText.width(String(line)) <= max(width, 40), "\(line)")
        }
    }

    @Test func coloursChangeNothingButTheColour() throws {
        let document = try document(["a.json", "b.json"])
        let coloured = ComparisonTable.render(document, color: true)
        #expect(coloured.contains("\u{1B}[31m"))
        #expect(
            coloured.replacing(/\u{1B}\[[0-9]+m/, with: "") == ComparisonTable.render(document))
    }

    @Test func whatATerminalWouldObeyIsNotShown() throws {
        let text = ComparisonTable.render(try document(["a\u{1B}[2J.json", "b\u{202E}.json"]))
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("\u{202E}"))
    }
}
