import Harness
import Synchronization

@testable import Lab
@testable import Loops
@testable import Metrics
@testable import Plans

/// What the simulated workers of one run know together: what became of each datagram, when the
/// sending began, and which mishaps struck.
final class SimulatedRun: Sendable {
    /// The time from the first slot to a sender's result, the timeout included.
    static let sendingTime = Duration.milliseconds(1_500)

    struct Strike: Sendable {
        let mishap: Mishap
        let worker: String
        /// Whether the worker had given its result before.
        let isAfterResult: Bool
    }

    private struct State {
        var truth: MadeUpRun
        var startNs: Int64?
        var strikes: [Strike] = []
        var results: Set<String> = []
        var notes: [String] = []
    }

    private let state: Mutex<State>

    init(_ truth: MadeUpRun) { state = Mutex(State(truth: truth)) }

    var strikes: [Strike] { state.withLock { $0.strikes } }
    /// What the runner did that it must not do.
    var notes: [String] { state.withLock { $0.notes } }

    func note(_ sentence: String) { state.withLock { $0.notes.append(sentence) } }

    func noteResult(of worker: String) { state.withLock { _ = $0.results.insert(worker) } }

    /// - Parameter last: The worker after whose result the one concerned owes nothing; by default
    ///   itself.
    func strike(_ mishap: Mishap, _ worker: String, last: String? = nil) {
        state.withLock { state in
            state.strikes.append(
                Strike(
                    mishap: mishap, worker: worker,
                    isAfterResult: state.results.contains(last ?? worker)))
        }
    }

    func begin(atNs startNs: Int64) {
        state.withLock { state in
            state.startNs = startNs
            state.truth.startNs = startNs
        }
    }

    // MARK: - Words

    func ready(_ assignment: Assignment) -> Ready {
        let truth = state.withLock { $0.truth }
        switch assignment {
        case .sender(let sender):
            return truth.ready(addresses: (0..<sender.flows).map { "127.0.0.1:\(40_000 + $0)" })
        case .responder(let responder):
            var ready = truth.ready(addresses: [Self.bound(responder.address)])
            if responder.sharesCounts { ready.countsDescriptor = 5 }
            return ready
        case .command(let command): return truth.ready(addresses: [command.address])
        case .relay(let relay):
            return truth.ready(
                addresses: (0...relay.clients).map { "127.0.0.1:\(30_000 + $0)" })
        case .network: return truth.networkReady
        }
    }

    private static func bound(_ address: String) -> String {
        address.hasSuffix(":0") ? address.dropLast() + "50000" : address
    }

    func result(of assignment: Assignment, as worker: String, nowNs: Int64) -> WorkerResult {
        state.withLock { state in
            var result = WorkerResult()
            switch assignment {
            case .sender(let sender):
                let senders = state.truth.scenario.senders
                guard let index = senders.firstIndex(where: { $0.name == sender.sender.name })
                else {
                    state.notes.append("there is no sender \(sender.sender.name)")
                    return result
                }
                let elapsedNs = nowNs - (state.startNs ?? nowNs)
                let share = Double(elapsedNs) / (Self.sendingTime / .nanoseconds(1))
                if share < 1 { state.truth.cut(index, to: max(0, share)) }
                result.sender = state.truth.senderResult(index)
            case .responder:
                let layout = state.truth.layout
                let instance = (0..<layout.instances).first {
                    worker == "responder \(layout.name(ofInstance: $0))"
                }
                let own = layout.parts.indices.filter { layout.parts[$0].instance == instance }
                result.responder = state.truth.responderResult(own)
            case .command:
                result.command = CommandResult(exitCode: 0, signal: nil, output: ["serving"])
            case .relay: result.relay = state.truth.relayResult
            case .network: result.network = state.truth.networkResult
            }
            return result
        }
    }
}

extension MadeUpRun {
    /// Lets a sender have sent only a share of its probes, because it was stopped.
    fileprivate mutating func cut(_ sender: Int, to share: Double) {
        for part in layout.parts.indices where layout.parts[part].sender == sender {
            fates[part] = Fates(scheduled: Int(Double(fates[part].scheduled) * share))
        }
    }
}
