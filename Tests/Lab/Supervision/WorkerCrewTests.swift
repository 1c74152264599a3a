import Glibc
import JSON
import Testing

@testable import Lab

@Suite struct WorkerCrewTests {
    @Test func theScopeStopsAndReapsEveryWorker() async throws {
        let workers = try await withWorkers { crew in
            for _ in 0..<4 {
                let worker = try await crew.start(FakeWorker.obedient)
                _ = try await worker.expect("hello", within: patience)
            }
            return crew.workers
        }
        #expect(workers.count == 4)
        for worker in workers {
            #expect(worker.exitIfEnded?.code == 0)
            #expect(kill(try #require(worker.pid), 0) == -1)
        }
    }

    @Test func workersAreTalkedToSideBySide() async throws {
        try await withWorkers { crew in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let worker = try await crew.start(FakeWorker.obedient)
                        _ = try await worker.expect("hello", within: patience)
                        for _ in 0..<20 {
                            try await worker.send(WorkerMessage("start"))
                            _ = try await worker.expect("result", within: patience)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func anErrorInTheBodyEndsEveryWorker() async throws {
        let workers = Collected<WorkerProcess>()
        await #expect(throws: NoErrorThrown.self) {
            try await withWorkers { crew in
                workers.append(try await crew.start(FakeWorker.shell("exec sleep 1000")))
                throw NoErrorThrown()
            }
        }
        #expect(workers.values.first?.exitIfEnded?.signal == SIGTERM)
    }

    @Test func cancellingTheTaskEndsEveryWorkerAndStillRecordsTheExits() async throws {
        let workers = Collected<WorkerProcess>()
        let task = Task {
            try await withWorkers { crew in
                let worker = try await crew.start(
                    FakeWorker.shell(#"trap '' TERM; echo '{"message":"hello"}'; exec sleep 1000"#))
                _ = try await worker.expect("hello", within: patience)
                workers.append(worker)
                _ = try await worker.expect("result", within: .seconds(3600))
            }
        }
        #expect(await eventually { workers.values.count == 1 })
        task.cancel()
        let error = try await workerError { try await task.value }
        #expect(error.reason == .cancelled)
        #expect(workers.values.first?.exitIfEnded?.signal == SIGKILL)
    }

    @Test func oneDeadWorkerDoesNotDisturbTheOthers() async throws {
        try await withWorkers { crew in
            let (first, second) = (
                try await crew.start(FakeWorker.obedient),
                try await crew.start(FakeWorker.obedient)
            )
            _ = try await first.expect("hello", within: patience)
            _ = try await second.expect("hello", within: patience)
            first.kill()
            #expect(await first.waitForExit()?.signal == SIGKILL)
            try await second.send(WorkerMessage("start"))
            _ = try await second.expect("result", within: patience)
        }
    }

    @Test("L3 killing all at once leaves nothing running")
    func l3KillAll() async throws {
        let workers = try await withWorkers { crew in
            for _ in 0..<3 {
                _ = try await crew.start(FakeWorker.shell("trap '' TERM; exec sleep 1000"))
            }
            crew.killAll()
            return crew.workers
        }
        #expect(workers.map { $0.exitIfEnded?.signal } == [SIGKILL, SIGKILL, SIGKILL])
    }

    @Test("L4 a worker inherits no descriptor but its own three")
    func l4Descriptors() async throws {
        try await withWorkers { crew in
            for _ in 0..<3 { _ = try await crew.start(FakeWorker.obedient) }
            let specification = FakeWorker.python(
                """
                import json, os
                count = len(os.listdir("/proc/self/fd")) - 1
                print(json.dumps({"message": "result", "count": count}))
                """)
            let worker = try await crew.start(specification)
            let result = try await worker.expect("result", within: patience)
            #expect(result.body["count"] == .integer(3))
        }
    }

    @Test("L9 a worker outlives the task and the thread that started it")
    func l9SpawningThread() async throws {
        try await withWorkers { crew in
            let worker = try await Task.detached { try await crew.start(FakeWorker.obedient) }.value
            _ = try await worker.expect("hello", within: patience)
            try await worker.send(WorkerMessage("start"))
            _ = try await worker.expect("result", within: patience)
        }
    }
}
