import Datagrams
import Loops
import Plans
import Reports
import Workers

/// A run that broke off, with the reason.
package struct RunFailure: Sendable {
    package let identity: RunIdentity
    package let error: any Error
    /// The worker that failed, if one did.
    package var worker: String?
    /// The time relative to the first measured slot.
    var atNs = 0

    /// The sentence for the report.
    package var reason: String {
        if let failure = workerFailure {
            let last = failure.output.last { !$0.isEmpty }
            return last.map { "\(failure.reason); its last words: \($0)" } ?? failure.reason
        }
        if let error = error as? WorkerError { return error.summary }
        return "\(error)"
    }

    /// The last lines of output of the worker, or of the user's program.
    package var output: [String] {
        workerFailure?.output ?? (error as? WorkerError)?.diagnostics ?? []
    }

    /// The party at fault for a run that broke off.
    package enum Owner: Sendable {
        /// The service under test: it was not found, exited, or never answered.
        case subject
        /// This host, or a plan that is beyond it.
        case host
        case udplab
    }

    package var owner: Owner {
        if let failure = workerFailure {
            return switch failure.kind {
            case .command: .subject
            case .setUp: .host
            case .own: .udplab
            }
        }
        if let error = error as? WorkerError {
            switch error.reason {
            case .ended(let exit):
                return exit.wasEndedFromOutside || exit.wasRefusedByHost ? .host : .udplab
            case .violation(let violation) where violation.isOfHost: return .host
            case .silent, .mute, .deaf, .violation: return .udplab
            case .hostLost: return .host
            case .notStarted, .failed, .cancelled, .stopped: return .host
            }
        }
        let isOfHost =
            error is StartError || error is HostLoss || error is StoppedEarly
            || error is SystemFailure || error is BatteryStop
        return isOfHost ? .host : .udplab
    }

    /// The failure as a cause of the run's verdict.
    var cause: Cause {
        if case .hostLost? = (error as? WorkerError)?.reason { return Cause(.incomplete, reason) }
        if error is HostLoss { return Cause(.incomplete, reason) }
        return Cause(
            owner == .subject ? .fail : .inconclusive, reason, isOwnFault: owner == .udplab)
    }

    private var workerFailure: WorkerFailure? { (error as? WorkerError)?.failure }

    func report(started: UTCTime, stopSignal: String?) -> Judged<RunReport> {
        let cause =
            stopSignal.map { Cause(.aborted, "stopped by \($0) before anything was sent") }
            ?? self.cause
        let report = RunReport(
            scenario: identity.scenario.name, network: identity.network.name,
            repeat: identity.repetition, seed: identity.seed, started: started, durationNs: 0,
            responder: owner == .subject ? responder : nil)
        return Judged(report, Judgement(causes: [cause]))
    }

    /// The program that failed, with its last lines.
    private var responder: ResponderReport? {
        guard let definition = identity.scenario.responder,
            case .command(let command) = definition.kind
        else { return nil }
        return ResponderReport(
            name: definition.name, command: command.words, address: definition.address.text,
            outputTail: output)
    }
}

extension WorkerError {
    /// The worker's own report of its failure; nil if there is none.
    var failure: WorkerFailure? {
        guard case .failed(let message) = reason,
            case .failed(let failure)? = try? WorkerReply(message.body)
        else { return nil }
        return failure
    }
}
