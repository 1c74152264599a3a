import Datagrams
import Glibc
import Loops
import Plans
import Workers

/// The timeline of a responder on another host: its orders are sent ahead of their time, and the
/// agent there carries them out by its own clock, so that a slow line shifts none.
extension TimelineConductor {
    /// The progress of the last event of an instance.
    private struct Step {
        /// Fulfilled when its order was sent; of a start, when the process is there.
        var ordered = Promise<Bool>()
        /// The task that carries it out.
        var done: Task<Void, Never>?
    }

    /// A promise to carry out an order that was sent.
    /// - Returns: The time at which it happened, and the detail for the report.
    private typealias Finish = @Sendable () async throws -> (Int64, String)

    /// Carries out the events. Returns after the last one, or when the task is cancelled; orders
    /// that were sent are then carried out nevertheless, and recorded.
    /// - Throws: If an event could not be carried out.
    func conductFar() async throws {
        let fault = Promise<any Error>()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { if let error = await fault.value() { throw error } }
            tasks.addTask { await self.walk(fault) }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    /// Sends every order at its time. Returns when all that were sent have been carried out.
    private func walk(_ fault: Promise<any Error>) async {
        var standings = group.stages.map { _ in ResponderStanding.running }
        var last = group.stages.map { _ in Step?.none }
        let addresses = group.stages.map { $0.current?.target }
        var starts: [Task<Void, Never>] = []
        for event in events {
            let atNs = measuredNs + Int64(event.atNs)
            let restNs = atNs - AgentProtocol.orderAheadNs - host.nowNs()
            if restNs > 0 { try? await host.sleep(for: .nanoseconds(restNs)) }
            if Task.isCancelled { break }
            let before = standings
            for instance in event.happen(to: &standings) {
                if before[instance] == .dead {
                    last[instance] = startStep(
                        event, instance, addresses[instance], atNs, after: last[instance], fault)
                    if let task = last[instance]?.done { starts.append(task) }
                } else {
                    last[instance] = orderStep(event, instance, atNs, after: last[instance], fault)
                }
            }
        }
        await withTaskCancellationHandler {
            for step in last { await step?.done?.value }
        } onCancel: { [starts] in
            for task in starts { task.cancel() }
        }
    }

    /// Starts another process at the event's time: that takes several messages, so that none of
    /// them is sent ahead.
    private func startStep(
        _ event: TimelineEvent, _ instance: Int, _ address: SocketAddress?, _ atNs: Int64,
        after previous: Step?, _ fault: Promise<any Error>
    ) -> Step {
        var step = Step()
        let ordered = step.ordered
        step.done = host.task { [self] in
            await previous?.done?.value
            defer { ordered.fulfil(true) }
            let restNs = atNs - host.nowNs()
            if restNs > 0 { try? await host.sleep(for: .nanoseconds(restNs)) }
            guard !Task.isCancelled, fault.valueIfKnown == nil else { return }
            do {
                guard let address else { throw StartError("there is no address to start at") }
                note(event, instance, try await start(instance, at: address))
            } catch {
                fault.fulfil(error)
            }
        }
        return step
    }

    private func orderStep(
        _ event: TimelineEvent, _ instance: Int, _ atNs: Int64, after previous: Step?,
        _ fault: Promise<any Error>
    ) -> Step {
        var step = Step()
        let ordered = step.ordered
        step.done = host.task { [self] in
            _ = await previous?.ordered.value()
            var finish: Finish?
            do {
                if fault.valueIfKnown == nil { finish = try order(event, instance, atNs) }
            } catch {
                fault.fulfil(error)
            }
            ordered.fulfil(true)
            // What it found is recorded behind what the event before found.
            await previous?.done?.value
            guard let finish else { return }
            do {
                note(event, instance, try await finish())
            } catch {
                fault.fulfil(error)
            }
        }
        return step
    }

    private func note(_ event: TimelineEvent, _ instance: Int, _ found: (Int64, String)) {
        group.note(
            ConductedEvent(event: event, instance: instance, atNs: found.0, detail: found.1))
    }

    // MARK: - Orders

    /// Sends the order of an event.
    private func order(_ event: TimelineEvent, _ instance: Int, _ atNs: Int64) throws -> Finish {
        let stage = group.stages[instance]
        let worker = try responder(stage)
        guard let link = worker.link else { throw StartError("the responder has no host") }
        let isOpening = event.action == .start
        switch event.action {
        case .network: throw StartError("there is no relay to switch")
        case .start, .stop:
            return try orderPort(of: worker, over: link, atNs, opens: isOpening)
        case .kill:
            stage.doom()
            return signal(SIGKILL, "SIGKILL", to: worker, over: link, atNs) { reply in
                _ = stage.dismiss(drops: reply.drops)
                let exit = await bury(worker, stage, drops: reply.drops)
                // It may have ended by itself meanwhile, which its exit shows.
                guard reply.fault == nil, exit.map({ $0.signal == SIGKILL }) ?? true else {
                    throw StartError(
                        "\(worker.process.name) ended before it was killed: it "
                            + (exit.map { "\($0)" } ?? "was gone"))
                }
            }
        case .pause:
            return signal(SIGSTOP, "SIGSTOP", to: worker, over: link, atNs) { reply in
                stage.notePause(drops: reply.drops)
            }
        case .resume:
            return signal(SIGCONT, "SIGCONT", to: worker, over: link, atNs) { reply in
                await stage.noteReturn(queuedBytes: reply.queuedBytes ?? 0)
            }
        }
    }

    private func signal(
        _ number: Int32, _ name: String, to worker: PreparedWorker, over link: AgentLink,
        _ atNs: Int64, _ record: @escaping @Sendable (OrderReply) async throws -> Void
    ) -> Finish {
        let pid = worker.answeringPid
        let reply = link.order(
            number, group: pid_t(truncatingIfNeeded: pid), atNs: atNs, watching: worker.target)
        return {
            guard case let reply?? = await reply.value() else {
                throw link.loss
                    ?? HostLoss(
                        host: link.name, reason: "is gone", heardNs: 0, lastWords: [])
            }
            try await record(reply)
            if let fault = reply.fault { throw StartError("\(name) to process \(pid): \(fault)") }
            return (link.clock.here(reply.atNs), "\(name) to process \(pid)")
        }
    }

    private func orderPort(
        of worker: PreparedWorker, over link: AgentLink, _ atNs: Int64, opens: Bool
    ) throws -> Finish {
        guard let mail = worker.port, let child = worker.farChild else {
            throw StartError("there is no port to switch")
        }
        let awaited = mail.expect()
        let line = try RunnerMessage.port(PortOrder(opens: opens)).json().text(.compact)
        _ = link.deliver(line, to: child, atNs: atNs)
        let within = Self.portWithin + .nanoseconds(max(0, atNs - host.nowNs()))
        return {
            let reply = await withDeadline(within, on: host) { await awaited.value() }
            return try switched(worker, reply, opens: opens)
        }
    }
}

extension PreparedWorker {
    /// The line to its host; nil on the runner's own.
    var link: AgentLink? { process.place as? AgentLink }

    /// The worker as the agent of its host tells of it.
    fileprivate var farChild: FarChild? { process.state.withLock { $0.child } as? FarChild }
}
