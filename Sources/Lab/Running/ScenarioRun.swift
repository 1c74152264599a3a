import Datagrams
import JSON
import Metrics
import Plans
import Reports
import Synchronization
import Workers

/// Which run of a plan this is.
package struct RunIdentity: Sendable {
    package let scenario: ScenarioDefinition
    package let network: NetworkDefinition
    package let repetition: Int

    package init(scenario: ScenarioDefinition, network: NetworkDefinition, repetition: Int) {
        self.scenario = scenario
        self.network = network
        self.repetition = repetition
    }

    package var title: String {
        let number = repetition > 1 ? " #\(repetition)" : ""
        return "\(scenario.name) on \(network.name)\(number)"
    }
}

/// Everything that the workers of one run said: what a run report is made of.
struct RunOutcome: Sendable {
    struct Member: Sendable {
        let name: String
        let ready: Ready
        let result: WorkerResult?
        let pid: Int
        let exit: WorkerExit?
    }

    let identity: RunIdentity
    let startedAt: UTCTime
    let startNs: Int64
    let endNs: Int64
    let target: SocketAddress
    let responderName: String?
    let responder: Member?
    /// In the order of the scenario's senders.
    let senders: [Member]
    let stopSignal: String?
}

/// One execution of one scenario on one network: spawns the workers, starts them together, waits
/// for their results and ends them.
struct ScenarioRun: Sendable {
    /// Answers that need no work are due within this.
    static let answerWithin = Duration.seconds(10)
    /// Between the order to start and the first slot: every worker has its order by then.
    static let startAheadNs: Int64 = 30_000_000
    /// How long a stopped run may still wait for answers that are on their way.
    static let stopDrainNs: Int64 = 700_000_000

    let identity: RunIdentity
    let options: RunOptions
    let layout: RunLayout
    let interruption: Interruption
    let onProgress: @Sendable (LiveFigures) -> Void

    private var scenario: ScenarioDefinition { identity.scenario }

    func execute() async throws -> RunOutcome {
        try await withWorkers { crew in
            let stop = StopSwitch()
            let key = interruption.watch(
                stop: { stop.request() }, kill: { crew.killAll() })
            defer { interruption.forget(key) }
            return try await conduct(crew, stop)
        }
    }

    private func conduct(_ crew: WorkerCrew, _ stop: StopSwitch) async throws -> RunOutcome {
        let startedAt = UTCTime.now()
        let responder = try await prepareResponder(crew)
        let target = try responder?.target ?? layout.pathTarget()
        let senders = try await prepareSenders(crew, target: target, responder: responder?.ready)
        let startNs = LinuxClock().nowNs() + Self.startAheadNs
        let order = try RunnerMessage.start(StartOrder(startNs: startNs)).json()
        if let responder, layout.responderKind != .command {
            try await responder.process.send(order, as: "start")
        }
        for sender in senders { try await sender.process.send(order, as: "start") }
        let results = try await awaitResults(senders, stop)
        let responderResult = try await finish(responder, sent: results, stop)
        var members: [RunOutcome.Member] = []
        for (sender, result) in zip(senders, results) {
            members.append(
                await ended(sender.process, ready: sender.ready, result: result))
        }
        var responderMember: RunOutcome.Member?
        if let responder {
            responderMember = await ended(
                responder.process, ready: responder.ready, result: responderResult)
        }
        return RunOutcome(
            identity: identity, startedAt: startedAt, startNs: startNs,
            endNs: LinuxClock().nowNs(), target: target,
            responderName: layout.responder?.name, responder: responderMember,
            senders: members, stopSignal: stop.isRequested ? interruption.signalName : nil)
    }

    private func ended(
        _ process: WorkerProcess, ready: Ready, result: WorkerResult?
    ) async -> RunOutcome.Member {
        let exit = await process.stop()
        return RunOutcome.Member(
            name: process.name, ready: ready, result: result, pid: Int(process.pid ?? 0),
            exit: exit)
    }

    // MARK: - Preparing

    private struct PreparedWorker: Sendable {
        let process: WorkerProcess
        let ready: Ready
        var target: SocketAddress?
    }

    private func prepareResponder(_ crew: WorkerCrew) async throws -> PreparedWorker? {
        guard let assignment = try layout.responderAssignment() else { return nil }
        let name = layout.responder?.name ?? "responder"
        var prepared = try await prepare(
            crew, name: "responder \(name)", assignment,
            within: layout.responderReadyWithin + Self.answerWithin)
        guard let address = prepared.ready.addresses.first,
            let target = SocketAddress(numeric: address)
        else { throw StartError("responder \"\(name)\" named no address") }
        prepared.target = target
        return prepared
    }

    private func prepareSenders(
        _ crew: WorkerCrew, target: SocketAddress, responder: Ready?
    ) async throws -> [PreparedWorker] {
        var prepared: [PreparedWorker] = []
        for index in scenario.senders.indices {
            let assignment = layout.senderAssignment(
                index, target: target, responderBufferBytes: responder?.receiveBufferGrantedBytes)
            prepared.append(
                try await prepare(
                    crew, name: "sender \(scenario.senders[index].name)",
                    Assignment(sender: assignment), within: Self.answerWithin,
                    reportsProgressOf: index))
        }
        return prepared
    }

    private func prepare(
        _ crew: WorkerCrew, name: String, _ assignment: Assignment, within: Duration,
        reportsProgressOf sender: Int? = nil
    ) async throws -> PreparedWorker {
        var specification = WorkerSpecification(name: name, arguments: ["worker"])
        specification.executable = options.workerProgram
        if let sender {
            let progress = layout.progress
            let report = onProgress
            specification.onEvent = { message in
                guard case .interval(let figures)? = try? WorkerReply(message.body) else {
                    return
                }
                report(progress.update(sender, figures))
            }
        }
        let process = try await crew.start(specification)
        let hello = try reply(try await process.expect("hello", within: Self.answerWithin))
        guard case .hello(let hello) = hello, hello.protocol == WorkerProtocol.version else {
            throw StartError(
                "worker \"\(name)\" speaks another version of the worker protocol than \(WorkerProtocol.version): "
                    + "build udplab anew")
        }
        try await process.send(RunnerMessage.prepare(assignment).json(), as: "prepare")
        guard case .ready(let ready) = try reply(try await process.expect("ready", within: within))
        else { throw StartError("worker \"\(name)\" gave no answer to prepare") }
        return PreparedWorker(process: process, ready: ready)
    }

    private func reply(_ message: WorkerMessage) throws -> WorkerReply {
        try WorkerReply(message.body)
    }

    // MARK: - Results

    /// Waits for every sender's result. A stop that is asked for meanwhile is passed on to all.
    private func awaitResults(
        _ senders: [PreparedWorker], _ stop: StopSwitch
    ) async throws -> [WorkerResult] {
        let within = layout.resultWithin
        let drainNs = min(Int64(scenario.timeoutNs), Self.stopDrainNs)
        return try await withThrowingTaskGroup(of: (Int, WorkerResult?).self) { group in
            for (index, sender) in senders.enumerated() {
                group.addTask {
                    let message = try await sender.process.expect("result", within: within)
                    guard case .result(let result) = try WorkerReply(message.body) else {
                        throw StartError("worker \"\(sender.process.name)\" gave no result")
                    }
                    return (index, result)
                }
            }
            group.addTask {
                await stop.wait()
                guard stop.isRequested else { return (-1, nil) }
                let order = try RunnerMessage.stop(StopOrder(drainNs: drainNs)).json()
                for sender in senders {
                    // One that has just given its result no longer reads: that is no failure.
                    try? await sender.process.send(order, as: "stop")
                }
                return (-1, nil)
            }
            var results = [WorkerResult?](repeating: nil, count: senders.count)
            var left = senders.count
            // Whatever happens, the task that waits for a stop must end, or the group would not.
            defer { stop.finish() }
            while left > 0, let (index, result) = try await group.next() {
                guard index >= 0 else { continue }
                results[index] = result
                left -= 1
            }
            return results.compactMap { $0 }
        }
    }

    /// Stops the responder once everything that was sent has had its time to arrive.
    private func finish(
        _ responder: PreparedWorker?, sent results: [WorkerResult], _ stop: StopSwitch
    ) async throws -> WorkerResult? {
        guard let responder else { return nil }
        let order = StopOrder(drainNs: 0, sent: layout.sentByStream(results))
        try await responder.process.send(RunnerMessage.stop(order).json(), as: "stop")
        let message = try await responder.process.expect("result", within: Self.answerWithin)
        guard case .result(let result) = try WorkerReply(message.body) else { return nil }
        return result
    }
}

/// A request to stop that one task waits for and anybody makes, once.
final class StopSwitch: Sendable {
    private struct State {
        var isRequested = false
        var isFinished = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var isRequested: Bool { state.withLock { $0.isRequested } }

    func request() { settle { $0.isRequested = true } }

    /// Ends the wait without a request.
    func finish() { settle { $0.isFinished = true } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isRequested || state.isFinished { return true }
                state.waiter = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func settle(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}
