import Datagrams
import Load
import Plans
import Reports

/// A run with a battery instead of senders: the score card of its server, as a run's report.
struct BatteryRun: Sendable {
    let identity: RunIdentity
    let battery: BatteryDefinition
    let options: RunOptions
    /// The address of a path network.
    let pathTarget: SocketAddress?
    let agents: Agents
    let interruption: Interruption
    let onEvent: @Sendable (LabEvent) -> Void

    /// Runs the battery.
    /// - Throws: If the server cannot be started, or the battery itself fails.
    func execute() async throws -> Judged<RunReport> {
        if let loss = agents[responder?.host]?.loss { throw loss }
        let target = try await target()
        let battery = ResilienceBattery(
            target: target, options: trialOptions, interruption: interruption
        ) { [onEvent] event in
            guard case .trialStarted(let id, let title, let number, let count) = event else {
                return
            }
            onEvent(.trialStarted(id: id, title: title, number: number, of: count))
        }
        let startNs = LinuxClock().nowNs()
        let card = try await battery.run()
        return report(card, target, durationNs: Int(LinuxClock().nowNs() - startNs))
    }

    // MARK: - Whom and how

    private var responder: ResponderDefinition? {
        identity.network.usesResponder ? identity.scenario.responder : nil
    }

    private var trialOptions: ResilienceOptions {
        var trials = ResilienceOptions()
        trials.profile = battery.profile
        trials.soakNs = Int64(battery.soakNs)
        trials.seed = identity.seed
        if case .command(let command)? = responder?.kind {
            trials.readyTimeoutNs = command.readyTimeoutNs
        }
        trials.version = options.version
        trials.logger = options.logger
        trials.workerProgram = options.workerProgram
        return trials
    }

    private func target() async throws(StartError) -> ResilienceTarget {
        if let pathTarget { return ResilienceTarget(command: nil, address: pathTarget) }
        guard let responder else {
            throw StartError("network \"\(identity.network.name)\" leads nowhere")
        }
        let far = try far(responder)
        let address = identity.network.hostPath?.address(of: responder.host) ?? responder.address
        let place: SocketAddress
        if let far {
            place = try await far.place.place(of: address, pickingPort: true)
        } else {
            place = try RunTarget.local(address, pickingPort: true)
        }
        let words =
            switch responder.kind {
            case .command(let command): command.words(host: place.host, port: place.port)
            case .own(let own): ownEcho(own, at: place, askedFrom: far?.source)
            }
        return ResilienceTarget(command: words, address: place, far: far)
    }

    /// Returns the host of a responder that is not on this one.
    private func far(
        _ responder: ResponderDefinition
    ) throws(StartError) -> ResilienceTarget.Far? {
        guard let path = identity.network.hostPath, let link = agents[responder.host] else {
            return nil
        }
        let own = path.address(of: nil)
        guard let own, let source = SocketAddress(numericHost: own.hostText, port: 0) else {
            throw StartError("network \"\(identity.network.name)\" has no address of this host")
        }
        return ResilienceTarget.Far(name: link.name, place: link, source: source)
    }

    /// Returns the command for udplab's own echo, as a user would start it. A battery restarts and
    /// pauses its server, and so needs a program instead of a worker.
    private func ownEcho(
        _ own: OwnResponder, at place: SocketAddress, askedFrom source: SocketAddress?
    ) -> [String] {
        var words = [
            options.workerProgram, "echo", "--bind", place.host, "--port", "\(place.port)",
        ]
        // It answers its own host alone otherwise.
        if let source { words += ["--allow", source.host] }
        let policy =
            switch own.onReset {
            case .none: "none"
            case .once: "once"
            case .always, .backoff: "always"
            }
        // Serves in batches, as `echo` does without options on resets.
        if own.socket == .unconnected, own.onReset == .always { return words }
        return words + ["--socket", own.socket.rawValue, "--on-reset", policy]
    }

    // MARK: - The report

    private func report(
        _ card: Judged<ScoreCard>, _ target: ResilienceTarget, durationNs: Int
    ) -> Judged<RunReport> {
        var battery = card.document.battery
        if battery.server.command?.first == WorkerSpecification.thisProgram {
            battery.server.command?[0] = "udplab"
        }
        let report = RunReport(
            scenario: identity.scenario.name, network: identity.network.name,
            repeat: identity.repetition, seed: identity.seed, started: card.document.started,
            durationNs: durationNs, battery: battery,
            responder: responder.map { self.report($0, battery) })
        return Judged(report, judgement(card))
    }

    /// Returns the card's judgement; a failure has one cause for each failed trial: the observation
    /// and the advice.
    private func judgement(_ card: Judged<ScoreCard>) -> Judgement {
        guard card.judgement.verdict == .fail else { return card.judgement }
        let causes = card.document.trials.filter(\.failsProfile).map { trial in
            let change = trial.change.map { ": \($0)" } ?? ""
            return Cause(.fail, "\(trial.id): \(trial.saw)\(change)")
        }
        // A server that was never healthy was not tried, and failed no trial.
        guard !causes.isEmpty else { return card.judgement }
        return Judgement(causes: causes, notices: card.judgement.notices)
    }

    private func report(
        _ responder: ResponderDefinition, _ battery: BatteryReport
    ) -> ResponderReport {
        let isOwn = responder.own != nil
        return ResponderReport(
            name: responder.name, behaviour: isOwn ? "echo" : nil,
            command: isOwn ? nil : battery.server.command, address: battery.server.address)
    }
}
