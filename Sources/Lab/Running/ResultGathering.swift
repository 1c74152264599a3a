import Datagrams
import JSON
import Loops
import Workers

/// Waits for the results of a run's workers. If one worker fails, the others are stopped, and their
/// results are kept.
struct ResultGathering: Sendable {
    /// The time limit for a stopped worker's result after its drain.
    static let stopPatienceNs: Int64 = 3_000_000_000
    /// The longest time without a message of a sender, which sends one every second: a count at
    /// `rate: max` has no planned time after which its result would be overdue.
    static let senderSilence = Duration.seconds(60)
    /// The time limit for a relay to forward held datagrams after the senders have finished, in
    /// each direction.
    static let relayHoldLimitNs: Int64 = 10_000_000_000

    struct Gathered: Sendable {
        /// The results in the order of the senders.
        var senders: [WorkerResult?]
        /// The results by instance.
        var responders: [WorkerResult?]
        var relay: WorkerResult?
        var network: WorkerResult?
        /// The first failure; later ones are ignored.
        var failure: RunFailure?
    }

    private indirect enum Event: Sendable {
        /// The timeline has ended, or an event of it could not be carried out.
        case timeline((any Error)?)
        case sender(Int, Result<WorkerResult, any Error>)
        /// A responder replied before it was asked for its result, which can only be a failure.
        case responder(PreparedWorker, any Error)
        /// The time limit for the results of stopped workers has passed.
        case overdue
        case cancelled
    }

    let prepared: PreparedRun
    let group: ResponderGroup
    let conductor: TimelineConductor
    let layout: RunLayout
    let host: any ControlHost
    let stopDrainNs: Int64
    let startNs: Int64

    func gather(_ stop: StopRequest) async -> Gathered {
        var gathered = await gatherSenders(stop)
        for stage in group.stages {
            if layout.responderKind == .echo || layout.responderKind == .stamp {
                // Datagrams in the buffer of a paused responder were not answered in the run.
                await conductor.endIfPaused(stage)
            } else {
                // A paused worker cannot send a result.
                await stage.resume()
            }
        }
        let limitNs = stop.valueIfKnown == nil ? Self.relayHoldLimitNs : stopDrainNs
        // In the order of a datagram's path, so that each worker has received everything: datagrams
        // in flight when the senders have finished are late, and not lost.
        await settleRelay(gathered, limitNs: limitNs)
        await gatherResponders(&gathered)
        await gatherRelay(&gathered, limitNs: limitNs)
        await gatherTails(&gathered)
        await gatherNetwork(&gathered)
        return gathered
    }

    /// Waits until the relay has forwarded all datagrams that it held for the responder.
    private func settleRelay(_ gathered: Gathered, limitNs: Int64) async {
        guard let relay = prepared.relay, gathered.failure?.worker != relay.process.name,
            let order = try? RunnerMessage.settle(SettleOrder(limitNs: limitNs)).json()
        else { return }
        // A failed relay reports it when it is asked for its result.
        try? await relay.process.send(order, as: "settle")
        _ = try? await relay.process.expect(
            "settled", within: ScenarioRun.answerWithin + .nanoseconds(limitNs))
    }

    /// Asks the senders for the datagrams that arrived after their drains, when no further ones are
    /// possible.
    private func gatherTails(_ gathered: inout Gathered) async {
        guard layout.responderKind != .sink, let order = try? RunnerMessage.tail(TailOrder()).json()
        else { return }
        for (index, sender) in prepared.senders.enumerated() {
            guard gathered.senders[index]?.sender != nil else { continue }
            // Without a reply the number is unknown, and none is reported.
            try? await sender.process.send(order, as: "tail")
            let message = try? await sender.process.expect(
                "tail", within: ScenarioRun.answerWithin)
            guard let message, case .tail(let reply)? = try? WorkerReply(message.body) else {
                continue
            }
            gathered.senders[index]?.sender?.tail = reply
        }
    }

    /// Gathers the relay's result after the responders, so that it has forwarded all their answers.
    private func gatherRelay(_ gathered: inout Gathered, limitNs: Int64) async {
        guard let relay = prepared.relay, gathered.failure?.worker != relay.process.name else {
            return
        }
        do {
            let stopping = try RunnerMessage.stop(StopOrder(drainNs: limitNs)).json()
            try? await relay.process.send(stopping, as: "stop")
            gathered.relay = try await result(
                of: relay.process, within: ScenarioRun.answerWithin + .nanoseconds(limitNs))
        } catch {
            note(error, of: relay, in: &gathered)
        }
    }

    /// Gathers the network's result after all others, so that its counts are final.
    private func gatherNetwork(_ gathered: inout Gathered) async {
        guard let holder = prepared.network?.holder else { return }
        do {
            let stopping = try RunnerMessage.stop(StopOrder(drainNs: 0)).json()
            try await holder.process.send(stopping, as: "stop")
            let result = try await result(
                of: holder.process, within: ScenarioRun.answerWithin * 2)
            gathered.network = result
            if let fault = result.network?.fault { throw StartError(fault) }
        } catch {
            note(error, of: holder, in: &gathered)
        }
    }

    private func gatherResponders(_ gathered: inout Gathered) async {
        // On loopback all datagrams sent have arrived; elsewhere they have the drain time.
        let drainNs = layout.responderDrainNs
        let within = ScenarioRun.answerWithin + .nanoseconds(drainNs + layout.longestHoldNs)
        let alive = group.stages.map { stage in
            stage.current.flatMap { $0.process.name == gathered.failure?.worker ? nil : $0 }
        }
        for (instance, responder) in alive.enumerated() {
            let sent = layout.sentByPart(gathered.senders, to: instance)
            let order = RunnerMessage.stop(StopOrder(drainNs: drainNs, sent: sent))
            guard let responder, let stopping = try? order.json() else { continue }
            // A worker that has just failed no longer reads; its report of the failure comes next.
            try? await responder.process.send(stopping, as: "stop")
        }
        for (instance, responder) in alive.enumerated() {
            guard let responder else { continue }
            do {
                gathered.responders[instance] = try await result(
                    of: responder.process, within: within)
            } catch {
                note(error, of: responder, in: &gathered)
            }
        }
    }

    private func gatherSenders(_ stop: StopRequest) async -> Gathered {
        let senders = prepared.senders
        let within = layout.resultWithin
        return await withTaskGroup(of: Event.self) { tasks in
            for (index, sender) in senders.enumerated() {
                tasks.addTask { await ofSender(index, sender.process, within) }
            }
            for (responder, stage) in zip(prepared.responders, group.stages) {
                tasks.addTask { await ofResponder(responder, stage) }
            }
            tasks.addTask { await ofTimeline() }
            tasks.addTask { await passOn(stop) }
            var gathered = Gathered(
                senders: Array(repeating: nil, count: senders.count),
                responders: Array(repeating: nil, count: prepared.responders.count))
            var left = Set(senders.indices)
            while !left.isEmpty, let event = await tasks.next() {
                switch event {
                case .sender(let index, .success(let result)):
                    gathered.senders[index] = result
                    left.remove(index)
                case .sender(let index, .failure(let error)):
                    note(error, of: senders[index], in: &gathered)
                    left.remove(index)
                    stop.fulfil(.failure)
                case .responder(let responder, let error):
                    note(error, of: responder, in: &gathered)
                    stop.fulfil(.failure)
                case .timeline(nil): break
                case .timeline(let error?):
                    note(error, of: (error as? WorkerError)?.worker, in: &gathered)
                    stop.fulfil(.failure)
                case .overdue:
                    for index in left.sorted() {
                        let error = StartError(
                            "worker \"\(senders[index].process.name)\" gave no result when it "
                                + "was told to stop")
                        note(error, of: senders[index], in: &gathered)
                    }
                    left = []
                case .cancelled: break
                }
            }
            tasks.cancelAll()
            for await case .responder(let responder, let error) in tasks {
                note(error, of: responder, in: &gathered)
            }
            return gathered
        }
    }

    // MARK: - What is waited for

    private func ofSender(
        _ index: Int, _ process: WorkerProcess, _ within: Duration
    ) async -> Event {
        do {
            let result = try await result(
                of: process, within: within, silence: Self.senderSilence)
            return .sender(index, .success(result))
        } catch let error as WorkerError where error.reason == .cancelled {
            return .cancelled
        } catch {
            return .sender(index, .failure(error))
        }
    }

    /// Awaits the responder's reply: the exit of a responder that the timeline killed is no
    /// failure.
    private func ofResponder(_ first: PreparedWorker, _ stage: ResponderStage) async -> Event {
        var responder = first
        while true {
            do {
                _ = try await responder.process.expect("result", within: layout.resultWithin * 2)
                return .cancelled
            } catch  where error.reason == .cancelled {
                return .cancelled
            } catch {
                if stage.expects(responder.process) {
                    return .responder(responder, error)
                }
                guard let next = await stage.successor() else { return .cancelled }
                responder = next
            }
        }
    }

    private func ofTimeline() async -> Event {
        do {
            try await conductor.conduct()
            return .timeline(nil)
        } catch {
            // The end of the run ends the timeline.
            return Task.isCancelled ? .cancelled : .timeline(error)
        }
    }

    /// Passes a stop on to all senders, and waits for their results.
    private func passOn(_ stop: StopRequest) async -> Event {
        guard await stop.value() != nil else { return .cancelled }
        do {
            let order = try RunnerMessage.stop(StopOrder(drainNs: stopDrainNs)).json()
            for sender in prepared.senders {
                // A worker that has just sent its result no longer reads: that is no failure.
                try? await sender.process.send(order, as: "stop")
            }
            try await host.sleep(for: .nanoseconds(stopDrainNs + Self.stopPatienceNs))
            return .overdue
        } catch {
            return .cancelled
        }
    }

    private func result(
        of process: WorkerProcess, within: Duration, silence: Duration? = nil
    ) async throws -> WorkerResult {
        let message = try await process.expect(
            "result", within: within, silence: silence ?? within)
        guard case .result(let result) = try WorkerReply(message.body) else {
            throw StartError("worker \"\(process.name)\" gave no result")
        }
        return result
    }

    private func note(_ error: any Error, of worker: PreparedWorker, in gathered: inout Gathered) {
        note(error, of: worker.process.name, in: &gathered)
    }

    private func note(_ error: any Error, of worker: String?, in gathered: inout Gathered) {
        guard gathered.failure == nil else { return }
        gathered.failure = RunFailure(
            identity: layout.identity, error: error, worker: worker,
            atNs: Int(host.nowNs() - startNs) - layout.scenario.warmUpNs)
    }
}
