import Datagrams
import Lab
import Pictures
import Plans
import Reports
import Synchronization
import Watch

/// The live page of a plan: tells the server what the runner tells.
final class PlanWatch: Sendable {
    private let server: WatchServer
    private let pace: Mutex<RunPace>
    private let titles: ShownTitles
    private let hidden: HiddenTexts

    /// Begins to serve.
    /// - Throws: If this host grants no port or no thread.
    init(_ plan: Plan) throws(SystemFailure) {
        let runs = Runner.runs(of: plan)
        pace = Mutex(RunPace(runs))
        (titles, hidden) = (plan.shownTitles, plan.hidden)
        server = try WatchServer(
            LivePlan(
                tool: ToolReport(version: UDPLab.version), plan: PlanReport(plan),
                host: HostReport(HostFacts.read()), started: .now(), count: runs.count))
    }

    var address: String { server.address }

    func show(_ event: LabEvent) {
        let now = LinuxClock().nowNs()
        let leftNs = pace.withLock { pace in
            pace.take(event, atNs: now)
            return pace.leftNs(atNs: now)
        }
        var hasRun = false
        switch event {
        case .runFinished, .runSkipped: hasRun = true
        default: break
        }
        server.change(hasRun: hasRun) { plan in
            plan.left = leftNs.map(RunPace.text)
            plan.take(event, atNs: now, titles, hiding: hidden)
        }
    }

    /// Shows the finished page, and ends.
    func end(_ report: Report, named name: String) { server.end(report, named: name) }
}

extension LivePlan {
    fileprivate mutating func take(
        _ event: LabEvent, atNs now: Int64, _ titles: ShownTitles, hiding hidden: HiddenTexts
    ) {
        switch event {
        case .runStarted(let identity, let number, let count):
            begin(LiveRun(identity, titles), number: number, of: count)
        case .progress(let reading):
            current?.read(reading.figures, sender: reading.sender, atNs: now)
        case .searchTrial(let trial): current?.trial = "the last trial: \(trial.line)"
        case .trialStarted(let id, let title, let number, let count):
            current?.trial = "[\(number)/\(count)] \(id): \(title)"
        case .stopping(let signal): stopSignal = signal
        case .runFinished(let run): finish(hidden.hiding(in: run))
        case .runSkipped(let run): skip(run)
        }
    }
}

extension LiveRun {
    fileprivate init(_ identity: RunIdentity, _ titles: ShownTitles) {
        self.init(
            title: identity.title(titles), warmUpNs: identity.scenario.warmUpNs,
            senders: identity.scenario.senders.map { ($0.name, identity.isOneWay($0)) },
            timeline: identity.scenario.timeline.map {
                TimelineReport(
                    atNs: $0.atNs, plannedNs: $0.atNs, event: $0.action.rawValue,
                    subject: $0.subject)
            })
    }
}
