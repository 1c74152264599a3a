import Glibc
import Synchronization
import Workers

/// A worker of an agent, from its start to its end.
final class AgentWorker: Sendable {
    /// The maximum number of lines that wait for a worker that does not read.
    static let linesUnwritten = 256
    private static let lookInterval = Duration.milliseconds(5)

    private struct State {
        var child: (any ChildProcess)?
        var maxRssBytes: Int?
        var isKilled = false
    }

    let number: Int
    let isReaped = Promise<Bool>()
    private let input: AsyncStream<[UInt8]>
    private let inputEnd: AsyncStream<[UInt8]>.Continuation
    private let state = Mutex(State())

    init(number: Int) {
        self.number = number
        (input, inputEnd) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(Self.linesUnwritten))
    }

    var pid: pid_t? { state.withLock { $0.child?.pid } }

    var isStopped: Bool { state.withLock { $0.child }?.isStopped ?? false }

    /// Passes a line on to its standard input. A worker that does not read is killed, as the
    /// runner does with its own.
    func take(_ line: [UInt8]) {
        if case .enqueued = inputEnd.yield(line + [UInt8(ascii: "\n")]) { return }
        signal(SIGKILL)
    }

    /// Sends an empty line, which tells the worker that its agent is there.
    func renewLease() { _ = inputEnd.yield([UInt8(ascii: "\n")]) }

    func closeInput() { inputEnd.finish() }

    func signal(_ number: Int32) {
        // Under the lock, so that the process cannot be reaped and its number reused meanwhile.
        _ = state.withLock { $0.child?.signal(number) }
    }

    /// Kills the worker, also if it is just being started.
    func kill() {
        state.withLock { state in
            state.isKilled = true
            state.child?.signal(SIGKILL)
        }
        closeInput()
    }

    /// Passes the lines of a running worker on. Returns when it has exited, not yet reaped.
    /// - Parameters:
    ///   - send: Sends a line to the runner.
    ///   - closed: Called when the worker has closed its standard output.
    func attend(
        _ child: any ChildProcess, on host: any ControlHost,
        send: @escaping @Sendable (AgentLine) -> Void, closed: @escaping @Sendable () -> Void
    ) async -> (usage: ChildUsage, maxRssBytes: Int?) {
        let isKilled = state.withLock { state in
            state.child = child
            return state.isKilled
        }
        if isKilled { child.signal(SIGKILL) }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.readDiagnostics(of: child, send) }
            group.addTask { await self.writeLines(to: child) }
            await readOutput(of: child, send)
            closed()
            while !child.hasExited { try? await host.sleep(for: Self.lookInterval) }
            // A zombie now: its number is still its own.
            let usage = child.usage
            child.signal(SIGKILL)
            let maxRssBytes = self.state.withLock { state in
                state.child = nil
                return state.maxRssBytes
            }
            self.closeInput()
            await group.waitForAll()
            return (usage, maxRssBytes)
        }
    }

    private func readOutput(
        of child: any ChildProcess, _ send: @Sendable (AgentLine) -> Void
    ) async {
        var assembler = LineAssembler(limitBytes: WorkerProtocol.lineBytesLimit)
        do {
            try await child.read(.output) { chunk in
                guard case .lines(let lines) = assembler.take(chunk) else {
                    throw WorkerProtocolViolation("wrote a line that is too long")
                }
                for line in lines { send(.text(worker: number, line)) }
                guard let bytes = child.maxRssBytes else { return }
                state.withLock { $0.maxRssBytes = max($0.maxRssBytes ?? 0, bytes) }
            }
        } catch {
            // The runner sees the end of the stream, and that the worker goes on running.
            child.signal(SIGKILL)
        }
    }

    private func readDiagnostics(
        of child: any ChildProcess, _ send: @Sendable (AgentLine) -> Void
    ) async {
        var partial: [UInt8] = []
        try? await child.read(.diagnostics) { chunk in
            for byte in chunk {
                if byte == UInt8(ascii: "\n")
                    || partial.count >= AgentProtocol.diagnosticBytesLimit
                {
                    send(.diagnostic(worker: number, partial))
                    partial.removeAll(keepingCapacity: true)
                }
                if byte != UInt8(ascii: "\n") { partial.append(byte) }
            }
        }
        if !partial.isEmpty { send(.diagnostic(worker: number, partial)) }
    }

    private func writeLines(to child: any ChildProcess) async {
        for await line in input {
            guard await child.write(line) else { break }
        }
        try? await child.closeInput()
    }
}
