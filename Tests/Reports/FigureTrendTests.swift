import Testing

@testable import Reports

@Suite("Figures over several reports")
struct FigureTrendTests {
    private func runs(_ lost: [Int], verdict: Verdict = .pass) -> [ComparedRun] {
        lost.enumerated().map { number, count in
            ComparedRun(
                Samples.run(
                    repeat: number + 1, verdict,
                    streams: [Samples.stream(scheduled: 10_000, received: 10_000 - count)]))
        }
    }

    private func trends(_ reports: [[ComparedRun]]) throws -> [FigureTrend] {
        let figure = try #require(FigureCatalog.figure("loss.ratio"))
        return FigureTrend.all(
            of: figure, in: reports.enumerated().map { ("\($0).json", $1) })
    }

    @Test("a change is marked at the report that differs from the one before, and only there")
    func change() throws {
        let (low, high) = ([1, 2, 3, 4, 5], [101, 102, 103, 104, 105])
        let trend = try #require(
            try trends([runs(low), runs(low), runs(high), runs(high)]).first)
        #expect(trend.changes == [2])
        #expect(trend.steps.map(\.median) == [0.0003, 0.0003, 0.0103, 0.0103])
    }

    @Test("three runs of each are too few for a change, however large")
    func tooFew() throws {
        let trend = try #require(try trends([runs([1, 2, 3]), runs([901, 902, 903])]).first)
        #expect(trend.changes == [])
    }

    @Test("runs that do not count are left out, and a stream of one report is no trend")
    func leftOut() throws {
        let limited = runs([5, 5], verdict: .inconclusive)
        #expect(try trends([runs([1]), limited]).isEmpty)
        let trend = try #require(try trends([runs([1]), limited, runs([3])]).first)
        #expect(trend.steps.map(\.values.count) == [1, 0, 1])
    }

    @Test("the table has a row per report and the rule below it, at any width")
    func table() throws {
        let trends = try trends([runs([1, 2, 3, 4, 5]), runs([101, 102, 103, 104, 105])])
        let text = TrendTable.render(trends, width: 80)
        #expect(
            text.hasPrefix(
                """
                voice on clean, calls: loss.ratio
                  report  runs  median     least … most
                  0.json     5  0.03 %  0.01 % … 0.05 %
                  1.json     5  1.03 %  1.01 % … 1.05 %  changed


                """), "\(text)")
        #expect(text.contains("exact rank test"))
        for width in [20, 40, 60] {
            let lines = TrendTable.render(trends, width: width).split(separator: "\n")
            #expect(lines.allSatisfy { TerminalText.width(String($0)) <= max(width, 40) })
        }
    }
}
