import Glibc
import Subprocess
import Workers

/// The supervision of a process from the spawn to the reaping. swift-subprocess passes a running
/// process to a closure; this closure runs until the process has exited, and all other code uses
/// the inbox, the outbox and the promises.
///
/// A note on `PR_SET_PDEATHSIG` (prctl(2)): its signal is sent when the *thread* that spawned the
/// child exits, not the process. swift-subprocess 1.0 spawns from one thread of its own that runs
/// until `exit`, but that is an implementation detail. So the reliable sign of the runner's exit is
/// the closed standard input, which needs no signal; a worker that uses the signal as well has to
/// compare `getppid()` with its initial value before it acts on the signal.
extension WorkerProcess {
    private typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    /// Starts the process, supervises it and reaps it. Must not run in a task that can be
    /// cancelled: swift-subprocess would then discard the exit status.
    func supervise() async {
        var end: WorkerExit?
        do {
            var usage = Usage()
            let result = try await Subprocess.run(
                specification.configuration, input: .inputWriter, output: .sequence,
                error: .sequence
            ) { execution in
                usage = await attend(execution)
            }
            end = exit(result.terminationStatus, usage)
            noteHalfLine(exit: end)
        } catch {
            state.withLock { state in
                state.pid = nil
                if state.fault == nil { state.fault = .notStarted("\(error)") }
            }
        }
        // Tasks that still wait for a line to be written or for a message are resumed.
        outboxEnd.finish()
        for await line in outbox {
            line.isWritten.fulfil(false)
        }
        inbox.close()
        exit.fulfil(end)
        isSpawned.fulfil(false)
    }

    private func attend(_ execution: Running) async -> Usage {
        let pid = execution.processIdentifier.value
        state.withLock { state in
            state.pid = pid
            state.lastKnownPid = pid
        }
        isSpawned.fulfil(true)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.readOutputs(of: execution, pid: pid) }
            group.addTask { await self.writeLines(to: execution.standardInputWriter) }
            let ending = await self.ending.value() ?? .kill
            // The writer closes standard input behind the last line.
            self.outboxEnd.finish()
            self.sampleMemory(pid)
            await self.carryOut(ending, on: execution, pid: pid)
            // A zombie now: its number is still its own, so that its figures can be read and the
            // rest of its process group can be killed without affecting another process.
            let usage = Usage(zombie: pid)
            _ = Glibc.kill(-pid, SIGKILL)
            self.state.withLock { $0.pid = nil }
            await group.waitForAll()
            return usage
        }
    }

    /// Ends the process. Returns when it has exited, not yet reaped.
    private func carryOut(_ ending: Ending, on execution: Running, pid: pid_t) async {
        let limits = specification.limits
        let terminate = TeardownStep.gracefulShutDown(
            toProcessGroup: true, allowedDurationToNextStep: limits.terminateGrace)
        switch ending {
        case .stop(let grace):
            // Signal 0 is only a check (kill(2)): a step that just waits for the exit.
            let wait = TeardownStep.send(
                signal: Signal(rawValue: 0), allowedDurationToNextStep: grace)
            await execution.teardown(using: [wait, terminate])
        case .terminate:
            await execution.teardown(using: [terminate])
        case .closed(let stream):
            if await !hasEnded(pid, within: limits.stopGrace) {
                fault(.violation(.init("closed its \(stream) and went on running")))
            }
            await execution.teardown(using: [])
        case .kill:
            await execution.teardown(using: [])
        }
    }
}

// MARK: - The three streams

extension WorkerProcess {
    private func readOutputs(of execution: Running, pid: pid_t) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.readDiagnostics(execution.standardError) }
            if vocabulary != nil {
                await readMessages(execution.standardOutput, pid: pid)
            } else {
                group.addTask { await self.readDiagnostics(execution.standardOutput) }
                await group.waitForAll()
                await watchForEnd(of: pid)
            }
        }
    }

    private func readMessages(_ output: SubprocessOutputSequence, pid: pid_t) async {
        var assembler = LineAssembler(limitBytes: specification.limits.lineBytes)
        var pieces = MessageAssembler()
        do {
            for try await chunk in output {
                try receive(chunk.withUnsafeBytes { assembler.take($0) }, into: &pieces)
                sampleMemory(pid)
            }
            let half = assembler.pendingBytes > 0 ? "line" : pieces.isInMessage ? "message" : nil
            state.withLock { $0.endedInMiddleOf = half }
        } catch let violation as WorkerProtocolViolation {
            fault(.violation(violation))
        } catch {
            fault(.violation(.init("could not be read (\(error))")))
        }
        inbox.close()
        ending.fulfil(.closed(stream: "standard output"))
    }

    private func receive(
        _ outcome: LineAssembler.Outcome, into pieces: inout MessageAssembler
    ) throws(WorkerProtocolViolation) {
        let limits = specification.limits
        guard case .lines(let lines) = outcome else {
            throw WorkerProtocolViolation("wrote a line of more than \(limits.lineBytes) bytes")
        }
        guard let vocabulary else { return }
        for line in lines {
            guard let message = try WorkerMessage(line: line, after: &pieces) else { continue }
            if vocabulary.events.contains(message.name) {
                specification.onEvent(message)
                continue
            }
            guard vocabulary.answers.contains(message.name) || message.name == vocabulary.failure
            else {
                throw WorkerProtocolViolation(
                    "sent an unknown message, \(message.name.prefix(60).debugDescription)")
            }
            guard inbox.offer(message) else {
                throw WorkerProtocolViolation(
                    "sent more than \(limits.messagesUnread) messages that nobody had asked for")
            }
        }
    }

    private func readDiagnostics(_ stream: SubprocessOutputSequence) async {
        do {
            for try await chunk in stream {
                let lines = state.withLock { state in
                    chunk.withUnsafeBytes { state.tail.take($0) }
                }
                forward(lines)
            }
        } catch {
            forward(["(its diagnostics could not be read: \(error))"])
        }
        forward(state.withLock { $0.tail.finish() }.map { [$0] } ?? [])
    }

    private func forward(_ lines: [String]) {
        let room = state.withLock { state in
            let room = min(lines.count, max(0, state.diagnosticsToForward))
            state.diagnosticsToForward -= room
            return room
        }
        for line in lines.prefix(room) {
            specification.onDiagnostic(line)
        }
    }

    /// Writes the lines one after the other, then closes standard input. After the first line that
    /// cannot be written whole, none is written, because a partial line may have been sent.
    private func writeLines(to writer: StandardInputWriter) async {
        var isBroken = false
        for await line in outbox {
            if !isBroken {
                // A closed pipe is an error here and not a signal: the crew ignores SIGPIPE.
                let written = try? await writer.write(line.bytes)
                isBroken = written != line.bytes.count
                if isBroken { ending.fulfil(.closed(stream: "standard input")) }
            }
            line.isWritten.fulfil(!isBroken)
        }
        do {
            try await writer.finish()
        } catch {
            // close(2) failed, so the end of the input may never reach the worker.
            ending.fulfil(.terminate)
        }
    }
}

// MARK: - What the kernel says about the process

extension WorkerProcess {
    /// The figures of a process between its exit and its reaping.
    private struct Usage {
        var cpuSeconds: Double?
        var coreDumped: Bool?

        init() {}

        init(zombie pid: pid_t) {
            cpuSeconds = ProcessFacts.cpuSeconds(of: pid)
            coreDumped = ProcessFacts.endedChild(pid).map { $0 == .dumped }
        }
    }

    private func exit(_ status: TerminationStatus, _ usage: Usage) -> WorkerExit {
        var code: Int32?
        var signal: Int32?
        switch status {
        case .exited(let value): code = value
        case .signaled(let value): signal = value
        }
        return WorkerExit(
            code: code, signal: signal, coreDumped: usage.coreDumped,
            cpuSeconds: usage.cpuSeconds, maxRssBytes: state.withLock { $0.maxRssBytes })
    }

    /// Records a partial line, or message, at the end. A killed worker may leave one; for a worker
    /// that exits it is a fault.
    private func noteHalfLine(exit: WorkerExit?) {
        guard exit?.code != nil else { return }
        state.withLock { state in
            guard let half = state.endedInMiddleOf, state.fault == nil else { return }
            state.fault = .violation(.init("ended in the middle of a \(half)"))
        }
    }

    private func sampleMemory(_ pid: pid_t) {
        // For a user's program it would be the figure of the guard.
        guard vocabulary != nil, let bytes = ProcessFacts.maxRssBytes(of: pid) else { return }
        state.withLock { $0.maxRssBytes = max($0.maxRssBytes ?? 0, bytes) }
    }

    /// Whether the process exits within a time. Checks every few milliseconds, because a pipe
    /// closes a moment before the exit that closes it.
    private func hasEnded(_ pid: pid_t, within limit: Duration) async -> Bool {
        await withDeadline(limit) {
            while !Task.isCancelled {
                if ProcessFacts.endedChild(pid) != nil { return true }
                try? await Task.sleep(for: Self.lookInterval)
            }
            return nil
        } ?? false
    }

    /// Watches a program whose output is independent of its lifetime: it may close both streams and
    /// continue to serve. Ends when the program has exited, or when its end was requested.
    private func watchForEnd(of pid: pid_t) async {
        while ending.valueIfKnown == nil {
            if ProcessFacts.endedChild(pid) != nil {
                ending.fulfil(.kill)
                return
            }
            try? await Task.sleep(for: Self.lookInterval)
        }
    }

    private static let lookInterval = Duration.milliseconds(5)
}
