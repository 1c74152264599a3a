import Glibc
import Workers

/// The supervision of a process from the spawn to the reaping. The host passes a running process to
/// a closure; this closure runs until the process has exited, and all other code uses the inbox,
/// the outbox and the promises.
extension WorkerProcess {
    /// Starts the process, supervises it and reaps it. Must not run in a task that can be
    /// cancelled: the exit status would be lost.
    func supervise() async {
        var end: WorkerExit?
        do {
            let (status, usage) = try await place.run(specification) { await attend($0) }
            end = exit(status, usage)
            noteHalfLine(exit: end)
        } catch {
            state.withLock { state in
                state.child = nil
                guard state.fault == nil else { return }
                state.fault = (error as? HostLoss).map { .hostLost($0) } ?? .notStarted("\(error)")
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

    private func attend(_ child: any ChildProcess) async -> ChildUsage {
        state.withLock { state in
            state.child = child
            state.lastKnownPid = child.pid
        }
        isSpawned.fulfil(true)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.readOutputs(of: child) }
            group.addTask { await self.writeLines(to: child) }
            let ending = await self.ending.value() ?? .kill
            // The writer closes standard input behind the last line.
            self.outboxEnd.finish()
            self.sampleMemory(child)
            await self.carryOut(ending, on: child)
            // A zombie now: its number is still its own, so that its figures can be read and the
            // rest of its process group can be killed without affecting another process.
            let usage = child.usage
            child.signal(SIGKILL)
            self.state.withLock { $0.child = nil }
            await group.waitForAll()
            return usage
        }
    }

    /// Ends the process. Returns when it has exited, not yet reaped.
    private func carryOut(_ ending: Ending, on child: any ChildProcess) async {
        let limits = specification.limits
        switch ending {
        case .stop(let grace):
            if await hasEnded(child, within: grace) { return }
            await terminate(child)
        case .terminate:
            await terminate(child)
        case .closed(let stream):
            if await hasEnded(child, within: limits.stopGrace) { return }
            fault(.violation(.init("closed its \(stream) and went on running")))
            await kill(child)
        case .kill:
            await kill(child)
        }
    }

    private func terminate(_ child: any ChildProcess) async {
        child.signal(SIGTERM)
        if await hasEnded(child, within: specification.limits.terminateGrace) { return }
        await kill(child)
    }

    private func kill(_ child: any ChildProcess) async {
        child.signal(SIGKILL)
        while !child.hasExited { try? await host.sleep(for: Self.lookInterval) }
    }

    /// Whether the process exits within a time. Checks every few milliseconds, because a pipe
    /// closes a moment before the exit that closes it.
    private func hasEnded(_ child: any ChildProcess, within limit: Duration) async -> Bool {
        let end = Duration.nanoseconds(host.nowNs()) + limit
        while !child.hasExited {
            guard Duration.nanoseconds(host.nowNs()) < end else { return false }
            try? await host.sleep(for: Self.lookInterval)
        }
        return true
    }

    private static let lookInterval = Duration.milliseconds(5)
}

// MARK: - The three streams

extension WorkerProcess {
    private func readOutputs(of child: any ChildProcess) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.readDiagnostics(of: child, .diagnostics) }
            switch specification.output {
            case .messages, .lines: await readMessages(of: child)
            case .diagnostics:
                group.addTask { await self.readDiagnostics(of: child, .output) }
                await group.waitForAll()
                await watchForEnd(of: child)
            }
        }
    }

    private func readMessages(of child: any ChildProcess) async {
        var assembler = LineAssembler(limitBytes: specification.limits.lineBytes)
        var pieces = MessageAssembler()
        do {
            try await child.read(.output) { chunk in
                try receive(assembler.take(chunk), into: &pieces)
                sampleMemory(child)
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
        if case .lines(let take) = specification.output {
            for line in lines { try take(line) }
            return
        }
        guard let vocabulary else { return }
        for line in lines {
            state.withLock { $0.heardNs = host.nowNs() }
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

    private func readDiagnostics(of child: any ChildProcess, _ stream: ChildStream) async {
        do {
            try await child.read(stream) { chunk in
                forward(state.withLock { $0.tail.take(chunk) })
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
    private func writeLines(to child: any ChildProcess) async {
        var isBroken = false
        for await line in outbox {
            if !isBroken {
                isBroken = await !child.write(line.bytes)
                if isBroken { ending.fulfil(.closed(stream: "standard input")) }
            }
            line.isWritten.fulfil(!isBroken)
        }
        do {
            try await child.closeInput()
        } catch {
            // close(2) failed, so the end of the input may never reach the worker.
            ending.fulfil(.terminate)
        }
    }
}

// MARK: - What the kernel says about the process

extension WorkerProcess {
    private func exit(_ end: ChildEnd, _ usage: ChildUsage) -> WorkerExit {
        var code: Int32?
        var signal: Int32?
        switch end {
        case .exited(let value): code = value
        case .signalled(let value): signal = value
        }
        return WorkerExit(
            code: code, signal: signal, coreDumped: usage.coreDumped,
            cpuSeconds: usage.cpuSeconds, maxRssBytes: state.withLock { $0.maxRssBytes },
            oomKills: usage.oomKills)
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

    private func sampleMemory(_ child: any ChildProcess) {
        // For a user's program it would be the figure of the guard.
        guard vocabulary != nil, let bytes = child.maxRssBytes else { return }
        state.withLock { $0.maxRssBytes = max($0.maxRssBytes ?? 0, bytes) }
    }

    /// Watches a program whose output is independent of its lifetime: it may close both streams and
    /// continue to serve. Ends when the program has exited, or when its end was requested.
    private func watchForEnd(of child: any ChildProcess) async {
        while ending.valueIfKnown == nil {
            if child.hasExited {
                ending.fulfil(.kill)
                return
            }
            try? await host.sleep(for: Self.lookInterval)
        }
    }
}
