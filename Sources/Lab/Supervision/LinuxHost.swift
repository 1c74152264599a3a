import Datagrams
import Glibc
import Loops
import Metrics
import Plans
import Subprocess

/// The host on which this process runs.
package struct LinuxHost: ControlHost {
    package init() {}

    package func nowNs() -> Int64 { LinuxClock().nowNs() }

    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, tolerance: .zero)
    }

    package func task(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task { await work() }
    }

    package func refusal() -> String? { HostRefusal.ofSupervision().map { "\($0)" } }

    /// Starts the process by swift-subprocess, which passes a running process to a closure and
    /// reaps it when the closure returns.
    ///
    /// A note on `PR_SET_PDEATHSIG` (prctl(2)): its signal is sent when the *thread* that spawned
    /// the child exits, not the process. swift-subprocess 1.0 spawns from one thread of its own
    /// that runs until `exit`, but that is an implementation detail. So the reliable sign of the
    /// runner's exit is the closed standard input, which needs no signal; a worker that uses the
    /// signal as well has to compare `getppid()` with its initial value before it acts on the
    /// signal.
    package func run<Value: Sendable>(
        _ specification: WorkerSpecification, _ attend: (any ChildProcess) async -> Value
    ) async throws -> (end: ChildEnd, value: Value) {
        let result = try await Subprocess.run(
            specification.configuration, input: .inputWriter, output: .sequence, error: .sequence
        ) { execution in
            await attend(LinuxChild(execution: execution))
        }
        return switch result.terminationStatus {
        case .exited(let code): (.exited(code), result.closureResult)
        case .signaled(let signal): (.signalled(signal), result.closureResult)
        }
    }

    package func signal(_ number: Int32, group: pid_t) -> Int64 {
        let atNs = nowNs()
        _ = Glibc.kill(-group, number)
        return atNs
    }

    package func load(on address: SocketAddress, of pid: Int?) -> PortUse.Load? {
        PortUse.load(on: address, of: pid)
    }

    package func clockStatement() async -> ClockStatement? {
        let answer = Promise<ClockStatement>()
        // It waits for another program.
        guard
            let thread = try? DataThread.start(
                name: "clock", cpu: nil, niceValue: 0, { answer.fulfil(ClockReading.statement()) })
        else { return nil }
        defer { thread.join() }
        return await answer.value()
    }

    package func facts(ofGroup group: pid_t) -> GroupFacts { .read(group: group) }

    package func sharedCounts(of pid: Int, descriptor: Int) -> (any KilledCountsSource)? {
        SharedCountsFile(pid: pid, descriptor: descriptor)
    }

    package func place(
        of address: TargetAddress, pickingPort: Bool
    ) throws(StartError) -> SocketAddress {
        try RunTarget.local(address, pickingPort: pickingPort)
    }

    package func tryBinding(_ address: TargetAddress) throws(StartError) {
        try RunTarget.tryBinding(address)
    }

    package var controlGroup: ControlGroup { .current }
}

private struct LinuxChild: ChildProcess {
    let execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>
    let oomKillsBefore = ProcessFacts.oomKills()

    var pid: pid_t { execution.processIdentifier.value }

    func read(
        _ stream: ChildStream, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let chunks =
            switch stream {
            case .output: execution.standardOutput
            case .diagnostics: execution.standardError
            }
        for try await chunk in chunks { try chunk.withUnsafeBytes(take) }
    }

    /// A closed pipe is an error here and not a signal: the crew ignores SIGPIPE.
    func write(_ bytes: [UInt8]) async -> Bool {
        let written = try? await execution.standardInputWriter.write(bytes)
        return written == bytes.count
    }

    func closeInput() async throws { try await execution.standardInputWriter.finish() }

    func signal(_ number: Int32) -> Bool { Glibc.kill(-pid, number) == 0 }

    var hasExited: Bool { ProcessFacts.endedChild(pid) != nil }

    var isStopped: Bool { ProcessFacts.isStopped(pid) }

    var maxRssBytes: Int? { ProcessFacts.maxRssBytes(of: pid) }

    var usage: ChildUsage {
        ChildUsage(
            cpuSeconds: ProcessFacts.cpuSeconds(of: pid),
            coreDumped: ProcessFacts.endedChild(pid).map { $0 == .dumped },
            oomKills: oomKillsBefore.flatMap { before in
                ProcessFacts.oomKills().map { $0 - before }
            })
    }
}
