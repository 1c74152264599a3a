import Glibc
import Testing

@testable import Lab

@Suite struct WorkerEndingTests {
    @Test("L5 a worker that dies by a signal is reported with it")
    func l5Signals() async throws {
        for (script, signal) in [("KILL", SIGKILL), ("SEGV", SIGSEGV), ("ABRT", SIGABRT)] {
            let specification = FakeWorker.shell(
                "ulimit -c 0; echo 'going down' >&2; kill -\(script) $$")
            try await withWorker(specification) { worker in
                let error = try await workerError {
                    _ = try await worker.expect("hello", within: patience)
                }
                guard case .ended(let exit) = error.reason else {
                    Issue.record("\(error)")
                    return
                }
                #expect(exit.signal == signal)
                #expect(exit.code == nil)
                #expect(error.description.contains("was ended by SIG\(script)"))
                #expect(error.description.contains("going down"))
            }
        }
    }

    @Test("L6 a worker that exits early with 0 is noticed")
    func l6EarlyExit() async throws {
        try await withWorker(FakeWorker.shell("exit 0")) { worker in
            let error = try await workerError {
                _ = try await worker.expect("hello", within: patience)
            }
            guard case .ended(let exit) = error.reason else {
                Issue.record("\(error)")
                return
            }
            #expect(exit.code == 0)
        }
    }

    @Test("L6 messages sent before an early exit are not lost")
    func l6LastWords() async throws {
        let specification = FakeWorker.shell(
            #"echo '{"message":"hello"}'; echo '{"message":"result"}'"#)
        try await withWorker(specification) { worker in
            _ = await worker.waitForExit()
            _ = try await worker.expect("hello", within: patience)
            _ = try await worker.expect("result", within: patience)
        }
    }

    @Test("L6 a worker that ignores end of input and SIGTERM is killed and reaped")
    func l6IgnoresTerm() async throws {
        var specification = FakeWorker.shell(
            #"trap '' TERM; echo '{"message":"hello"}'; while :; do sleep 1; done"#)
        specification.limits.stopGrace = .milliseconds(20)
        specification.limits.terminateGrace = .milliseconds(20)
        try await withWorker(specification) { worker in
            _ = try await worker.expect("hello", within: patience)
            let pid = try #require(worker.pid)
            #expect(await worker.stop()?.signal == SIGKILL)
            // Not even a zombie is left: the number is free.
            #expect(kill(pid, 0) == -1)
            #expect(!worker.kill())
        }
    }

    @Test func aWorkerThatHonoursTermEndsByIt() async throws {
        var specification = FakeWorker.shell(#"echo '{"message":"hello"}'; exec sleep 1000"#)
        specification.limits.stopGrace = .milliseconds(20)
        try await withWorker(specification) { worker in
            _ = try await worker.expect("hello", within: patience)
            #expect(await worker.stop()?.signal == SIGTERM)
        }
    }

    @Test func theEndReachesWhatTheWorkerStarted() async throws {
        let specification = FakeWorker.patient(
            FakeWorker.shell(
                """
                sleep 1000 & echo '{"message":"hello","child":'$!'}'; read -r line; exit 0
                """))
        try await withWorker(specification) { worker in
            let hello = try await worker.expect("hello", within: patience)
            guard case .integer(let child)? = hello.body["child"] else { throw NoErrorThrown() }
            #expect(await worker.stop()?.code == 0)
            #expect(await eventually { !processExists(Int32(child)) })
        }
    }

    @Test func anUnknownProgramCannotBeStarted() async throws {
        let error = try await workerError {
            try await withWorker(
                WorkerSpecification(name: "none", executable: "/nonexistent", arguments: [])
            ) { _ in }
        }
        guard case .notStarted = error.reason else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func whatAWorkerUsedIsKnownEvenWhenItWasKilled() async throws {
        let specification = FakeWorker.python(
            """
            import time
            while time.process_time() < 0.2: pass
            print('{"message":"hello"}')
            time.sleep(1000)
            """)
        try await withWorker(specification) { worker in
            _ = try await worker.expect("hello", within: patience)
            worker.kill()
            let exit = try #require(await worker.waitForExit())
            #expect(try #require(exit.cpuSeconds) >= 0.19)
            #expect(try #require(exit.maxRssBytes) > 1 << 20)
            #expect(exit.coreDumped == false)
        }
    }

    @Test func diagnosticsAreForwardedAndTheLastAreKept() async throws {
        let seen = Collected<String>()
        var specification = FakeWorker.shell(
            "i=0; while [ $i -lt 100 ]; do echo line $i >&2; i=$((i+1)); done")
        specification.limits.diagnosticLinesForwarded = 50
        specification.onDiagnostic = { seen.append($0) }
        try await withWorker(specification) { worker in
            _ = await worker.waitForExit()
            #expect(worker.diagnostics.count == 20)
            #expect(worker.diagnostics.last == "line 99")
        }
        #expect(seen.values.count == 50)
    }

    @Test func aUsersProgramMayWriteWhatItLikesAndCloseItsOutput() async throws {
        var specification = FakeWorker.shell("echo listening; exec >&- 2>&-; exec sleep 1000")
        specification.output = .diagnostics
        specification.limits.stopGrace = .milliseconds(1)
        try await withWorker(specification) { worker in
            #expect(await eventually { worker.diagnostics == ["listening"] })
            #expect(worker.exitIfEnded == nil)
            #expect(await worker.stop()?.signal == SIGTERM)
        }
    }

    @Test func theEndOfAUsersProgramIsNoticed() async throws {
        var specification = FakeWorker.shell("echo bye; exit 4")
        specification.output = .diagnostics
        try await withWorker(specification) { worker in
            #expect(await worker.waitForExit()?.code == 4)
            #expect(worker.diagnostics == ["bye"])
        }
    }
}
