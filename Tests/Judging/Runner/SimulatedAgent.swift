import Glibc
import Harness
import Metrics
import Synchronization

@testable import Datagrams
@testable import Lab
@testable import Loops
@testable import Plans
@testable import Workers

/// An agent behind a launcher, on another host of the simulation: the shipped agent, whose clock is
/// another one, at the end of a line with delays; with at most one mishap.
final class SimulatedAgent: SimulatedProgram {
    /// How far ahead the clock of the other host is.
    static let aheadNs: Int64 = 500_000_000_000_000
    static let name = "agent"
    /// The times of a line on its way, in microseconds.
    private let delaysUs: ClosedRange<Int>

    private struct State {
        var random: Harness.SeededGenerator
        var mishap: Mishap?
        var isDeaf = false
        /// When the last line of each direction arrives: a line never overtakes another.
        var arrivals = [Int64](repeating: 0, count: 2)
    }

    private let run: SimulatedRun
    /// The worker after whose result the host owes nothing.
    private let last: String
    private let input = AsyncStream.makeStream(of: Agent.Input.self)
    private let state: Mutex<State>

    /// - Parameter program: The name of the agent, which ends with that of its host.
    init(
        _ program: String, mishap: Mishap?, seed: UInt64, of run: SimulatedRun,
        delaysUs: ClosedRange<Int> = 100...2_000
    ) {
        self.run = run
        self.delaysUs = delaysUs
        let host = program.split(whereSeparator: { " \"".contains($0) }).last ?? ""
        last = host.hasPrefix("n") ? "sender calls@\(host)" : "responder far"
        state = Mutex(State(random: Harness.SeededGenerator(seed: seed), mishap: mishap))
    }

    var ignoresTermination: Bool { false }
    var isDeaf: Bool { state.withLock { $0.isDeaf } }

    func spawn(on host: SimulatedHost) async throws {
        guard let mishap = state.withLock({ $0.mishap }), mishap.step == .spawn else { return }
        run.strike(mishap, Self.name)
        state.withLock { $0.mishap = nil }
        if case .hangs = mishap.what { try await host.sleep(for: .seconds(500)) }
        throw SimulatedFault("no process for it (EAGAIN)")
    }

    func begin(_ process: SimulatedProcess) {
        let far = ShiftedHost(process.host, aheadNs: Self.aheadNs)
        let hello = AgentHello(
            version: RunOptions().version, build: ProgramDigest.own ?? "", host: "b", kernel: "6.1",
            cpus: 2, rmemMax: nil, addresses: ["127.0.0.2"], wallClockErrorNs: nil)
        let agent = Agent(on: far, hello: hello) { [self] line in
            travel(0, in: process) { process.say(line) }
            return true
        }
        _ = process.host.task { [input] in
            await agent.serve(input.stream)
            process.exit(.exited(0))
        }
        guard let mishap = state.withLock({ $0.mishap }) else { return }
        let delay = Duration.microseconds(
            state.withLock { Int.random(in: 0...2_500_000, using: &$0.random) })
        process.after(delay) { [self] in strike(mishap, process) }
    }

    private func strike(_ mishap: Mishap, _ process: SimulatedProcess) {
        run.strike(mishap, Self.name, last: last)
        switch mishap.what {
        case .ends(let signal): process.exit(.signalled(signal))
        case .exits(let code): process.exit(.exited(code))
        case .silent, .stopped, .hangs, .late: process.signal(SIGSTOP)
        case .says(let bytes, _): process.say(bytes)
        case .halfLine:
            process.say(Array(#"{"message":"#.utf8))
            process.exit(.exited(0))
        case .closesOutput: process.closeOutput()
        case .deaf: state.withLock { $0.isDeaf = true }
        case .refused, .failed: process.exit(.exited(255))
        }
    }

    /// Lets a line travel one of the two ways.
    private func travel(
        _ way: Int, in process: SimulatedProcess, _ arrive: @escaping @Sendable () -> Void
    ) {
        let nowNs = process.host.nowNs()
        let dueNs = state.withLock { state in
            let delayNs = Int64(Int.random(in: delaysUs, using: &state.random)) * 1_000
            state.arrivals[way] = max(state.arrivals[way], nowNs + delayNs)
            return state.arrivals[way]
        }
        process.after(.nanoseconds(dueNs - nowNs), arrive)
    }

    func take(_ line: [UInt8], in process: SimulatedProcess) {
        travel(1, in: process) { [input] in
            let atNs = process.host.nowNs() + Self.aheadNs
            input.continuation.yield(Agent.Input(line: line, atNs: atNs))
        }
    }

    func inputEnded(in process: SimulatedProcess) {
        travel(1, in: process) { [input] in input.continuation.finish() }
    }

    /// Its workers end with it (PR_SET_PDEATHSIG).
    func hasExited() { input.continuation.finish() }
}

/// A host of the simulation with another clock, and the same time.
struct ShiftedHost: ControlHost {
    private let host: SimulatedHost
    private let aheadNs: Int64

    init(_ host: SimulatedHost, aheadNs: Int64) {
        self.host = host
        self.aheadNs = aheadNs
    }

    func nowNs() -> Int64 { host.nowNs() + aheadNs }
    func sleep(for duration: Duration) async throws { try await host.sleep(for: duration) }
    func task(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        host.task(work)
    }
    func refusal() -> String? { nil }
    func run<Value: Sendable>(
        _ specification: WorkerSpecification, _ attend: (any ChildProcess) async -> Value
    ) async throws -> (end: ChildEnd, value: Value) {
        try await host.run(specification, attend)
    }
    func signal(_ number: Int32, group: pid_t) async -> Int64 {
        host.signal(number, group: group) + aheadNs
    }
    func load(on address: SocketAddress, of pid: Int?) async -> PortUse.Load? {
        host.load(on: address, of: pid)
    }
    func clockStatement() async -> ClockStatement? { nil }
    func facts(ofGroup group: pid_t) async -> GroupFacts { host.facts(ofGroup: group) }
    func sharedCounts(of pid: Int, descriptor: Int) async -> (any KilledCountsSource)? {
        host.sharedCounts(of: pid, descriptor: descriptor)
    }
    func place(
        of address: TargetAddress, pickingPort: Bool
    ) async throws(StartError) -> SocketAddress {
        try host.place(of: address, pickingPort: pickingPort)
    }
    func tryBinding(_ address: TargetAddress) async throws(StartError) {}
    var controlGroup: ControlGroup { host.controlGroup }
}
