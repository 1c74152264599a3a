import Metrics
import Testing

@testable import Reports

@Suite("The summary of a report")
struct SummaryTests {
    private func run(
        _ network: String, _ number: Int, _ verdict: Verdict = .pass, lost: Int = 0,
        skipped: Int = 0
    ) -> RunReport {
        Samples.run(
            on: network, repeat: number, verdict,
            streams: [
                Samples.stream(
                    scheduled: 10_000, sent: 10_000 - skipped, received: 10_000 - skipped - lost)
            ])
    }

    private func report(_ runs: [RunReport]) -> Report {
        let worst = runs.map(\.verdict).max() ?? .pass
        return Samples.report(worst, reasons: worst == .pass ? [] : ["it is so"], runs: runs)
    }

    @Test func eachFigureIsTheMedianOfTheRunsThatCount() throws {
        let runs = [
            run("wifi", 1, lost: 100), run("wifi", 2, .fail, lost: 300), run("wifi", 3, lost: 200),
            run("wifi", 4, .inconclusive, lost: 9_000, skipped: 1_000),
            run("wifi", 5, .invalid, lost: 9_999),
        ]
        let row = try #require(report(runs).summaryRows.first)
        #expect(row.runs == 5 && row.passed == 2 && row.measured == 3)
        #expect(row.verdict == .invalid)
        #expect(row.lossRatio == 0.02)
        #expect(row.lossInterval?.low == 0.01 && row.lossInterval?.high == 0.03)
        #expect(row.lostByHost == 1_000, "of all runs")
    }

    @Test func runsThatThisHostLimitedAreShownWhereThereAreNoOthers() throws {
        let row = try #require(
            report([run("wifi", 1, .inconclusive, lost: 100), run("wifi", 2, .invalid)])
                .summaryRows.first)
        #expect(row.measured == 1 && row.lossRatio == 0.01)
    }

    @Test func anInvalidRunAloneHasNoFigures() throws {
        let row = try #require(report([run("wifi", 1, .invalid, lost: 5)]).summaryRows.first)
        #expect(row.lossRatio == nil && row.p99Ns == nil)
        #expect(SummaryText(row).loss == UnitText.none)
    }

    @Test func hugeCountsDoNotTrap() throws {
        var one = run("wifi", 1)
        one.streams[0].ledger.skipped = .max
        one.streams[0].ledger.otherError = .max
        let row = try #require(report([one, one]).summaryRows.first)
        #expect(row.lostByHost == .max)
        #expect(!ReportTable.render(report([one, one])).isEmpty)
    }

    @Test func twentyFourRunsAreATableAndNotPages() {
        let runs = (1...8).flatMap { number in
            ["clean", "dsl", "wifi"].map { run($0, number, lost: $0 == "wifi" ? 100 : 0) }
        }
        let text = ReportTable.render(report(runs), width: 120, hasEachRun: false)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count < 20, "\(text)")
        #expect(lines[0].contains("scenario") && lines[0].contains("passed"))
        #expect(lines[1].contains("voice") && lines[1].contains("8/8"))
        #expect(lines[3].contains("wifi") && lines[3].contains("1 %"))
        #expect(!lines[2].contains("voice"), "the scenario's name is there once")
    }

    @Test func onlyRunsThatDidNotPassAreInDetail() {
        let runs = [run("clean", 1), run("wifi", 1, .fail, lost: 500), run("dsl", 1)]
        let brief = ReportTable.render(report(runs), hasEachRun: false)
        #expect(brief.contains("voice on wifi") && !brief.contains("voice on clean"))
        let full = ReportTable.render(report(runs), hasEachRun: true)
        for name in ["clean", "wifi", "dsl"] { #expect(full.contains("voice on \(name)")) }
        #expect(brief.hasSuffix("fail: it is so\n") && full.hasSuffix("fail: it is so\n"))
    }

    @Test func manyFailuresAreBounded() {
        let runs = (1...100).map { run("wifi", $0, .fail, lost: 500) }
        let text = ReportTable.render(report(runs), hasEachRun: false)
        #expect(text.contains("and 88 more runs that did not pass; --verbose shows them"))
        #expect(text.split(separator: "\n").count < 100)
    }

    @Test func warningsOfRunsThatPassedAreThereOnce() {
        let runs = (1...3).map { number in
            var one = run("clean", number)
            one.warnings = ["The buffer is small."]
            return one
        }
        let text = ReportTable.render(report(runs), hasEachRun: false)
        #expect(text.contains("! The buffer is small. (in 3 runs)"))
    }

    @Test func severalSendersHaveARowEach() {
        var one = run("clean", 1)
        one.streams.append(Samples.stream("flood", scheduled: 100, received: 50))
        let rows = report([one]).summaryRows
        #expect(rows.map(\.sender) == ["calls", "flood"])
        let text = ReportTable.render(report([one, one]), hasEachRun: false)
        #expect(text.contains("sender") && text.contains("flood"))
    }
}
