import Datagrams
import Glibc
import JSON
import Loops
import Metrics
import Plans
import Reports

/// The progress of a plan, for display.
package indirect enum LabEvent: Sendable {
    case runStarted(RunIdentity, number: Int, of: Int)
    case progress(LiveReading)
    /// A trial of a battery begins.
    case trialStarted(id: String, title: String, number: Int, of: Int)
    /// A trial of a search has ended.
    case searchTrial(SearchTrialReport)
    /// A signal with this name stops the run; datagrams in flight may still arrive.
    case stopping(String)
    case runFinished(RunReport)
    /// A run is skipped, because this host cannot make its network and the plan allows that.
    case runSkipped(SkippedRunReport)
}

/// Runs a plan from its first scenario to its last and makes the report.
package struct Runner: Sendable {
    private let plan: Plan
    private let start: StartChecks
    private let options: RunOptions
    private let interruption: Interruption
    private let host: any ControlHost
    private let onEvent: @Sendable (LabEvent) -> Void

    package init(
        plan: Plan, start: StartChecks, options: RunOptions, interruption: Interruption,
        host: any ControlHost = LinuxHost(), onEvent: @escaping @Sendable (LabEvent) -> Void
    ) {
        self.plan = plan
        self.start = start
        self.options = options
        self.interruption = interruption
        self.host = host
        self.onEvent = onEvent
    }

    /// Returns every run of the plan, scenario by scenario, each in its own order.
    package static func runs(of plan: Plan) -> [RunIdentity] {
        plan.scenarios.flatMap { scenario in
            plan.runs(of: scenario).map {
                RunIdentity(
                    scenario: scenario, network: $0.network, repetition: $0.repetition,
                    seed: $0.seed)
            }
        }
    }

    /// Returns the runs that can be made here, and those that the plan allows to be skipped.
    private static func runs(
        of plan: Plan, without unavailable: UnavailableNetworks
    ) -> ([RunIdentity], [SkippedRunReport]) {
        var made: [RunIdentity] = []
        var skipped: [SkippedRunReport] = []
        for run in runs(of: plan) {
            guard let reason = unavailable.reasons[run.network.name] else {
                made.append(run)
                continue
            }
            skipped.append(
                SkippedRunReport(
                    scenario: run.scenario.name, network: run.network.name,
                    repeat: run.repetition, reason: reason))
        }
        return (made, skipped)
    }

    /// Runs the plan.
    /// - Throws: Only reasons not to begin, before the first datagram. Later failures are in the
    ///   report.
    package func run() async throws -> (report: Judged<Report>, failures: [RunFailure]) {
        try start.passed()
        let (unavailable, targets) = (start.unavailable, start.targets)
        let (identities, skipped) = Self.runs(of: plan, without: unavailable)
        for run in skipped { onEvent(.runSkipped(run)) }
        let key = interruption.watch(
            stop: { onEvent(.stopping(interruption.signalName ?? "a signal")) }, kill: {})
        defer { interruption.forget(key) }
        let started = UTCTime.now()
        return try await Agents.with(
            Self.hosts(of: plan, in: identities), version: options.version, on: host,
            stop: interruption
        ) { agents in
            let (runs, failures) = await makeRuns(
                identities, targets, agents, kernelHasNetem: unavailable.hasNetem)
            let report = assemble(
                runs, skipped, agents, isWhole: failures.isEmpty, started: started,
                planned: identities.count)
            return (report, interruption.isRequested ? [] : failures)
        }
    }

    /// Returns the hosts of the plan that the runs need.
    private static func hosts(of plan: Plan, in runs: [RunIdentity]) -> [HostDefinition] {
        let needed = Set(
            runs.filter(\.crossesHosts).flatMap { run in
                run.scenario.spread().senders.map(\.host)
                    + [run.scenario.responder?.host, run.scenario.responder?.secondEnd?.host]
            })
        return plan.hosts.filter { needed.contains($0.name) }
    }

    private func makeRuns(
        _ identities: [RunIdentity], _ targets: PathTargets, _ agents: Agents, kernelHasNetem: Bool
    ) async -> ([Judged<RunReport>], [RunFailure]) {
        var runs: [Judged<RunReport>] = []
        var failures: [RunFailure] = []
        let severalStreams = identities.count > 1
        var calibrated: [String: String?] = [:]
        for (number, identity) in identities.enumerated() where !interruption.isRequested {
            onEvent(.runStarted(identity, number: number + 1, of: identities.count))
            if identity.scenario.calibrates, calibrated[identity.scenario.name] == nil {
                calibrated[identity.scenario.name] = await calibrate(identity, targets, agents)
            }
            let refusal = calibrated[identity.scenario.name].flatMap { $0 }
            var (run, failure): (Judged<RunReport>, RunFailure?)
            if let refusal, !interruption.isRequested {
                (run, failure) = (Calibration.refusal(refusal, identity), nil)
            } else {
                (run, failure) = await execute(
                    identity, severalStreams, targets, agents, kernelHasNetem: kernelHasNetem)
                if identity.scenario.calibrates {
                    run.note("calibrated: this host alone carries the load, over loopback")
                }
            }
            onEvent(.runFinished(run.document))
            runs.append(run)
            guard let failure else { continue }
            failures.append(failure)
            // A failing service is a finding, and other runs have findings of their own. A limit of
            // this host or a fault of udplab in one run would affect the next as well.
            if failure.owner != .subject { break }
        }
        return (runs, failures)
    }

    /// Runs the load of a scenario over loopback.
    /// - Returns: The sentence on what this host could not carry; nil if it carried all of it.
    private func calibrate(
        _ identity: RunIdentity, _ targets: PathTargets, _ agents: Agents
    ) async -> String? {
        onEvent(.trialStarted(id: "calibration", title: "over loopback", number: 1, of: 1))
        guard let loopback = try? Calibration.identity(of: identity) else { return nil }
        let (run, _) = await executeOnce(
            loopback, false, targets, agents, kernelHasNetem: false,
            isLogged: false)
        return Calibration.obstacle(in: run)
    }

    private func execute(
        _ identity: RunIdentity, _ severalStreams: Bool, _ targets: PathTargets,
        _ agents: Agents, kernelHasNetem: Bool
    ) async -> (Judged<RunReport>, RunFailure?) {
        if let battery = identity.scenario.battery {
            return await execute(battery, identity, targets, agents)
        }
        if let search = identity.scenario.search {
            return await SearchRun(
                identity: identity, search: search, interruption: interruption, host: host,
                onEvent: onEvent
            ) { trial, isLast, steering in
                await executeOnce(
                    trial, severalStreams, targets, agents, kernelHasNetem: kernelHasNetem,
                    isLogged: isLast, steering: steering)
            }.run()
        }
        return await executeOnce(
            identity, severalStreams, targets, agents, kernelHasNetem: kernelHasNetem)
    }

    private func executeOnce(
        _ identity: RunIdentity, _ severalStreams: Bool, _ targets: PathTargets,
        _ agents: Agents, kernelHasNetem: Bool, isLogged: Bool = true,
        steering: LoadSteering? = nil
    ) async -> (Judged<RunReport>, RunFailure?) {
        var options = options
        if !isLogged { options.datagramLog = nil }
        let layout = RunLayout(
            identity: identity.spread(), options: options, logsSeveralStreams: severalStreams,
            pathTarget: targets.addresses[identity.network.name], kernelHasNetem: kernelHasNetem,
            report: ReportBudget.of(plan), hosts: agents.runHosts())
        let run = ScenarioRun(
            identity: layout.identity, options: options, layout: layout, interruption: interruption,
            host: host, agents: agents, onProgress: { onEvent(.progress($0)) }, steering: steering)
        let started = UTCTime.now()
        do {
            let outcome = try await run.execute()
            return RunAssembly.judged(outcome, layout, as: identity.whole())
        } catch {
            let failure = RunFailure(identity: identity, error: error)
            return (
                failure.report(started: started, stopSignal: interruption.signalName), failure
            )
        }
    }

    private func execute(
        _ battery: BatteryDefinition, _ identity: RunIdentity, _ targets: PathTargets,
        _ agents: Agents
    ) async -> (Judged<RunReport>, RunFailure?) {
        let run = BatteryRun(
            identity: identity, battery: battery, options: options,
            pathTarget: targets.addresses[identity.network.name], agents: agents,
            interruption: interruption, onEvent: onEvent)
        let started = UTCTime.now()
        do {
            return (try await run.execute(), nil)
        } catch {
            let failure = RunFailure(identity: identity, error: error)
            return (
                failure.report(started: started, stopSignal: interruption.signalName), failure
            )
        }
    }

    private func assemble(
        _ runs: [Judged<RunReport>], _ skipped: [SkippedRunReport], _ agents: Agents,
        isWhole: Bool, started: UTCTime, planned: Int
    ) -> Judged<Report> {
        Self.report(
            on: runs, skipped: skipped, of: plan, isWhole: isWhole, planned: planned,
            stopSignal: interruption.signalName, started: started, finished: .now(),
            host: HostReport(HostFacts.read()), hosts: agents.all.map(OtherHostReport.init),
            version: options.version)
    }

    /// Returns the report on the runs of a plan, judged.
    ///
    /// - Parameters:
    ///   - isWhole: Whether no run broke off.
    ///   - planned: The number of planned runs, without the skipped ones.
    static func report(
        on runs: [Judged<RunReport>], skipped: [SkippedRunReport] = [], of plan: Plan,
        isWhole: Bool, planned: Int, stopSignal: String?, started: UTCTime, finished: UTCTime,
        host: HostReport, hosts: [OtherHostReport] = [], version: String
    ) -> Judged<Report> {
        let isComplete = runs.count == planned && stopSignal == nil && isWhole
        let judgement = Self.judgement(on: runs, planned: planned, stopSignal: stopSignal)
        let report = Report(
            tool: ToolReport(version: version),
            plan: PlanReport(plan),
            host: host, hosts: hosts, started: started, finished: finished,
            status: isComplete ? .complete : .partial, judgement: judgement,
            runs: runs.map(\.document), skipped: skipped,
            comparison: NetworkComparison.of(
                runs.map(\.document), primary: plan.primaryFigures))
        return Judged(report.bounded(), judgement)
    }

    /// Returns the judgement on a whole report: that of its runs, and the reasons for runs that
    /// were not made.
    static func judgement(
        on runs: [Judged<RunReport>], planned: Int, stopSignal: String?
    ) -> Judgement {
        var judgement = Judgement()
        for run in runs { judgement.add(run.judgement, named: run.document.title) }
        let left = planned - runs.count
        let notBegun = left == 1 ? "1 run was not begun" : "\(left) runs were not begun"
        if let stopSignal {
            if left > 0 {
                judgement.add(Cause(.aborted, "\(stopSignal): \(notBegun)"))
            } else if judgement.verdict != .aborted {
                judgement.add(Cause(.aborted, "\(stopSignal) came when the last run was over"))
            }
        } else if left > 0 {
            judgement.add(Cause(.inconclusive, notBegun))
        } else if runs.isEmpty {
            judgement.add(Cause(.inconclusive, "every run was skipped"))
        }
        return judgement
    }
}

extension RunIdentity {
    /// The time of warm-up and sending; `nil` for a count at `rate: max`.
    package var expectedLengthNs: Int? {
        let lengths = scenario.senders.map(\.expectedEndNs)
        guard !lengths.contains(nil), scenario.battery == nil, scenario.search == nil else {
            return nil
        }
        return scenario.warmUpNs + (lengths.compactMap { $0 }.max() ?? 0)
    }
}

extension PlanReport {
    package init(_ plan: Plan) {
        self.init(
            name: plan.name, sha256: plan.sha256, seed: plan.seed, path: plan.path,
            titles: plan.titles, effectiveSha256: plan.effective.sha256,
            variation: plan.variation, effective: plan.effective.value,
            extras: .object(plan.extras))
    }
}

extension HostReport {
    package init(_ facts: HostFacts) {
        self.init(
            kernel: facts.kernel ?? "unknown", architecture: facts.architecture ?? "unknown",
            cpus: facts.cpusAllowed ?? 1, cpuModel: facts.cpuModel,
            memoryBytes: facts.memoryBytes, rmemMax: facts.rmemMax, wmemMax: facts.wmemMax,
            icmpRatelimit: facts.icmpRatelimit, icmpMsgsPerSec: facts.icmpMsgsPerSec,
            clockSource: facts.clockSource, clockResolutionNs: facts.clockResolutionNs ?? 1)
    }
}
