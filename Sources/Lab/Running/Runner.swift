import Datagrams
import Glibc
import JSON
import Metrics
import Plans
import Reports
import Workers

/// What the lab tells whoever watches while a plan runs.
package enum LabEvent: Sendable {
    case runStarted(title: String, number: Int, of: Int, lengthNs: Int?)
    case progress(LiveFigures)
    /// By this signal; what is on its way may still come.
    case stopping(String)
    case runFinished(RunReport)
}

/// Runs a plan from its first scenario to its last and makes the report.
package struct Runner: Sendable {
    private let plan: Plan
    private let options: RunOptions
    private let interruption: Interruption
    private let onEvent: @Sendable (LabEvent) -> Void

    package init(
        plan: Plan, options: RunOptions, interruption: Interruption,
        onEvent: @escaping @Sendable (LabEvent) -> Void
    ) {
        self.plan = plan
        self.options = options
        self.interruption = interruption
        self.onEvent = onEvent
    }

    /// Every run of the plan, scenario by scenario, each in the order that it states.
    package static func runs(of plan: Plan) -> [RunIdentity] {
        plan.scenarios.flatMap { scenario in
            plan.runs(of: scenario).map {
                RunIdentity(scenario: scenario, network: $0.network, repetition: $0.repetition)
            }
        }
    }

    /// - Throws: Only what makes it pointless to begin, before the first datagram. What goes
    ///   wrong later is in the report.
    package func run() async throws -> (report: Report, failure: RunFailure?) {
        try StartChecks.check(plan)
        let targets = try PathTargets(of: plan)
        let identities = Self.runs(of: plan)
        try openLog()
        let key = interruption.watch(
            stop: { onEvent(.stopping(interruption.signalName ?? "a signal")) }, kill: {})
        defer { interruption.forget(key) }
        let started = UTCTime.now()
        var runs: [RunReport] = []
        var failure: RunFailure?
        let severalStreams = identities.count > 1
        for (number, identity) in identities.enumerated() where !interruption.isRequested {
            onEvent(
                .runStarted(
                    title: identity.title, number: number + 1, of: identities.count,
                    lengthNs: identity.expectedLengthNs))
            let run: RunReport
            (run, failure) = await execute(identity, severalStreams, targets)
            onEvent(.runFinished(run))
            runs.append(run)
            if failure != nil { break }
        }
        let report = assemble(runs, failure, started: started, planned: identities.count)
        return (report, interruption.isRequested ? nil : failure)
    }

    private func execute(
        _ identity: RunIdentity, _ severalStreams: Bool, _ targets: PathTargets
    ) async -> (RunReport, RunFailure?) {
        let layout = RunLayout(
            identity: identity, options: options, logsSeveralStreams: severalStreams,
            pathTarget: targets.addresses[identity.network.name])
        let run = ScenarioRun(
            identity: identity, options: options, layout: layout, interruption: interruption,
            onProgress: { onEvent(.progress($0)) })
        let started = UTCTime.now()
        do {
            let outcome = try await run.execute()
            return (RunAssembly(outcome: outcome, layout: layout).report(), outcome.failure)
        } catch {
            let failure = RunFailure(identity: identity, cause: error)
            return (
                failure.report(started: started, stopSignal: interruption.signalName), failure
            )
        }
    }

    /// The log is one file for all runs: made anew here, appended to by the workers.
    private func openLog() throws(StartError) {
        guard let path = options.datagramLog else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw StartError(
                "the datagram log \(path) cannot be opened: \(SystemErrno(rawValue: errno)): "
                    + "name a file in a directory that exists and can be written")
        }
        let header = Array(DatagramLog.header.utf8)
        _ = write(descriptor, header, header.count)
        close(descriptor)
    }

    private func assemble(
        _ runs: [RunReport], _ failure: RunFailure?, started: UTCTime, planned: Int
    ) -> Report {
        let facts = HostFacts.read()
        let left = planned - runs.count
        let notBegun = left == 1 ? "1 run was not begun" : "\(left) runs were not begun"
        let isComplete =
            runs.count == planned && !interruption.isRequested && failure == nil
        var verdict = Verdict.combined(runs.map(\.verdict))
        var reasons = runs.flatMap { run in run.reasons.map { "\(run.title): \($0)" } }
        if let signal = interruption.signalName {
            verdict = .aborted
            if runs.count < planned { reasons.append("\(signal): \(notBegun)") }
        } else if runs.count < planned {
            reasons.append(notBegun)
        }
        return Report(
            tool: ToolReport(version: options.version),
            plan: PlanReport(
                name: plan.name, sha256: plan.sha256, seed: plan.seed, path: plan.path,
                extras: .object(plan.extras)),
            host: HostReport(facts), started: started, finished: .now(),
            status: isComplete ? .complete : .partial, verdict: verdict, reasons: reasons,
            runs: runs)
    }
}

/// A run that did not come to its end, and why.
package struct RunFailure: Sendable {
    package let identity: RunIdentity
    package let cause: any Error
    /// The worker that failed, where it was one.
    package var worker: String?
    /// From the run's start.
    var atNs = 0

    /// The sentence for the report.
    package var reason: String {
        if let failure = workerFailure {
            let last = failure.output.last { !$0.isEmpty }
            return last.map { "\(failure.reason); its last words: \($0)" } ?? failure.reason
        }
        if let error = cause as? WorkerError { return error.summary }
        return "\(cause)"
    }

    /// The last lines that the worker, or the user's program, wrote.
    package var output: [String] {
        workerFailure?.output ?? (cause as? WorkerError)?.diagnostics ?? []
    }

    /// Whether udplab itself is to blame, and not the plan, this host or the user's program.
    package var isOwnFault: Bool {
        if let failure = workerFailure { return failure.kind == .own }
        if let error = cause as? WorkerError {
            switch error.reason {
            case .ended(let exit): return !exit.wasEndedFromOutside
            case .silent, .deaf, .violation, .notStarted: return true
            case .failed, .cancelled: return false
            }
        }
        return !(cause is StartError || cause is StoppedEarly)
    }

    private var workerFailure: WorkerFailure? {
        guard let error = cause as? WorkerError, case .failed(let message) = error.reason,
            case .failed(let failure)? = try? WorkerReply(message.body)
        else { return nil }
        return failure
    }

    func report(started: UTCTime, stopSignal: String?) -> RunReport {
        RunReport(
            scenario: identity.scenario.name, network: identity.network.name,
            repeat: identity.repetition,
            verdict: stopSignal == nil ? .inconclusive : .aborted,
            reasons: [stopSignal.map { "stopped by \($0) before anything was sent" } ?? reason],
            started: started, durationNs: 0)
    }
}

extension RunIdentity {
    /// Warm-up and sending; `nil` for a count at `rate: max`.
    var expectedLengthNs: Int? {
        let lengths = scenario.senders.map(\.expectedDurationNs)
        guard !lengths.contains(nil) else { return nil }
        return scenario.warmUpNs + (lengths.compactMap { $0 }.max() ?? 0)
    }
}

extension HostReport {
    init(_ facts: HostFacts) {
        self.init(
            kernel: facts.kernel ?? "unknown", architecture: facts.architecture ?? "unknown",
            cpus: facts.cpusAllowed ?? 1, cpuModel: facts.cpuModel,
            memoryBytes: facts.memoryBytes, rmemMax: facts.rmemMax, wmemMax: facts.wmemMax,
            icmpRatelimit: facts.icmpRatelimit, icmpMsgsPerSec: facts.icmpMsgsPerSec,
            clockSource: facts.clockSource, clockResolutionNs: facts.clockResolutionNs ?? 1)
    }
}
