import Metrics
import Plans
import Reports
import Synchronization

/// The report on a plan that is still running, for the case that it does not come to its end: this
/// host fails, or somebody kills the runner.
///
/// Its status is `partial` and its verdict `incomplete`, whatever the finished runs say.
package final class ReportSoFar: Sendable {
    fileprivate struct State {
        var runs: [RunReport] = []
        var skipped: [SkippedRunReport] = []
        var current: Current?
        var planned: Int
        var savedNs: Int64
    }

    fileprivate struct Current {
        let identity: RunIdentity
        let started: UTCTime
        let startedNs: Int64
        var senders: [Sender]
    }

    fileprivate struct Sender {
        var report: SoFarReport
        var firstNs: Int64?
    }

    private let plan: Plan
    private let version: String
    private let host: HostReport
    private let started = UTCTime.now()
    private let everyNs: Int64
    private let state: Mutex<State>

    /// - Parameter everyNs: The time between two reports.
    package init(plan: Plan, version: String, everyNs: Int64, nowNs: Int64) {
        self.plan = plan
        self.version = version
        self.everyNs = everyNs
        host = HostReport(HostFacts.read())
        state = Mutex(State(planned: Runner.runs(of: plan).count, savedNs: nowNs))
    }

    /// Takes an event.
    /// - Returns: The report; nil if it is not due.
    package func take(_ event: LabEvent, atNs nowNs: Int64) -> Judged<Report>? {
        state.withLock { state in
            state.take(event, atNs: nowNs)
            guard nowNs - state.savedNs >= everyNs else { return nil }
            state.savedNs = nowNs
            return report(state, atNs: nowNs)
        }
    }

    private func report(_ state: State, atNs nowNs: Int64) -> Judged<Report> {
        let over =
            "the plan was still running when this was written: \(state.runs.count) of "
            + "\(state.planned) runs were over"
        let judgement = Judgement(causes: [Cause(.incomplete, over)])
        let report = Report(
            tool: ToolReport(version: version), plan: PlanReport(plan), host: host,
            started: started, finished: .now(), status: .partial, judgement: judgement,
            runs: state.runs + [state.current.map { Self.run($0, atNs: nowNs) }].compactMap { $0 },
            skipped: state.skipped)
        return Judged(report.bounded(), judgement)
    }

    private static func run(_ current: Current, atNs nowNs: Int64) -> RunReport {
        let identity = current.identity
        var run = RunReport(
            scenario: identity.scenario.name, network: identity.network.name,
            repeat: identity.repetition, seed: identity.seed,
            judgement: Judgement(causes: [
                Cause(.incomplete, "the run was not over when this was written")
            ]), started: current.started, durationNs: Int(max(0, nowNs - current.startedNs)))
        run.soFar = current.senders.map(\.report)
        return run
    }
}

extension ReportSoFar.State {
    fileprivate mutating func take(_ event: LabEvent, atNs nowNs: Int64) {
        switch event {
        case .runStarted(let identity, _, let count):
            planned = count
            current = ReportSoFar.Current(
                identity: identity, started: .now(), startedNs: nowNs,
                senders: identity.spread().scenario.senders.map {
                    ReportSoFar.Sender(
                        report: SoFarReport(sender: $0.name, isOneWay: identity.isOneWay($0)))
                })
        case .progress(let reading):
            guard current?.senders.indices.contains(reading.sender) == true else { return }
            current?.senders[reading.sender].read(reading.figures, atNs: nowNs)
        case .runFinished(let run):
            runs.append(run)
            current = nil
        case .runSkipped(let run): skipped.append(run)
        case .trialStarted, .searchTrial, .stopping: return
        }
    }
}

extension ReportSoFar.Sender {
    fileprivate mutating func read(_ figures: LiveFigures, atNs nowNs: Int64) {
        if figures.sent < report.sent {
            // The warm-up is over.
            report = SoFarReport(sender: report.sender, isOneWay: report.received == nil)
            firstNs = nil
        }
        let beginNs = firstNs ?? nowNs
        firstNs = beginNs
        report.read(figures, atNs: Int(nowNs - beginNs))
    }
}
