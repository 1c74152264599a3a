import Metrics
import Reports

/// The state of a plan while it is run: the finished runs, and the one under way.
package struct LivePlan: Sendable {
    let tool: ToolReport
    let plan: PlanReport
    let host: HostReport
    let started: UTCTime
    private(set) var runs: [RunReport] = []
    private(set) var skipped: [SkippedRunReport] = []
    package var current: LiveRun?
    private(set) var number = 0
    private(set) var count: Int
    /// The time that all runs still take, in words; nil if it is not known.
    package var left: String?
    /// The signal that stops the plan.
    package var stopSignal: String?

    /// Makes the state of a plan before its first run.
    /// - Parameter count: The number of planned runs.
    package init(
        tool: ToolReport, plan: PlanReport, host: HostReport, started: UTCTime, count: Int
    ) {
        self.tool = tool
        self.plan = plan
        self.host = host
        self.started = started
        self.count = count
    }

    package mutating func begin(_ run: LiveRun, number: Int, of count: Int) {
        current = run
        (self.number, self.count) = (number, count)
    }

    package mutating func finish(_ run: RunReport) {
        runs.append(run)
        current = nil
    }

    package mutating func skip(_ run: SkippedRunReport) { skipped.append(run) }

    /// The report of the finished runs. Networks are compared when all runs are over: a comparison
    /// that is looked at after each run finds differences by chance.
    var report: Report {
        Report(
            tool: tool, plan: plan, host: host, started: started, finished: started,
            status: .partial, judgement: Judgement(), runs: runs, skipped: skipped)
    }
}
