import Glibc
import Synchronization
import Workers

/// A worker of another host, as its agent tells of it.
final class FarChild: ChildProcess {
    /// The maximum number of lines that wait to be read here.
    static let linesUnread = 4_096

    private struct State {
        var pid: pid_t = 0
        var isStopped = false
        /// The end as its host described it; nil while it runs, and for ever if the host was lost.
        var end: WorkerEnd?
        var hasEnded = false
        var lastSignal: Promise<OrderReply?>?
    }

    let number: Int
    private let link: AgentLink
    private let state = Mutex(State())
    private let output = AsyncStream.makeStream(
        of: [UInt8].self, bufferingPolicy: .bufferingOldest(FarChild.linesUnread))
    private let diagnostics = AsyncStream.makeStream(
        of: [UInt8].self, bufferingPolicy: .bufferingOldest(FarChild.linesUnread))
    /// Fulfilled when the process runs, or will not; with nil if the host was lost.
    let spawned = Promise<SpawnReply?>()

    init(number: Int, link: AgentLink) {
        self.number = number
        self.link = link
    }

    // MARK: - What the agent tells

    func take(_ reply: SpawnReply) {
        state.withLock { $0.pid = pid_t(truncatingIfNeeded: reply.pid ?? 0) }
        spawned.fulfil(reply)
    }

    func take(_ line: [UInt8], of stream: ChildStream) {
        let end = stream == .output ? output.continuation : diagnostics.continuation
        end.yield(line + [UInt8(ascii: "\n")])
    }

    func outputIsClosed() { output.continuation.finish() }

    func take(isStopped: Bool) { state.withLock { $0.isStopped = isStopped } }

    /// Takes the end of the process, or nil if its host was lost.
    func end(_ end: WorkerEnd?) {
        state.withLock { state in
            state.end = state.end ?? end
            state.hasEnded = true
        }
        output.continuation.finish()
        diagnostics.continuation.finish()
        spawned.fulfil(nil)
    }

    var childEnd: ChildEnd? {
        guard let end = state.withLock({ $0.end }) else { return nil }
        if let signal = end.signal { return .signalled(Int32(truncatingIfNeeded: signal)) }
        return .exited(Int32(truncatingIfNeeded: end.code ?? 0))
    }

    // MARK: - ChildProcess

    var pid: pid_t { state.withLock { $0.pid } }

    func read(
        _ stream: ChildStream, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        for await line in stream == .output ? output.stream : diagnostics.stream {
            try line.withUnsafeBytes(take)
        }
    }

    func write(_ bytes: [UInt8]) async -> Bool {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard link.post(.text(worker: number, Array(line))) else { return false }
        }
        return true
    }

    func closeInput() async throws { link.post(.close(WorkerNumber(worker: number))) }

    func signal(_ number: Int32) -> Bool {
        guard !hasExited else { return false }
        let answer = link.ask { order in
            .signal(SignalOrder(order: order, signal: Int(number), worker: self.number))
        }
        state.withLock { $0.lastSignal = answer }
        if number == SIGKILL { link.expectEnd(of: self) }
        return true
    }

    func timeOfSignal(sentNs: Int64) async -> Int64 {
        guard let answer = state.withLock({ $0.lastSignal }),
            case let reply?? = await answer.value(), reply.fault == nil
        else { return sentNs }
        return link.clock.here(reply.atNs)
    }

    var hasExited: Bool { state.withLock { $0.hasEnded } }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    var maxRssBytes: Int? { state.withLock { $0.end?.maxRssBytes } }

    var usage: ChildUsage {
        let end = state.withLock { $0.end }
        return ChildUsage(cpuSeconds: end?.cpuSeconds, coreDumped: end?.coreDumped)
    }
}
