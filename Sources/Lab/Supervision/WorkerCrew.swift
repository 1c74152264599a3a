import Datagrams
import Glibc
import Synchronization

/// Runs `body` with a crew of worker processes and leaves none of them behind.
///
/// When `body` returns, every worker that still runs is stopped: standard input closed, a second,
/// SIGTERM, a second, SIGKILL. If `body` throws or its task is cancelled, SIGTERM is sent at once.
/// Either way the call returns only when all workers have exited and are reaped, within about two
/// seconds.
///
/// The body performs an orderly stop on Ctrl-C (drain, partial results) with messages; cancelling
/// the task is for cases without one. ``WorkerCrew/killAll()`` is for the second Ctrl-C. If the
/// runner exits without any of this, the workers' standard input closes.
package func withWorkers<Result: Sendable>(
    on host: any ControlHost = LinuxHost(), isolation: isolated (any Actor)? = #isolation,
    _ body: (WorkerCrew) async throws -> Result
) async throws -> Result {
    ignoreBrokenPipes()
    let crew = WorkerCrew(on: host)
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
    /// The maximum number of processes at a time.
    package static let maximumWorkers = 1024

    private struct State {
        var members: [(worker: WorkerProcess, supervision: Task<Void, Never>)] = []
        var isEnding = false
    }

    private let host: any ControlHost
    private let state = Mutex(State())

    init(on host: any ControlHost) { self.host = host }

    /// All workers that were started, ended ones included, in the order of their start.
    package var workers: [WorkerProcess] {
        state.withLock { $0.members.map(\.worker) }
    }

    /// Starts a worker and returns when its process exists. Its first message is for
    /// ``WorkerProcess/expect(_:within:)``.
    ///
    /// - Parameter place: Where it runs; by default on this host.
    /// - Throws: `notStarted`, with the system's reason.
    package func start(
        _ specification: WorkerSpecification, at place: (any WorkerPlace)? = nil
    ) async throws(WorkerError) -> WorkerProcess {
        let worker = WorkerProcess(specification, on: host, at: place)
        if let loss = worker.place.loss { throw worker.error(.hostLost(loss), awaiting: "start") }
        if let refusal = worker.place.refusal() {
            throw worker.error(.notStarted(refusal), awaiting: "start")
        }
        let refusal = state.withLock { state -> String? in
            if state.isEnding { return "the run is ending" }
            // A timeline of many kills and starts has many ended workers.
            if state.members.count(where: { $0.worker.exitIfEnded == nil }) >= Self.maximumWorkers {
                return "there are \(Self.maximumWorkers) workers already"
            }
            // Not a child task: cancelling the body must not cancel swift-subprocess, which would
            // lose the exit status. `end(hastily:)` awaits every one of these.
            state.members.append((worker, host.task { await worker.supervise() }))
            return nil
        }
        if let refusal { throw worker.error(.notStarted(refusal), awaiting: "start") }
        let limit = specification.limits.startDeadline
        guard
            let isSpawned = await withDeadline(limit, on: host, { await worker.isSpawned.value() })
        else {
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

    /// Kills every worker at once, without waiting. The scope reaps them, or the system if the
    /// runner exits right after this.
    package func killAll() {
        for worker in workers {
            worker.kill()
        }
    }

    /// Ends all workers in parallel and waits until each is reaped.
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
        let impatience = host.task { [host] in
            guard hastily else { return }
            try? await host.sleep(for: WorkerLimits().terminateGrace)
            guard !Task.isCancelled else { return }
            for (worker, _) in members { worker.kill() }
        }
        for (worker, supervision) in members where !worker.isGivenUp {
            await supervision.value
        }
        impatience.cancel()
    }
}

/// Ignores SIGPIPE, so that a write to a worker that has exited is an error of that write and does
/// not end the runner. Children are not affected: swift-subprocess resets their signals.
private func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
}
