import Datagrams
import Glibc
import Loops
import Plans
import Workers

/// Carries out a scenario's timeline while the senders send.
struct TimelineConductor: Sendable {
    /// The time limit for a responder's port order, on a busy machine.
    static let portWithin = Duration.seconds(10)

    let events: [TimelineEvent]
    /// The monotonic time of the first measured slot, to which the times of events are relative.
    let measuredNs: Int64
    let group: ResponderGroup
    let relay: PreparedWorker?
    let layout: RunLayout
    let host: any ControlHost
    /// Starts another process of an instance of the responder at its address.
    let restart: @Sendable (Int, SocketAddress) async throws -> PreparedWorker

    /// Carries out the events. Returns after the last one, or when the task is cancelled.
    /// - Throws: If an event could not be carried out.
    func conduct() async throws {
        if group.stages.contains(where: { $0.current?.link != nil }) {
            return try await conductFar()
        }
        let addresses = group.stages.map { $0.current?.target }
        var standings = group.stages.map { _ in ResponderStanding.running }
        for event in events {
            let restNs = measuredNs + Int64(event.atNs) - host.nowNs()
            if restNs > 0 { try await host.sleep(for: .nanoseconds(restNs)) }
            try Task.checkCancellation()
            if event.action == .network {
                let (atNs, detail) = try await switchNetwork(event)
                group.note(
                    ConductedEvent(event: event, instance: nil, atNs: atNs, detail: detail))
                continue
            }
            let affected = event.happen(to: &standings)
            // Several at once, as if the machine that they run on were gone.
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for instance in affected {
                    tasks.addTask {
                        try await carryOut(event, on: instance, at: addresses[instance])
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    private func carryOut(
        _ event: TimelineEvent, on instance: Int, at address: SocketAddress?
    ) async throws {
        let stage = group.stages[instance]
        let (atNs, detail): (Int64, String)
        switch event.action {
        case .network: return
        case .kill: (atNs, detail) = try await kill(stage)
        case .start where stage.current == nil:
            guard let address else { throw StartError("there is no address to start at") }
            (atNs, detail) = try await start(instance, at: address)
        case .start: (atNs, detail) = try await switchPort(of: stage, opens: true)
        case .stop: (atNs, detail) = try await switchPort(of: stage, opens: false)
        case .pause, .resume: (atNs, detail) = try await signal(event, to: stage)
        }
        group.note(
            ConductedEvent(event: event, instance: instance, atNs: atNs, detail: detail))
    }

    func responder(_ stage: ResponderStage) throws -> PreparedWorker {
        guard let worker = stage.current else { throw StartError("there is no responder") }
        return worker
    }

    private func signal(
        _ event: TimelineEvent, to stage: ResponderStage
    ) async throws -> (Int64, String) {
        let worker = try responder(stage)
        let signalledNs = event.action == .pause ? await stage.pause() : await stage.resume()
        guard let atNs = signalledNs else { throw StartError("the responder is not paused") }
        let name = event.action == .pause ? "SIGSTOP" : "SIGCONT"
        return (atNs, "\(name) to process \(worker.answeringPid)")
    }

    private func kill(_ stage: ResponderStage) async throws -> (Int64, String) {
        let drops = await stage.drops()
        guard let worker = stage.dismiss(drops: drops) else {
            throw StartError("there is no responder")
        }
        let atNs = await worker.signal(SIGKILL)
        await bury(worker, stage, drops: drops)
        return (atNs, "SIGKILL to process \(worker.answeringPid)")
    }

    /// Records a responder that was killed.
    /// - Returns: Its exit.
    @discardableResult
    func bury(_ worker: PreparedWorker, _ stage: ResponderStage, drops: Int?) async -> WorkerExit? {
        worker.process.kill()
        let exit = await worker.process.waitForExit()
        let member = RunOutcome.Member(
            name: worker.process.name, ready: worker.ready, result: nil,
            pid: Int(worker.process.pid ?? 0), exit: exit, host: worker.host)
        // Read after its exit, when the counts are final.
        let counts = await worker.counts?.sums(
            streams: layout.flowsOfParts, lanes: layout.responder?.threads ?? 1)
        stage.add(FormerResponder(member: member, counts: counts, drops: drops))
        return exit
    }

    /// Ends a responder that the timeline has left paused, after the senders have finished: if
    /// resumed, it would send answers that are no longer awaited. This is not an event of the
    /// timeline.
    func endIfPaused(_ stage: ResponderStage) async {
        guard stage.isPaused else { return }
        _ = try? await kill(stage)
    }

    func start(_ instance: Int, at address: SocketAddress) async throws -> (Int64, String) {
        let worker = try await restart(instance, address)
        let answersNs = host.nowNs()
        group.stages[instance].enter(worker)
        return (
            worker.ready.boundNs ?? answersNs,
            "process \(worker.answeringPid) has \(address) now"
        )
    }

    private func switchPort(
        of stage: ResponderStage, opens: Bool
    ) async throws -> (Int64, String) {
        let worker = try responder(stage)
        guard let mail = worker.port else { throw StartError("there is no port to switch") }
        let awaited = mail.expect()
        let order = try RunnerMessage.port(PortOrder(opens: opens)).json()
        try await worker.process.send(order, as: "port")
        let reply = await withDeadline(Self.portWithin, on: host) { await awaited.value() }
        try Task.checkCancellation()
        return try switched(worker, reply, opens: opens)
    }

    /// Returns what a responder replied to a port order.
    func switched(
        _ worker: PreparedWorker, _ reply: PortReply?, opens: Bool
    ) throws(StartError) -> (Int64, String) {
        guard let reply else {
            throw StartError("worker \"\(worker.process.name)\" did not switch its port")
        }
        if let fault = reply.fault { throw StartError("responder: \(fault)") }
        return (reply.atNs, "its port is \(opens ? "open again" : "closed")")
    }

    private func switchNetwork(_ event: TimelineEvent) async throws -> (Int64, String) {
        guard let relay, let impairments = event.network?.relayImpairments(kernelHasNetem: false)
        else { throw StartError("there is no relay to switch") }
        let order = ImpairmentOrder(
            forward: impairments.forward, backward: impairments.backward)
        let atNs = host.nowNs()
        try await relay.process.send(RunnerMessage.impair(order).json(), as: "impair")
        return (atNs, "the relay does what \"\(event.subject)\" says from here on")
    }
}

extension PreparedWorker {
    /// The id of the process that answers: of the user's program, if it is one.
    var answeringPid: Int { ready.commandPid ?? Int(process.pid ?? 0) }
}
