import Foundation
import Harness
import Metrics
import Reports
import Testing

@testable import Pictures

/// Each picture of a made-up report is drawn as it was recorded.
///
/// `UDPLAB_RECORD=1` writes the pictures; look at what changed, in a browser.
@Suite("Golden pictures")
struct GoldenTests {
    private static let made = MadeReport(
        networks: ["clean", "wifi"], repeats: 2, probes: 120, intervals: 6)
    private static let report = made.report
    private static let groups = StreamGroup.all(of: report)

    private static var member: StreamGroup.Member? { groups.last?.members.first }
    private static var axis: TimeAxis? { member.flatMap { TimeAxis($0) } }

    private func expect(_ markup: Markup?, _ name: String) throws {
        let text = try #require(markup).text.replacing("><", with: ">\n<") + "\n"
        let path = Program.root + "/Tests/Pictures/Goldens/\(name)"
        let recorded = (try? TemporaryDirectory.read(path)).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard recorded != text else { return }
        guard ProcessInfo.processInfo.environment["UDPLAB_RECORD"] != nil else {
            Issue.record("\(name) is drawn otherwise; UDPLAB_RECORD=1 records it")
            return
        }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test func theRiver() throws {
        try expect(Self.groups.last.map { River($0).markup }, "river.html")
    }

    @Test func theSaturationCurve() throws {
        var report = Self.report
        for run in report.runs.indices {
            let stages = (1...4).map { (step: Int) -> StageReport in
                let lost = step > 2 ? 20 * step + run : 0
                let figures = StageFigures(
                    startNs: (step - 1) * 1_000_000_000, sent: 100 * step, skipped: 0, refused: 0,
                    lost: lost, wrong: 0,
                    delayP50Ns: 1_000_000 * step, delayP99Ns: 3_000_000 * step * step)
                return StageReport(
                    figures, lengthNs: 1_000_000_000, offeredPps: Double(100 * step),
                    lost: lost)
            }
            report.runs[run].streams[0].stages = stages
            report.runs[run].streams[0].knee = KneeReport(stages, tolerance: 0.05)
        }
        let groups = SaturationCurve.groups(of: StreamGroup.all(of: report))
        #expect(groups.count == 2)
        try expect(SaturationCurve(groups: groups).markup, "saturation-curve.html")
        #expect(SaturationCurve.groups(of: Self.groups).isEmpty)
    }

    /// A load that was adjusted over a link of 20 Mbit/s.
    private func adjusted() throws -> SearchReport {
        var test = CapacityTest(
            CapacityTest.Settings(
                startNs: 0, endNs: 3_000_000_000, bitsPerPacket: 9_824,
                rates: try #require(LoadRates(upTo: 100e6)), firstRow: 0))
        var (received, expected) = (0, 0)
        for index in 1...60 {
            let offered = LoadRates.bitsPerSecond(ofRow: test.adjustment.row) / 9_824 / 20
            received += Int(min(offered, 101.8))
            expected += Int(offered)
            var feedback = LoadFeedback(atNs: Int64(index) * LoadFeedback.everyNs)
            (feedback.received, feedback.expected) = (received, expected)
            (feedback.delayLeastNs, feedback.delayMostNs) = (5_000_000, 25_000_000)
            _ = test.take(feedback)
        }
        var search = SearchReport(kind: .rfc9097, limit: .path)
        (search.ratePps, search.payloadBitsPerSecond) = (2_036, 19_545_600)
        (search.ipBitsPerSecond, search.lossRatio) = (20_001_664, 0.09)
        search.adjustment = AdjustmentReport(test)
        return search
    }

    @Test func theSearch() throws {
        func trial(
            _ outcome: SearchTrialReport.Outcome, _ pps: Double, _ loss: Double, _ p99Ns: Int,
            confirms: Bool = false
        ) -> SearchTrialReport {
            SearchTrialReport(
                outcome: outcome, reason: outcome == .held ? nil : "lost <some>",
                confirms: confirms, durationNs: 2_000_000_000, offeredPps: pps, sentPps: pps,
                deliveredPps: min(pps, 2_000), lossRatio: loss, delayP99Ns: p99Ns, ledger: Ledger())
        }
        var search = SearchReport(
            kind: .zeroLoss, limit: .path, durationNs: 9_000_000_000,
            trials: [
                trial(.hostLimited, 4_000, 0.49, 31_000_000), trial(.held, 1_990, 0, 2_000_000),
                trial(.failed, 2_010, 0.003, 26_000_000),
                trial(.held, 1_990, 0, 2_100_000, confirms: true),
            ])
        (search.ratePps, search.payloadBitsPerSecond) = (1_990, 19_104_000)
        (search.ipBitsPerSecond, search.width) = (19_549_760, 0.01)
        try expect(SearchPlot(search: search).markup, "search.html")
        search.trials = []
        try expect(SearchPlot(search: try adjusted()).markup, "adjusted.html")
        #expect(SearchPlot(search: search).markup.text.contains("No trial was measured"))
    }

    @Test func thePercentileCurve() throws {
        try expect(PercentileCurve(groups: Self.groups).markup, "percentile-curve.html")
    }

    @Test func theForestPlot() throws {
        let panels = ForestPlot.panels(Self.report.comparison).map(\.markup)
        try expect(panels.joined(), "forest-plot.html")
    }

    @Test func theBarsOfLife() throws {
        try expect(BarsOfLife(runs: Self.report.runs).markup, "bars-of-life.html")
    }

    @Test func theStrips() throws {
        let (axis, stream) = (try #require(Self.axis), try #require(Self.member).stream)
        try expect(Strips(axis: axis, stream: stream).markup, "strips.html")
    }

    @Test func theHeatMap() throws {
        try expect(Self.axis.map { HeatMap(axis: $0).markup }, "heat-map.html")
    }

    @Test func theLossMap() throws {
        let (axis, stream) = (try #require(Self.axis), try #require(Self.member).stream)
        try expect(LossMap(axis: axis, stream: stream).markup, "loss-map.html")
    }

    @Test func theTrend() throws {
        var later = Self.made
        later.seed = 2
        let trends = Trend.all([Self.report, later.report], names: ["a", "b"])
        try expect(trends.prefix(2).map(\.markup).joined(), "trend.html")
    }

    @Test func theSummary() throws {
        let section = ScenarioSection("calls", of: Self.report, Self.groups)
        try expect(section.rows, "summary.html")
    }
}
