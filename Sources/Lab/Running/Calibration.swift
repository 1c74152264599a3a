import Datagrams
import Load
import Plans
import Reports

/// The load of a scenario over loopback, before its runs: where this host alone cannot carry it,
/// no run over a network says anything of the network.
enum Calibration {
    /// The longest time of a calibration with one rate.
    private static let lengthNsMost = 2_000_000_000
    /// The least payload of a probe, which stands for a shorter request.
    private static let payloadLeast = 16

    /// Returns the run of the same load over loopback, towards a responder of udplab's own.
    /// - Throws: Never: the address is a legal one.
    static func identity(of run: RunIdentity) throws -> RunIdentity {
        var scenario = run.scenario
        if scenario.responder?.own == nil || !run.network.usesResponder {
            let address = try TargetAddress("127.0.0.1:0", ports: 0...65_535)
            scenario.responder = ResponderDefinition(
                name: "calibration", kind: .own(OwnResponder(.echo)), address: address)
        }
        for index in scenario.senders.indices {
            let sender = scenario.senders[index]
            // A rate that changes with time runs whole: its end may be its highest.
            if sender.hasOneRate {
                let lengthNs = min(sender.expectedDurationNs ?? lengthNsMost, lengthNsMost)
                scenario.senders[index].length = .durationNs(max(1, lengthNs))
            }
            // Requests are not what an echo answers; their number and size are the load.
            scenario.senders[index].request = nil
            scenario.senders[index].payloadBytes = max(sender.payloadBytes, payloadLeast)
        }
        (scenario.timeline, scenario.thresholds) = ([], [])
        return RunIdentity(
            scenario: scenario, network: NetworkDefinition(name: "loopback", kind: .loopback),
            repetition: 1, seed: run.seed)
    }

    /// Returns the sentence on what this host could not carry; nil if it carried all of it.
    static func obstacle(in run: Judged<RunReport>) -> String? {
        // Whatever is not a pass on loopback, with no network and no service, is of this host.
        guard let cause = run.judgement.causes.first else { return nil }
        return "this host alone cannot carry the load, over loopback: \(cause.sentence)"
    }

    /// Returns the report on a run that was not made.
    static func refusal(_ sentence: String, _ identity: RunIdentity) -> Judged<RunReport> {
        RunFailure(identity: identity, error: StartError(sentence))
            .report(started: .now(), stopSignal: nil)
    }
}
