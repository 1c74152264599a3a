import Glibc
import Synchronization

@testable import Lab

/// The program of a simulated process.
protocol SimulatedProgram: Sendable {
    /// Called before the process exists. Throws if it cannot be started.
    func spawn(on host: SimulatedHost) async throws
    /// Called when the process exists.
    func begin(_ process: SimulatedProcess)
    /// Called for each line of standard input.
    func take(_ line: [UInt8], in process: SimulatedProcess)
    /// Called at the end of standard input.
    func inputEnded(in process: SimulatedProcess)
    var ignoresTermination: Bool { get }
    /// Whether it does not read its standard input, and its pipe is full.
    var isDeaf: Bool { get }
    /// Called when the process has exited.
    func hasExited()
}

extension SimulatedProgram {
    func hasExited() {}
}

/// A process without a kernel: two streams, a state, and the effects of signals.
final class SimulatedProcess: ChildProcess {
    private struct State {
        var end: ChildEnd?
        var isStopped = false
        /// SIGTERM, which waits while the process is stopped.
        var isTerminationPending = false
        /// What the process was about to do when it was stopped.
        var pending: [@Sendable () -> Void] = []
    }

    let pid: pid_t
    let name: String
    let host: SimulatedHost
    private let program: any SimulatedProgram
    private let state = Mutex(State())
    private let exited = Promise<Void>()
    private let output: AsyncStream<[UInt8]>
    private let outputEnd: AsyncStream<[UInt8]>.Continuation
    private let diagnostics: AsyncStream<[UInt8]>
    private let diagnosticsEnd: AsyncStream<[UInt8]>.Continuation

    init(pid: pid_t, name: String, on host: SimulatedHost, program: any SimulatedProgram) {
        self.pid = pid
        self.name = name
        self.host = host
        self.program = program
        (output, outputEnd) = AsyncStream.makeStream()
        (diagnostics, diagnosticsEnd) = AsyncStream.makeStream()
    }

    // MARK: - What the program does

    /// Performs an act of the program after a delay, unless it has exited then; later if it is
    /// stopped.
    func after(_ delay: Duration, _ act: @escaping @Sendable () -> Void) {
        host.after(delay) { [self] in perform(act) }
    }

    private func perform(_ act: @escaping @Sendable () -> Void) {
        let isNow = state.withLock { state in
            guard state.end == nil else { return false }
            if state.isStopped { state.pending.append(act) }
            return !state.isStopped
        }
        if isNow { act() }
    }

    func say(_ bytes: [UInt8]) { outputEnd.yield(bytes) }

    func closeOutput() { outputEnd.finish() }

    func exit(_ end: ChildEnd) {
        let isFirst = state.withLock { state in
            guard state.end == nil else { return false }
            state.end = end
            return true
        }
        guard isFirst else { return }
        outputEnd.finish()
        diagnosticsEnd.finish()
        exited.fulfil(())
        program.hasExited()
    }

    var end: ChildEnd? { state.withLock { $0.end } }

    // MARK: - What the runner does

    func read(
        _ stream: ChildStream, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        for await chunk in stream == .output ? output : diagnostics {
            try chunk.withUnsafeBytes(take)
        }
    }

    func write(_ bytes: [UInt8]) async -> Bool {
        if program.isDeaf { _ = await exited.value() }
        guard end == nil else { return false }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            perform { [self] in program.take(Array(line), in: self) }
        }
        return true
    }

    func closeInput() async throws {
        perform { [self] in program.inputEnded(in: self) }
    }

    @discardableResult
    func signal(_ number: Int32) -> Bool {
        guard end == nil else { return false }
        switch number {
        case SIGKILL: exit(.signalled(SIGKILL))
        case SIGTERM where program.ignoresTermination: break
        case SIGTERM:
            let isNow = state.withLock { state in
                state.isTerminationPending = state.isStopped
                return !state.isStopped
            }
            if isNow { exit(.signalled(SIGTERM)) }
        case SIGSTOP: state.withLock { $0.isStopped = true }
        case SIGCONT: resume()
        default: exit(.signalled(number))
        }
        return true
    }

    private func resume() {
        let (isTerminated, pending) = state.withLock { state in
            defer { state.pending = [] }
            state.isStopped = false
            return (state.isTerminationPending, state.pending)
        }
        if isTerminated { return exit(.signalled(SIGTERM)) }
        for act in pending { perform(act) }
    }

    var hasExited: Bool { end != nil }
    var isStopped: Bool { state.withLock { $0.isStopped && $0.end == nil } }
    var maxRssBytes: Int? { 1 << 20 }
    var usage: ChildUsage { ChildUsage(cpuSeconds: 0.01, coreDumped: false) }
}
