import Datagrams
import Reports
import Synchronization

/// The progress of a battery, for display.
package enum ResilienceEvent: Sendable {
    case trialStarted(id: String, title: String, number: Int, of: Int)
    case trialFinished(TrialReport)
    case stopping(signal: String)
}

/// Runs the trials of a battery against one server, and makes its score card.
package struct ResilienceBattery: Sendable {
    private let target: ResilienceTarget
    private let options: ResilienceOptions
    private let interruption: Interruption
    private let onEvent: @Sendable (ResilienceEvent) -> Void

    package init(
        target: ResilienceTarget, options: ResilienceOptions, interruption: Interruption,
        onEvent: @escaping @Sendable (ResilienceEvent) -> Void = { _ in }
    ) {
        self.target = target
        self.options = options
        self.interruption = interruption
        self.onEvent = onEvent
    }

    /// Runs the battery. All processes that it started have exited on return.
    ///
    /// - Throws: If the battery itself failed, independently of the server.
    package func run() async throws -> Judged<ScoreCard> {
        let started = UTCTime.now()
        let course = try await withWorkers { crew in
            let key = interruption.watch(
                stop: { [interruption, onEvent] in
                    onEvent(.stopping(signal: interruption.signalName ?? "a signal"))
                },
                kill: { crew.killAll() })
            defer { interruption.forget(key) }
            return try await conduct(ServerUnderTest(target, crew: crew, options: options))
        }
        let card = ScoreCard(course, target: target, options: options, started: started)
        return Judged(card, course.judgement)
    }

    /// Runs the trials, which block, on a thread of their own; this task waits for its end.
    private func conduct(_ server: ServerUnderTest) async throws -> BatteryCourse {
        let end = Promise<Result<BatteryCourse, any Error>>()
        let work = BatteryWork(
            server: server, options: options, interruption: interruption, onEvent: onEvent)
        let thread = try DataThread.start(name: "battery", cpu: nil) {
            end.fulfil(Result { try work.run() })
        }
        // Not by this task's cancellation: the thread would continue without its workers.
        let result = await Task { await end.value() }.value
        thread.join()
        guard let result else { throw BatteryStop.interrupted }
        return try result.get()
    }
}

/// The course of a battery.
struct BatteryCourse: Sendable {
    var trials: [TrialReport] = []
    /// The reason why the server could not be tried at all: it never answered.
    var unhealthy: String?
    /// The fault of this host that kept it from asking, if that is the reason.
    var hostFault: String?
    /// Whether the server has its port on another host, so that the way there may be the reason.
    var mayBeTheWay = false
    /// The loss of the server's host, which ended the battery.
    var lost: HostLoss?
    var stopSignal: String?
    var answersAt: String?
    var starts: Int?
}

/// The battery on its own thread.
struct BatteryWork: Sendable {
    let server: ServerUnderTest
    let options: ResilienceOptions
    let interruption: Interruption
    let onEvent: @Sendable (ResilienceEvent) -> Void

    func run() throws -> BatteryCourse {
        var course = BatteryCourse()
        defer { server.stop() }
        do {
            if let silence = try attend(&course, isElsewhere: false) {
                let isAnswered = silence.mayBeFar ? try attendElsewhere(&course) : false
                if !isAnswered { course.trials = fail(of: silence) }
            }
        } catch BatteryStop.interrupted {
            course.stopSignal = interruption.signalName ?? "a signal"
        } catch {
            // Whatever failed first: nothing is known of a host that is lost.
            guard let loss = server.loss else { throw error }
            course.lost = loss
        }
        course.starts = server.starts
        return course
    }

    /// Starts the server and tries it.
    ///
    /// - Returns: The reason why it never answered, if that is known.
    private func attend(_ course: inout BatteryCourse, isElsewhere: Bool) throws -> Silence? {
        let interruption = interruption
        let bench = try Bench(server, options: options) { interruption.isRequested }
        bench.isElsewhere = isElsewhere
        bench.portWasFree = bench.openSockets == 0
        do {
            try server.start()
        } catch let error as ServerNotStarted {
            course.unhealthy = error.description
            return nil
        }
        switch try bench.awaitHealth(mayLookForAnswers: true) {
        case .not(let why):
            if let silence = try bench.explainSilence() { return silence }
            course.unhealthy = why
            course.hostFault = bench.hostFault
            course.mayBeTheWay = server.isFar && bench.hadPort && !server.hasEnded
        case .answers:
            course.answersAt = bench.ear.map { Wording.place($0) }
            try bench.settleSockets()
            try runTrials(bench, &course)
        }
        return nil
    }

    /// Tries a server whose answers go to a fixed address that this host cannot receive at, which
    /// hides all other faults: the trials run where each address is this host's.
    ///
    /// - Returns: Whether the server answered there.
    private func attendElsewhere(_ course: inout BatteryCourse) throws -> Bool {
        guard server.isOwn, !server.isFar, server.target.address.isLoopback,
            server.target.address.family == .ipv4
        else { return false }
        server.stop()
        let network: OwnNetwork
        do throws(SystemFailure) {
            network = try OwnNetwork()
        } catch {
            options.logger.debug("no network of its own: \(error)")
            return false
        }
        server.move(to: network)
        defer {
            server.stop()
            network.release()
        }
        var elsewhere = BatteryCourse()
        do {
            let silence = try attend(&elsewhere, isElsewhere: true)
            guard silence == nil, elsewhere.unhealthy == nil else { return false }
        } catch let stop as BatteryStop {
            throw stop
        } catch {
            options.logger.debug("not in a network of its own: \(error)")
            return false
        }
        course = elsewhere
        return true
    }

    private func runTrials(_ bench: Bench, _ course: inout BatteryCourse) throws {
        let trials = TrialCatalog.trials(options)
        for (index, trial) in trials.enumerated() {
            onEvent(
                .trialStarted(
                    id: trial.id, title: trial.title, number: index + 1, of: trials.count))
            let startNs = Bench.nowNs()
            bench.drain()
            var outcome = try trial.run(bench)
            let startsBefore = server.starts
            let isBack = try recover(bench, from: &outcome)
            // A silence may be that of a host that is lost.
            try bench.checkStop()
            let report = report(
                trial, outcome, restarted: server.starts.map { $0 != startsBefore },
                durationNs: Int(Bench.nowNs() - startNs))
            course.trials.append(report)
            onEvent(.trialFinished(report))
            let left = trials[(index + 1)...]
            if let why = bench.noEcho ?? bench.cutForGood {
                course.trials += left.map { notTried($0, why) }
                return
            }
            guard isBack else {
                let advice =
                    server.isOwn ? "" : ": start it again, or let udplab start it (--command)"
                course.trials += left.map {
                    notTried($0, "the server has not answered since \(trial.id)\(advice)")
                }
                return
            }
        }
    }

    /// Makes the server healthy for the next trial, which must not be blamed for the findings of
    /// this one: after a finding the server is restarted. Otherwise it has to answer, with as large
    /// a payload as it has answered before; a loss of that ability is a finding of this trial.
    private func recover(_ bench: Bench, from outcome: inout Outcome) throws -> Bool {
        let isFinding = outcome.verdict == .fail || outcome.verdict == .degraded
        var isHealthy = !bench.needsRestart && !bench.isDamaged && !server.hasEnded
        if isHealthy, !server.isOwn || !isFinding && !bench.shrinks {
            isHealthy = try bench.askPlainly() != nil
            if isHealthy, let change = try bench.unlearnt() {
                if outcome.verdict == .pass {
                    outcome = .fail(outcome.did, saw: change.saw, change: change.change)
                }
                isHealthy = !server.isOwn
            }
            if isHealthy, !server.hasEnded {
                try bench.settleSockets()
                return true
            }
        }
        bench.needsRestart = false
        let health =
            server.isOwn
            ? try bench.bringBack().health : try bench.awaitHealth(mayLookForAnswers: false)
        try bench.settleSockets()
        return health == .answers
    }

    private func report(
        _ trial: Trial, _ outcome: Outcome, restarted: Bool?, durationNs: Int
    ) -> TrialReport {
        let isFailure =
            switch outcome.verdict {
            case .fail: true
            case .degraded:
                trial.degradedFailsStrict && !outcome.isTolerated && options.profile == .strict
            case .pass, .notApplicable: false
            }
        return TrialReport(
            id: trial.id, title: trial.title, verdict: outcome.verdict, failsProfile: isFailure,
            did: outcome.did, expected: trial.expectation, saw: outcome.saw,
            change: outcome.change, restarted: restarted, durationNs: durationNs,
            datagrams: outcome.datagrams)
    }

    /// Returns the trials of a server that never answered: one reports the fault, and the others do
    /// not apply.
    private func fail(of silence: Silence) -> [TrialReport] {
        let chosen = TrialCatalog.trials(options)
        let failed = chosen.first { $0.id == silence.trial } ?? EchoTrials.baseline
        let outcome = Outcome.fail("asked", saw: silence.saw, change: silence.change)
        let others = chosen.filter { $0.id != failed.id }
        return [report(failed, outcome, restarted: nil, durationNs: 0)]
            + others.map { notTried($0, "it has not answered anything (see \(failed.id))") }
    }

    private func notTried(_ trial: Trial, _ why: String) -> TrialReport {
        report(trial, .notApplicable(why), restarted: nil, durationNs: 0)
    }
}

extension BatteryCourse {
    var judgement: Judgement {
        if let lost {
            return Judgement(
                causes: [
                    Cause(.incomplete, "\(lost.sentence): \(trials.count) trials had been done")
                ])
        }
        if let hostFault {
            return Judgement(
                causes: [
                    Cause(.inconclusive, "this host could not ask the server: \(hostFault)")
                ])
        }
        if let unhealthy {
            // If a server of another owner does not answer, nothing was tried; nor if the datagrams
            // may not have come to it.
            let verdict = starts == nil || mayBeTheWay ? Verdict.inconclusive : .fail
            return Judgement(
                causes: [Cause(verdict, "the server was never healthy: \(unhealthy)")])
        }
        var judgement = Judgement()
        let failures = trials.filter(\.failsProfile)
        if let stopSignal {
            judgement.add(
                Cause(.aborted, "\(stopSignal): \(trials.count) trials had been done"))
        } else if !failures.isEmpty {
            let names = failures.map(\.id).joined(separator: ", ")
            judgement.add(
                Cause(.fail, "\(failures.count) of \(trials.count) trials failed: \(names)"))
        } else if trials.allSatisfy({ $0.verdict == .notApplicable }) {
            judgement.add(Cause(.inconclusive, "no trial was applicable"))
        }
        judgement.add(.fail, failures.map { "\($0.id): \($0.saw)" })
        return judgement
    }
}

extension ScoreCard {
    init(
        _ course: BatteryCourse, target: ResilienceTarget, options: ResilienceOptions,
        started: UTCTime
    ) {
        self.init(
            tool: ToolReport(version: options.version),
            server: ServerReport(
                host: target.far?.name, command: target.command,
                address: target.address.description, answersAt: course.answersAt,
                starts: course.starts,
                request: options.request?.name),
            profile: options.profile.rawValue, seed: options.seed,
            host: HostReport(HostFacts.read()), started: started, finished: .now(),
            status: course.stopSignal == nil && course.unhealthy == nil && course.lost == nil
                ? .complete : .partial,
            judgement: course.judgement, trials: course.trials)
    }
}
