import Glibc
import JSON
import Testing

@testable import Lab

@Suite struct WorkerProtocolTests {
    @Test func messagesGoOutAndAnswersComeBack() async throws {
        try await withWorker(FakeWorker.obedient) { worker in
            #expect(try await worker.expect("hello", within: patience).name == "hello")
            try await worker.send(WorkerMessage("prepare"))
            #expect(try await worker.expect("result", within: patience).name == "result")
            #expect(await worker.stop()?.code == 0)
        }
    }

    @Test func eventsGoToTheirHandlerAndNotToTheOneWhoAwaitsAnAnswer() async throws {
        let events = Collected<WorkerMessage>()
        var specification = FakeWorker.shell(
            """
            echo '{"message":"interval","sent":1}'; echo '{"message":"interval","sent":2}'
            echo '{"message":"result"}'
            """)
        specification.onEvent = { events.append($0) }
        try await withWorker(specification) { worker in
            _ = try await worker.expect("result", within: patience)
        }
        #expect(events.values.map { $0.body["sent"] } == [.integer(1), .integer(2)])
    }

    @Test func aFailedMessageIsThrownWithItsReason() async throws {
        let specification = FakeWorker.shell(
            #"echo '{"message":"failed","reason":"port 7 is taken"}'; read -r line"#)
        try await withWorker(specification) { worker in
            let error = try await workerError {
                _ = try await worker.expect("ready", within: patience)
            }
            #expect(error.description.contains("port 7 is taken"))
        }
    }

    @Test func anAnswerOutOfTurnIsAProtocolError() async throws {
        let specification = FakeWorker.shell(#"echo '{"message":"result"}'; read -r line"#)
        try await withWorker(specification) { worker in
            let error = try await workerError {
                _ = try await worker.expect("ready", within: patience)
            }
            #expect(error.description.contains(#"sent "result" where "ready" was awaited"#))
            #expect(await worker.waitForExit()?.signal == SIGKILL)
        }
    }

    @Test func aSilentWorkerIsNamedWithWhatWasAwaitedAndHowLong() async throws {
        try await withWorker(FakeWorker.shell("read -r line")) { worker in
            let error = try await workerError {
                _ = try await worker.expect("hello", within: .milliseconds(20))
            }
            #expect(error.reason == .silent(.milliseconds(20)))
            #expect(error.description.contains(#"worker "fake" did not send its hello within"#))
            #expect(worker.exitIfEnded == nil)
        }
    }

    @Test("F8 a worker that a signal has stopped is called that, and no fault of udplab")
    func stopped() async throws {
        try await withWorker(FakeWorker.obedient) { worker in
            _ = try await worker.expect("hello", within: patience)
            worker.kill(signal: SIGSTOP)
            let error = try await workerError {
                _ = try await worker.expect("result", within: .milliseconds(300))
            }
            #expect(error.reason == .stopped(.milliseconds(300)))
            #expect(error.summary.contains("SIGSTOP"))
            worker.kill()
        }
    }

    @Test func anAnswerAfterADeadlineIsStillThereForTheNextOneWhoAsks() async throws {
        try await withWorker(FakeWorker.obedient) { worker in
            _ = try await worker.expect("hello", within: patience)
            _ = try await workerError {
                _ = try await worker.expect("result", within: .milliseconds(5))
            }
            try await worker.send(WorkerMessage("stop"))
            _ = try await worker.expect("result", within: patience)
        }
    }

    @Test("L7 garbage on the control pipe is a protocol error and the worker is killed")
    func l7Garbage() async throws {
        for line in ["hello", "[1]", "{}", #"{"message":7}"#, #"{"message":"surprise"}"#, ""] {
            let specification = FakeWorker.shell("echo '\(line)'; exec sleep 1000")
            try await withWorker(specification) { worker in
                let error = try await workerError {
                    _ = try await worker.expect("hello", within: patience)
                }
                guard case .violation = error.reason else {
                    Issue.record("\(line) led to \(error)")
                    return
                }
                #expect(await worker.waitForExit()?.signal == SIGKILL)
            }
        }
    }

    @Test("L7 half a line and then the end is a protocol error")
    func l7HalfALine() async throws {
        try await withWorker(FakeWorker.shell(#"printf '{"message":"hel'"#)) { worker in
            let error = try await workerError {
                _ = try await worker.expect("hello", within: patience)
            }
            #expect(error.reason == .violation(.init("ended in the middle of a line")))
        }
    }

    @Test("L7 a line of 1 GB is cut off at the bound, in bounded memory, and the worker is killed")
    func l7EndlessLine() async throws {
        let specification = FakeWorker.shell("head -c 1000000000 /dev/zero")
        let before = ProcessFacts.maxRssBytes(of: getpid()) ?? 0
        try await withWorker(specification) { worker in
            let error = try await workerError {
                _ = try await worker.expect("hello", within: patience)
            }
            #expect(
                error.reason == .violation(.init("wrote a line of more than 262144 bytes")))
            #expect(await worker.waitForExit()?.signal == SIGKILL)
        }
        // Other tests allocate in this process meanwhile; a held line would be more than that.
        let after = ProcessFacts.maxRssBytes(of: getpid()) ?? 0
        #expect(after - before < 800 << 20)
    }

    @Test("L7 messages that nobody asked for are bounded")
    func l7Babble() async throws {
        let specification = FakeWorker.shell(#"while :; do echo '{"message":"ready"}'; done"#)
        try await withWorker(specification) { worker in
            #expect(await worker.waitForExit()?.signal == SIGKILL)
            let error = try await workerError {
                for _ in 0...specification.limits.messagesUnread {
                    _ = try await worker.expect("ready", within: patience)
                }
            }
            #expect(error.description.contains("messages that nobody had asked for"))
        }
    }

    @Test("L8 a worker that closes its control output and runs on is killed")
    func l8ClosedOutput() async throws {
        var specification = FakeWorker.shell("exec >&-; exec sleep 1000")
        specification.limits.stopGrace = .milliseconds(50)
        try await withWorker(specification) { worker in
            let error = try await workerError {
                _ = try await worker.expect("hello", within: patience)
            }
            #expect(
                error.reason == .violation(.init("closed its standard output and went on running"))
            )
        }
    }

    @Test("L8 sending to a dead worker is its death and not a SIGPIPE of ours")
    func l8DeadReader() async throws {
        try await withWorker(FakeWorker.shell("exit 3")) { worker in
            _ = await worker.waitForExit()
            let error = try await workerError {
                try await worker.send(WorkerMessage("start"))
            }
            guard case .ended(let exit) = error.reason else {
                Issue.record("\(error)")
                return
            }
            #expect(exit.code == 3)
        }
    }

    @Test("L8 a worker that closes its input and runs on is killed")
    func l8ClosedInput() async throws {
        var specification = FakeWorker.shell(
            #"exec <&-; echo '{"message":"hello"}'; exec sleep 1000"#)
        specification.limits.stopGrace = .milliseconds(50)
        try await withWorker(specification) { worker in
            _ = try await worker.expect("hello", within: patience)
            let error = try await workerError { try await worker.send(WorkerMessage("start")) }
            #expect(
                error.reason == .violation(.init("closed its standard input and went on running")))
        }
    }

    @Test func aWorkerThatDoesNotReadIsKilledAtTheDeadline() async throws {
        var specification = FakeWorker.shell("exec sleep 1000")
        specification.limits.sendDeadline = .milliseconds(100)
        let line = JSONValue.string(String(repeating: "x", count: 1 << 20))
        try await withWorker(specification) { worker in
            let error = try await workerError {
                try await worker.send(
                    WorkerMessage("prepare", [JSONMember(key: "plan", value: line)]))
            }
            #expect(error.reason == .deaf(.milliseconds(100)))
            #expect(await worker.waitForExit()?.signal == SIGKILL)
        }
    }

    @Test func aMessageLargerThanThePipeArrivesWhole() async throws {
        let specification = FakeWorker.python(
            """
            import json, sys
            pieces = []
            while not pieces or "count" not in pieces[-1]:
                pieces.append(json.loads(sys.stdin.readline()))
            line = json.loads("".join(piece["text"] for piece in pieces))
            print(json.dumps({"message": "result", "length": len(line["plan"])}))
            """)
        let text = JSONValue.string(String(repeating: "x", count: 1 << 20))
        try await withWorker(specification) { worker in
            try await worker.send(
                WorkerMessage("prepare", [JSONMember(key: "plan", value: text)]))
            let result = try await worker.expect("result", within: patience)
            #expect(result.body["length"] == .integer(1 << 20))
        }
    }

    @Test func severalSendersDoNotMixTheirLines() async throws {
        let specification = FakeWorker.python(
            """
            import json, sys
            lines = [json.loads(sys.stdin.readline()) for _ in range(8)]
            print(json.dumps({"message": "result", "count": len(lines)}))
            """)
        let text = JSONValue.string(String(repeating: "x", count: 200_000))
        try await withWorker(specification) { worker in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await worker.send(
                            WorkerMessage("prepare", [JSONMember(key: "plan", value: text)]))
                    }
                }
                try await group.waitForAll()
            }
            let result = try await worker.expect("result", within: patience)
            #expect(result.body["count"] == .integer(8))
        }
    }
}
