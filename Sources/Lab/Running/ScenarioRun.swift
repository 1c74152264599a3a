import Datagrams
import JSON
import Loops
import Metrics
import Plans
import Reports
import Synchronization
import Workers

/// An execution of one scenario on one network: spawns the workers, starts them together, waits for
/// their results and ends them.
struct ScenarioRun: Sendable {
    /// The time limit for replies that need no work, on a busy machine.
    static let answerWithin = Duration.seconds(30)
    /// The time between the start order and the first slot, within which every worker receives its
    /// order.
    static let startAheadNs: Int64 = 30_000_000
    /// The time for which a stopped run still waits for answers in flight.
    static let stopDrainNs: Int64 = 500_000_000

    let identity: RunIdentity
    let options: RunOptions
    let layout: RunLayout
    let interruption: Interruption
    let host: any ControlHost
    let agents: Agents
    let onProgress: @Sendable (LiveReading) -> Void
    /// The adjustment of a load; nil for loads that are as the plan says.
    var steering: LoadSteering?

    private var scenario: ScenarioDefinition { identity.scenario }

    /// Executes the run.
    /// - Throws: If nothing was sent. Later failures are in the outcome.
    func execute() async throws -> RunOutcome {
        try await withWorkers(on: host) { crew in
            let stop = StopRequest()
            let key = interruption.watch(
                stop: { stop.fulfil(.signal) }, kill: { crew.killAll() })
            defer { interruption.forget(key) }
            return try await conduct(crew, stop)
        }
    }

    private func conduct(_ crew: WorkerCrew, _ stop: StopRequest) async throws -> RunOutcome {
        let startedAt = UTCTime.now()
        let prepared = try await unlessStopped(stop) { try await prepare(crew) }
        let groupBefore = host.controlGroup
        let startNs = host.nowNs() + startAheadNs
        let clients = layout.sources(prepared.senders.map(\.ready))
        let sources = prepared.relay.map { layout.sources(behind: $0.ready) } ?? clients
        if layout.responderKind != .command {
            try await start(prepared.responders, StartOrder(startNs: startNs, sources: sources))
        }
        if let relay = prepared.relay {
            // The relay's windows of time are relative to the first measured slot, as all times of
            // a plan.
            let measured = StartOrder(
                startNs: startNs + Int64(scenario.warmUpNs), sources: clients)
            try await relay.process.send(RunnerMessage.start(measured).json(), as: "start")
        }
        steering?.begin(layout, prepared, startNs: startNs, stopDrainNs: stopDrainNs)
        try await start(prepared.senders, StartOrder(startNs: startNs))
        let group = ResponderGroup(prepared.responders, on: host)
        let gathering = ResultGathering(
            prepared: prepared, group: group,
            conductor: conductor(crew, prepared, group, startNs: startNs, sources: sources),
            layout: layout, host: host,
            stopDrainNs: stopDrainNs, startNs: startNs)
        let gathered = await watched { await gathering.gather(stop) }
        let senders = try await several(
            Array(zip(prepared.senders, gathered.senders)), most: workersAtATime
        ) { sender, result in await ended(sender, result: result) }
        var responders: [RunOutcome.Responder] = []
        for instance in group.stages.indices {
            responders.append(
                await ended(group, instance, result: gathered.responders[instance]))
        }
        var relay: RunOutcome.Member?
        if let worker = prepared.relay { relay = await ended(worker, result: gathered.relay) }
        if identity.crossesHosts {
            _ = try await several(agents.all, most: Agents.hostsMost) { await $0.exchangeAgain() }
        }
        var network: RunOutcome.Member?
        if let holder = prepared.network?.holder {
            network = await ended(holder, result: gathered.network)
        }
        return RunOutcome(
            identity: identity, startedAt: startedAt, startNs: startNs,
            // A run stopped before its first slot has a duration of 0.
            endNs: max(startNs, host.nowNs()), targets: prepared.targets,
            responders: responders, events: group.events, senders: senders,
            orders: prepared.orders,
            network: network, relay: relay,
            stopSignal: stop.valueIfKnown == .signal ? interruption.signalName : nil,
            failure: gathered.failure,
            quotaNote: host.controlGroup.note(since: groupBefore), clocks: clocks())
    }

    /// Returns the result of the work, during which the silence of a receiver is looked for.
    private func watched<Value: Sendable>(_ work: () async -> Value) async -> Value {
        guard let steering else { return await work() }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    steering.look(nowNs: host.nowNs())
                    try? await host.sleep(for: Self.silenceLook)
                }
            }
            let value = await work()
            group.cancelAll()
            return value
        }
    }

    private static let silenceLook = Duration.milliseconds(250)

    private func conductor(
        _ crew: WorkerCrew, _ prepared: PreparedRun, _ group: ResponderGroup, startNs: Int64,
        sources: [[String]]
    ) -> TimelineConductor {
        TimelineConductor(
            events: scenario.timeline, measuredNs: startNs + Int64(scenario.warmUpNs),
            group: group, relay: prepared.relay, layout: layout, host: host
        ) { instance, address in
            let worker = try await prepareResponder(
                crew, instance, in: prepared.network, at: address)
            guard let worker else { throw StartError("there is no responder to start") }
            if layout.responderKind != .command {
                let order = RunnerMessage.start(StartOrder(startNs: startNs, sources: sources))
                try await worker.process.send(order.json(), as: "start")
            }
            return worker
        }
    }

    /// The time between the start order and the first slot.
    private var startAheadNs: Int64 {
        guard identity.crossesHosts else { return Self.startAheadNs }
        return max(
            RunLayout.startAheadOfHostsNs,
            RunLayout.startAheadRoundTrips * agents.longestRoundTripNs)
    }

    /// Starts workers. Those of other hosts say whether the order came in time.
    private func start(_ workers: [PreparedWorker], _ order: StartOrder) async throws {
        var order = order
        order.asksArmed = identity.crossesHosts
        let message = try RunnerMessage.start(order).json()
        for worker in workers { try await worker.process.send(message, as: "start") }
        guard order.asksArmed else { return }
        for worker in workers {
            let reply = try reply(
                try await worker.process.expect("armed", within: Self.answerWithin))
            guard case .armed(let armed) = reply, armed.lateNs > 0 else { continue }
            throw StartError(
                "the start order came to \(worker.process.name) "
                    + "\(Duration.nanoseconds(armed.lateNs)) after the first slot: the line to its "
                    + "host is too slow at times")
        }
    }

    private var stopDrainNs: Int64 { min(Int64(scenario.timeoutNs), Self.stopDrainNs) }

    /// The clocks of the other hosts over the run.
    private func clocks() -> [String: RunClock] {
        var clocks: [String: RunClock] = [:]
        for link in agents.all {
            guard let used = layout.hosts[link.name] else { continue }
            clocks[link.name] = RunClock(
                usedOffsetNs: used.clock.offsetNs, exchanges: link.exchanges,
                stated: link.stated)
        }
        return clocks
    }

    private func ended(
        _ group: ResponderGroup, _ instance: Int, result: WorkerResult?
    ) async -> RunOutcome.Responder {
        let record = group.record(of: instance)
        let current = group.stages[instance].current
        var formers = record.formers.map(\.member)
        var last: RunOutcome.Member?
        if let current {
            last = await ended(current, result: result)
        } else {
            last = formers.popLast()
        }
        return RunOutcome.Responder(
            member: last,
            totals: record.totals(
                last: result?.responder, isAlive: current != nil, streams: layout.parts.count),
            formers: formers, record: record)
    }

    private func ended(
        _ worker: PreparedWorker, result: WorkerResult?
    ) async -> RunOutcome.Member {
        // A worker that owes its result will not send it any more.
        let exit = await worker.process.stop(grace: result == nil ? .milliseconds(200) : nil)
        return RunOutcome.Member(
            name: worker.process.name, ready: worker.ready, result: result,
            pid: Int(worker.process.pid ?? 0), exit: exit, host: worker.host)
    }

    /// Returns the result of the work, or throws at once if a stop is requested meanwhile.
    private func unlessStopped<Value: Sendable>(
        _ stop: StopRequest, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                _ = await stop.value()
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw StoppedEarly() }
            return value
        }
    }

    // MARK: - Preparing

    private func prepare(_ crew: WorkerCrew) async throws -> PreparedRun {
        let network = try await prepareNetwork(crew)
        var responders: [PreparedWorker] = []
        for instance in 0..<layout.instances {
            let responder = try await prepareResponder(crew, instance, in: network)
            if let responder { responders.append(responder) }
        }
        let answering =
            responders.isEmpty
            ? [layout.pathTarget].compactMap(\.self)
            : responders.compactMap(\.target)
        guard !answering.isEmpty else {
            throw StartError("network \"\(identity.network.name)\" has no responder")
        }
        let relay = try await prepareRelay(crew, in: network, targets: answering)
        let targets = relay?.target.map { [$0] } ?? answering
        let bufferBytes = responders.first?.ready.receiveBufferGrantedBytes
        let orders = scenario.senders.indices.map {
            layout.senderAssignment($0, targets: targets, responderBufferBytes: bufferBytes)
        }
        return PreparedRun(
            targets: targets, network: network, responders: responders, relay: relay,
            senders: try await prepareSenders(crew, in: network, orders), orders: orders)
    }

    private func prepareNetwork(_ crew: WorkerCrew) async throws -> RunNetwork? {
        guard let assignment = layout.networkAssignment else { return nil }
        let holder = try await prepare(
            crew, name: "network \(identity.network.name)", place: [Worker.holdOption],
            assignment, within: Self.answerWithin * 2)
        return try RunNetwork(holder: holder)
    }

    private func prepareResponder(
        _ crew: WorkerCrew, _ instance: Int, in network: RunNetwork?,
        at place: SocketAddress? = nil
    ) async throws -> PreparedWorker? {
        let home: any WorkerPlace = agents[layout.host(ofInstance: instance)] ?? host
        let assignment = try await layout.responderAssignment(
            instance, in: network, at: place, on: home)
        guard let assignment else { return nil }
        let name = layout.name(ofInstance: instance)
        let port = PortMail()
        var prepared = try await prepare(
            crew, name: "responder \(name)", place: network?.farOptions ?? [], assignment,
            within: layout.responderReadyWithin + Self.answerWithin, port: port,
            on: layout.host(ofInstance: instance))
        guard let address = prepared.ready.addresses.first,
            let target = SocketAddress(numeric: address)
        else { throw StartError("responder \"\(name)\" named no address") }
        prepared.target = target
        prepared.port = port
        if let pid = prepared.process.pid, let descriptor = prepared.ready.countsDescriptor {
            prepared.counts = await home.sharedCounts(of: Int(pid), descriptor: descriptor)
        }
        return prepared
    }

    private func prepareRelay(
        _ crew: WorkerCrew, in network: RunNetwork?, targets: [SocketAddress]
    ) async throws -> PreparedWorker? {
        guard let assignment = layout.relayAssignment(targets: targets) else { return nil }
        var prepared = try await prepare(
            crew, name: "relay \(identity.network.name)", place: network?.nearOptions ?? [],
            Assignment.relay(assignment), within: Self.answerWithin)
        guard let address = prepared.ready.addresses.first,
            let listening = SocketAddress(numeric: address)
        else { throw StartError("the relay of \"\(identity.network.name)\" named no address") }
        prepared.target = listening
        return prepared
    }

    private func prepareSenders(
        _ crew: WorkerCrew, in network: RunNetwork?, _ orders: [SenderAssignment]
    ) async throws -> [PreparedWorker] {
        try await several(Array(orders.enumerated()), most: workersAtATime) { index, order in
            try await prepare(
                crew, name: "sender \(order.sender.name)", place: network?.nearOptions ?? [],
                Assignment.sender(order), within: Self.answerWithin,
                reportsProgressOf: index, on: order.sender.host)
        }
    }

    /// The number of workers with which the runner talks at a time: on one host they would only
    /// take the processors from each other.
    private var workersAtATime: Int { identity.crossesHosts ? Agents.hostsMost : 1 }

    private func prepare(
        _ crew: WorkerCrew, name: String, place: [String], _ assignment: Assignment,
        within: Duration, reportsProgressOf sender: Int? = nil, port: PortMail? = nil,
        on other: String? = nil
    ) async throws -> PreparedWorker {
        let clock = layout.hosts[other].map { [Worker.clockOption, "\(-$0.clock.offsetNs)"] } ?? []
        var specification = WorkerSpecification(
            name: name, arguments: ["worker"] + clock + place)
        specification.executable = options.workerProgram
        let logger = options.logger
        specification.onDiagnostic = { logger.debug("\(name): \($0)") }
        if let sender {
            let progress = layout.progress
            let report = onProgress
            specification.onEvent = { [steering, host] message in
                switch try? WorkerReply(message.body) {
                case .interval(let figures): report(progress.update(sender, figures))
                case .feedback(let feedback): steering?.take(feedback, nowNs: host.nowNs())
                default: return
                }
            }
        }
        if let port {
            specification.onEvent = { [steering, host] message in
                switch try? WorkerReply(message.body) {
                case .port(let reply): port.deliver(reply)
                case .feedback(let feedback): steering?.take(feedback, nowNs: host.nowNs())
                default: return
                }
            }
        }
        let process = try await crew.start(specification, at: agents[other])
        let hello = try reply(try await process.expect("hello", within: Self.answerWithin))
        guard case .hello(let hello) = hello, hello.protocol == WorkerProtocol.version else {
            throw StartError(
                "worker \"\(name)\" speaks another version of the worker protocol than \(WorkerProtocol.version): "
                    + "build udplab anew")
        }
        try await process.send(RunnerMessage.prepare(assignment).json(), as: "prepare")
        guard case .ready(let ready) = try reply(try await process.expect("ready", within: within))
        else { throw StartError("worker \"\(name)\" gave no answer to prepare") }
        return PreparedWorker(process: process, ready: ready, host: other)
    }

    private func reply(_ message: WorkerMessage) throws -> WorkerReply {
        try WorkerReply(message.body)
    }
}

/// A worker that has reported that it is ready.
struct PreparedWorker: Sendable {
    let process: WorkerProcess
    let ready: Ready
    /// The host on which it runs; nil for the runner's own.
    var host: String?
    var target: SocketAddress?
    /// Of a responder: its replies to port orders.
    var port: PortMail?
    /// Of a responder that will be killed: its shared counts.
    var counts: (any KilledCountsSource)?
}

/// All workers of a run, ready for their start.
struct PreparedRun: Sendable {
    let targets: [SocketAddress]
    let network: RunNetwork?
    /// The responders by instance.
    let responders: [PreparedWorker]
    let relay: PreparedWorker?
    /// The senders in the scenario's order, and the orders that they were given.
    let senders: [PreparedWorker]
    let orders: [SenderAssignment]
}

/// The request to stop a run before its time. The first reason counts.
typealias StopRequest = Promise<StopReason>

enum StopReason: Sendable {
    /// A signal to the runner.
    case signal
    /// A failure of a worker: the others' results are still useful.
    case failure
}

extension LoadSteering {
    /// Begins with the sender of a run, before it is started.
    fileprivate func begin(
        _ layout: RunLayout, _ prepared: PreparedRun, startNs: Int64, stopDrainNs: Int64
    ) {
        guard let index = layout.steeredSender,
            let settings = layout.capacitySettings(
                startNs: startNs, targets: prepared.targets)
        else { return }
        let sender = prepared.senders[index].process
        let flows = Double(layout.scenario.senders[index].flows)
        begin(settings) { order in
            let message: RunnerMessage =
                switch order {
                case .rate(let pps): .rate(RateOrder(pps: pps / flows))
                case .stop: .stop(StopOrder(drainNs: stopDrainNs))
                }
            guard let value = try? message.json(),
                let bytes = try? MessagePieces.lines(of: value)
            else { return }
            // A sender that does not read keeps its rate until it does.
            _ = sender.post(bytes)
        }
    }
}
