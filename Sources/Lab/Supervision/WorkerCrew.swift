import Datagrams
import Glibc
import Synchronization

/// Runs `body` with a crew of worker processes and leaves none of them behind.
///
/// When `body` returns, every worker that still runs is stopped: standard input closed, a second,
/// SIGTERM, a second, SIGKILL. When it throws or its task is cancelled, SIGTERM comes at once.
/// Either way the call returns only when all are dead and reaped, within about two seconds.
///
/// An orderly stop on Ctrl-C (drain, partial results) is the body's to do, with messages; to cancel
/// the task is the way out when that does not matter. ``WorkerCrew/killAll()`` is for the second
/// Ctrl-C. When the runner dies without any of this, the workers see their standard input close.
package func withWorkers<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (WorkerCrew) async throws -> Result
) async throws -> Result {
    ignoreBrokenPipes()
    let crew = WorkerCrew()
    do {
        let result = try await body(crew)
        await crew.end(hastily: Task.isCancelled)
        return result
    } catch {
        await crew.end(hastily: true)
        throw error
    }
}

/// The worker processes of one scope.
package final class WorkerCrew: Sendable {
    /// More processes at a time than one machine can be asked to measure with.
    package static let maximumWorkers = 1024

    private struct State {
        var members: [(worker: WorkerProcess, supervision: Task<Void, Never>)] = []
        var isEnding = false
    }

    private let state = Mutex(State())

    init() {}

    /// All workers that were started, the ended ones too, in the order of their start.
    package var workers: [WorkerProcess] {
        state.withLock { $0.members.map(\.worker) }
    }

    /// Starts a worker and returns when its process exists. What it says first is for
    /// ``WorkerProcess/expect(_:within:)``.
    ///
    /// - Throws: `notStarted`, with the reason of the system.
    package func start(
        _ specification: WorkerSpecification
    ) async throws(WorkerError) -> WorkerProcess {
        let worker = WorkerProcess(specification)
        if let refusal = HostRefusal.ofSupervision() {
            throw worker.error(.notStarted("\(refusal)"), awaiting: "start")
        }
        let refusal = state.withLock { state -> String? in
            if state.isEnding { return "the run is ending" }
            // A timeline of many kills and starts has many that have ended.
            if state.members.count(where: { $0.worker.exitIfEnded == nil }) >= Self.maximumWorkers {
                return "there are \(Self.maximumWorkers) workers already"
            }
            // Not a child task: cancelling the body must not reach into swift-subprocess, which
            // would lose the exit status. `end(hastily:)` awaits every one of these.
            state.members.append((worker, Task { await worker.supervise() }))
            return nil
        }
        if let refusal { throw worker.error(.notStarted(refusal), awaiting: "start") }
        let limit = specification.limits.startDeadline
        guard let isSpawned = await withDeadline(limit, { await worker.isSpawned.value() }) else {
            // The scope will end the worker.
            if Task.isCancelled { throw worker.error(.cancelled, awaiting: "start") }
            worker.giveUp()
            throw worker.error(
                .notStarted(
                    "this host gave it neither a thread nor a process within \(limit); look at the "
                        + "limits on processes (ulimit -u, pids.max of the control group)"),
                awaiting: "start")
        }
        guard isSpawned else {
            let fault = worker.state.withLock { $0.fault }
            throw worker.error(fault ?? .notStarted("it was lost"), awaiting: "start")
        }
        return worker
    }

    /// Kills every worker at once, without waiting for anything. Their reaping is left to the
    /// scope, or to the system if the runner exits right after this.
    package func killAll() {
        for worker in workers {
            worker.kill()
        }
    }

    /// Ends all workers side by side and waits until each is reaped.
    func end(hastily: Bool) async {
        let members = state.withLock { state in
            state.isEnding = true
            return state.members
        }
        for (worker, _) in members {
            if hastily {
                worker.ending.fulfil(.terminate)
                // It may be in the long grace of an earlier stop.
                worker.kill(signal: SIGTERM)
            } else {
                worker.ending.fulfil(.stop(grace: worker.specification.limits.stopGrace))
            }
        }
        let impatience = Task {
            guard hastily else { return }
            try await Task.sleep(for: WorkerLimits().terminateGrace)
            for (worker, _) in members { worker.kill() }
        }
        for (worker, supervision) in members where !worker.isGivenUp {
            await supervision.value
        }
        impatience.cancel()
    }
}

/// A write to a worker that has died must be an error of that write and not the end of the runner.
/// Children are not affected: swift-subprocess resets their signals.
private func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
}
