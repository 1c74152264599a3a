import Glibc
import Harness
import JSON
import Synchronization

@testable import Datagrams
@testable import Lab
@testable import Loops
@testable import Metrics
@testable import Plans
@testable import Workers

/// A worker without sockets: it follows the protocol, its words are those of a made-up run, and it
/// has at most one mishap.
final class SimulatedWorker: SimulatedProgram {
    private struct State {
        var random: Harness.SeededGenerator
        var mishap: Mishap?
        var assignment: Assignment?
        var pieces = MessageAssembler()
        var isDeaf = false
        var isDone = false
    }

    private let name: String
    private let run: SimulatedRun
    private let isStubborn: Bool
    private let state: Mutex<State>

    init(name: String, mishap: Mishap?, seed: UInt64, of run: SimulatedRun) {
        self.name = name
        self.run = run
        isStubborn = mishap?.isStubborn ?? false
        state = Mutex(State(random: Harness.SeededGenerator(seed: seed), mishap: mishap))
    }

    var ignoresTermination: Bool { isStubborn && hasStruck }
    var isDeaf: Bool { state.withLock { $0.isDeaf } }

    private var hasStruck: Bool { state.withLock { $0.mishap == nil } }

    // MARK: - The steps

    func spawn(on host: SimulatedHost) async throws {
        guard let mishap = take(.spawn) else { return }
        if case .hangs = mishap.what { try await host.sleep(for: .seconds(500)) }
        throw SimulatedFault("no process for it (EAGAIN)")
    }

    func begin(_ process: SimulatedProcess) {
        reach(.hello, in: process) { [self] in
            say(
                .hello(Hello(protocol: WorkerProtocol.version, pid: Int(process.pid))),
                in: process)
        }
    }

    func take(_ line: [UInt8], in process: SimulatedProcess) {
        let message: RunnerMessage
        do {
            let value = try JSONValue.parse(line, limits: .controlMessage)
            let whole = try state.withLock { try $0.pieces.take(value) }
            guard let whole else { return }
            message = try RunnerMessage(whole)
        } catch {
            return run.note("\(name) was sent what is no message: \(error)")
        }
        switch message {
        case .prepare(let assignment):
            if case .responder(let order) = assignment,
                let port = SocketAddress(numeric: order.address)?.port, port >= 32_768
            {
                run.note("\(name) was given the ephemeral port \(port), which any program may have")
            }
            state.withLock { $0.assignment = assignment }
            reach(.ready, in: process) { [self] in
                say(.ready(run.ready(assignment)), in: process)
            }
        case .start(let order): reach(.start, in: process) { [self] in start(order, process) }
        case .stop: finish(in: process)
        case .impair, .rate: break
        case .port(let order):
            reach(.port, in: process) { [self] in
                say(
                    .port(PortReply(isOpen: order.opens, atNs: process.host.nowNs())),
                    in: process)
            }
        case .settle:
            reach(.settled, in: process) { [self] in
                say(.settled(SettleReply(isEmpty: true)), in: process)
            }
        case .tail:
            reach(.tail, in: process) { [self] in
                say(.tail(TailReply(answers: 0, drops: 0)), in: process)
            }
        }
    }

    func inputEnded(in process: SimulatedProcess) {
        guard !isStubborn || !hasStruck else { return }
        process.after(.milliseconds(1)) { process.exit(.exited(0)) }
    }

    private func start(_ order: StartOrder, _ process: SimulatedProcess) {
        if order.asksArmed { say(.armed(Armed(lateNs: 0)), in: process) }
        guard case .sender? = state.withLock({ $0.assignment }) else { return }
        run.begin(atNs: order.startNs)
        let aheadNs = max(0, order.startNs - process.host.nowNs())
        reach(.sending, delay: .nanoseconds(aheadNs + 400_000_000), in: process) {}
        process.after(.nanoseconds(aheadNs) + SimulatedRun.sendingTime) { [self] in
            finish(in: process)
        }
    }

    private func finish(in process: SimulatedProcess) {
        let assignment = state.withLock { state -> Assignment? in
            defer { state.isDone = true }
            return state.isDone ? nil : state.assignment
        }
        guard let assignment else { return }
        reach(.result, in: process) { [self] in
            say(
                .result(run.result(of: assignment, as: name, nowNs: process.host.nowNs())),
                in: process)
            run.noteResult(of: name)
            reach(.afterResult, in: process) {}
        }
    }

    private func say(_ reply: WorkerReply, in process: SimulatedProcess) {
        guard let json = try? reply.json(), let lines = try? MessagePieces.lines(of: json) else {
            return run.note("\(name) could not say its \(reply)")
        }
        process.say(lines)
    }

    // MARK: - Mishaps

    private func take(_ step: Mishap.Step) -> Mishap? {
        let mishap = state.withLock { state -> Mishap? in
            guard state.mishap?.step == step else { return nil }
            defer { state.mishap = nil }
            return state.mishap
        }
        if let mishap { run.strike(mishap, name) }
        return mishap
    }

    /// Does what belongs to a step, after a short time, or what goes wrong there.
    private func reach(
        _ step: Mishap.Step, delay: Duration = .zero, in process: SimulatedProcess,
        _ act: @escaping @Sendable () -> Void
    ) {
        let jitter = state.withLock { Int.random(in: 0...2_000, using: &$0.random) }
        process.after(delay + .microseconds(jitter)) { [self] in
            guard let mishap = take(step) else { return act() }
            carryOut(mishap.what, in: process, act)
        }
    }

    private func carryOut(
        _ what: Mishap.What, in process: SimulatedProcess, _ act: @escaping @Sendable () -> Void
    ) {
        switch what {
        case .refused, .hangs, .silent: break
        case .ends(let signal): process.exit(.signalled(signal))
        case .exits(let code): process.exit(.exited(code))
        case .stopped: process.signal(SIGSTOP)
        case .late(let seconds): process.after(.seconds(seconds), act)
        case .says(let bytes, _): process.say(bytes)
        case .halfLine:
            process.say(Array(#"{"message":"#.utf8))
            process.exit(.exited(0))
        case .failed(let kind):
            say(.failed(WorkerFailure(kind, "it could not")), in: process)
            process.exit(.exited(1))
        case .closesOutput: process.closeOutput()
        case .deaf: state.withLock { $0.isDeaf = true }
        }
    }
}
