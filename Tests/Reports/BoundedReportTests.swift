import JSON
import Testing

@testable import Metrics
@testable import Reports

@Suite struct BoundedReportTests {
    private func report(intervals: Int, outputLines: Int = 0) -> Report {
        var report = Samples.full
        report.runs[0].streams = [
            Samples.stream(scheduled: 3 * intervals, received: 2 * intervals) { stream in
                stream.intervalNs = 1_000_000_000
                stream.intervals = (0..<intervals).map { index in
                    IntervalFigures(
                        startNs: index * 1_000_000_000, lengthNs: 1_000_000_000, sent: 3,
                        refused: 1, received: 2, lost: 1, lostBy: ["late": 1], duplicates: 1,
                        reordered: 1, rttP50Ns: 10, rttP99Ns: 20, availability: 0.5,
                        heat: DelayColumn(first: 12 + index % 3, counts: [2]))
                }
                stream.lossMap = LossMapReport(
                    runs: (0..<intervals).map { index in
                        LossRunReport(
                            flow: 0, first: 3 * index, last: 3 * index, atNs: index * 1_000_000_000,
                            untilNs: index * 1_000_000_000, account: .late)
                    })
            }
        ]
        let line = String(repeating: "x", count: 4_096)
        report.runs[0].responder?.outputTail = Array(repeating: line, count: outputLines)
        return report
    }

    private func bytes(_ report: Report) -> Int { report.sealed.text.utf8.count }

    @Test("T16 a report of ordinary size is left as it is")
    func t16Ordinary() {
        let report = report(intervals: 1_000)
        #expect(report.bounded() == report)
    }

    @Test("T16 a report that is too large has longer intervals, and their sums are the same")
    func t16Intervals() throws {
        let large = report(intervals: 1_001)
        let limit = 100_000
        let report = large.bounded(to: limit)
        #expect(bytes(report) <= limit)
        #expect(
            ReportFormat.problems(in: try JSONCoding.encode(report), as: ReportFormat.report) == [])
        let stream = report.runs[0].streams[0]
        let each = Int((stream.intervalNs ?? 0) / 1_000_000_000)
        #expect(each > 1 && each.nonzeroBitCount == 1)
        #expect(stream.intervals.count == (1_001 + each - 1) / each)
        #expect(stream.intervals.reduce(0) { $0 + $1.sent } == 3 * 1_001)
        #expect(stream.intervals.reduce(0) { $0 + $1.lost } == 1_001)
        #expect(
            stream.intervals.map(\.startNs)
                == stride(from: 0, to: 1_001, by: each).map { $0 * 1_000_000_000 })
        #expect(stream.intervals[0].availability == 0.5)
        let late = stream.intervals.compactMap { $0.lostBy?["late"] }
        #expect(late.reduce(0, +) == 1_001)
        let lengths = stream.intervals.compactMap(\.lengthNs)
        #expect(lengths.reduce(0, +) == 1_001_000_000_000)
        let heat = stream.intervals.flatMap { $0.heat?.counts ?? [] }
        #expect(heat.reduce(0, +) == 2_002)
        let map = try #require(stream.lossMap)
        #expect(map.runs.count + map.runsLeftOut == 1_001 && map.probesLeftOut == map.runsLeftOut)
        let buckets = try #require(stream.rttNs?.buckets)
        #expect(buckets.map(\.count).reduce(0, +) == stream.rttNs?.count)
        #expect(stream.intervals.allSatisfy { $0.rttP99Ns == nil })
        #expect(report.runs[0].warnings.contains { $0.contains("so that the report keeps to") })
        #expect(report.verdict == large.verdict && report.runs[0].verdict == large.runs[0].verdict)
    }

    @Test("T16 what a command wrote goes before the intervals do")
    func t16Output() throws {
        let large = report(intervals: 100, outputLines: 1_000)
        let report = large.bounded(to: 1 << 20)
        #expect(bytes(report) <= 1 << 20)
        #expect(report.runs[0].responder?.outputTail.count == 20)
        #expect(report.runs[0].streams[0].intervals.count == 100)
    }
}
