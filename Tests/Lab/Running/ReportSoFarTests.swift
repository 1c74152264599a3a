import JSON
import Metrics
import Testing

@testable import Lab
@testable import Plans
@testable import Reports

/// The report on a plan that is still running.
@Suite struct ReportSoFarTests {
    private static let minute: Int64 = 60_000_000_000
    private static let second: Int64 = 1_000_000_000

    private func plan() throws -> Plan {
        let text = """
            { "plan": 1, "name": "long", "networks": { "here": { "kind": "loopback" } },
              "responders": { "echo": { "behaviour": "echo" } },
              "scenarios": [ { "name": "week", "networks": ["here"], "responder": "echo",
                "repeat": 2, "senders": [ { "name": "calls", "rate": "100pps", "payload": "64B",
                "duration": "168h" } ] } ] }
            """
        return try PlanReader.read(Array(text.utf8), path: "long.json")
    }

    private func reading(sent: Int, received: Int, lost: Int) -> LabEvent {
        var figures = LiveFigures()
        (figures.sent, figures.received, figures.lost) = (sent, received, lost)
        (figures.p50Ns, figures.p99Ns) = (1_000, 2_000)
        return .progress(LiveReading(sender: 0, figures: figures, all: figures))
    }

    @Test("L16 a week's report so far is bounded, has the sums, and is never green")
    func l16Week() throws {
        let plan = try plan()
        let soFar = ReportSoFar(plan: plan, version: "1", everyNs: 10 * Self.minute, nowNs: 0)
        let run = try #require(Runner.runs(of: plan).first)
        #expect(soFar.take(.runStarted(run, number: 1, of: 2), atNs: 0) == nil)
        // What the warm-up counts is forgotten when the counts begin anew.
        _ = soFar.take(reading(sent: 900, received: 900, lost: 0), atNs: Self.second)
        var saved: [Judged<Report>] = []
        var (sent, received, lost) = (0, 0, 0)
        for second in 2..<Int64(7 * 24 * 3_600) {
            let more = 90 + Int(second) * 7_919 % 21
            (sent, lost) = (sent + more, lost + more / 100)
            received = sent - lost
            let event = reading(sent: sent, received: received, lost: lost)
            if let report = soFar.take(event, atNs: second * Self.second) { saved.append(report) }
        }
        #expect(saved.count == 7 * 24 * 6 - 1)
        let last = try #require(saved.last)
        #expect(last.document.status == .partial)
        #expect(last.document.verdict == .incomplete)
        #expect(last.judgement.exitStatus == .inconclusive)
        #expect(last.document.reasons.first?.contains("0 of 2 runs") == true)
        let part = try #require(last.document.runs.last?.soFar?.first)
        #expect(last.document.runs.last?.verdict == .incomplete)
        #expect(part.intervals.count <= SoFarReport.intervalsMax)
        #expect(part.intervals.count > SoFarReport.intervalsMax / 3)
        #expect(part.intervals.reduce(0) { $0 + $1.sent } == part.sent)
        #expect(part.intervals.reduce(0) { $0 + ($1.received ?? 0) } == part.received)
        #expect(part.intervals.reduce(0) { $0 + ($1.lost ?? 0) } == part.lost)
        let sealed = Sealed(last)
        #expect(sealed.text.utf8.count < 1 << 18)
        let read = try Report(text: Array(sealed.text.utf8))
        #expect(read.runs.last?.soFar?.first == part)
    }

    @Test("finished runs are whole in it, and the next one is beside them")
    func runs() throws {
        let plan = try plan()
        let runs = Runner.runs(of: plan)
        let soFar = ReportSoFar(plan: plan, version: "1", everyNs: Self.minute, nowNs: 0)
        _ = soFar.take(.runStarted(runs[0], number: 1, of: 2), atNs: 0)
        let finished = RunReport(
            scenario: "week", network: "here", judgement: Judgement(), started: .now(),
            durationNs: 5)
        _ = soFar.take(.runFinished(finished), atNs: Self.second)
        _ = soFar.take(.runStarted(runs[1], number: 2, of: 2), atNs: Self.second)
        let event = reading(sent: 5, received: 4, lost: 0)
        #expect(soFar.take(event, atNs: 2 * Self.second) == nil)
        let report = try #require(soFar.take(event, atNs: Self.minute)).document
        #expect(report.runs.count == 2)
        #expect(report.runs.first == finished)
        #expect(report.runs.last?.repeat == 2)
        #expect(report.runs.last?.soFar?.first?.sent == 5)
        #expect(report.verdict == .incomplete)
        #expect(soFar.take(event, atNs: Self.minute + 1) == nil)
    }
}
