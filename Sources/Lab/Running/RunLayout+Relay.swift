import Datagrams
import Plans
import Workers

/// The relay between the senders and the responder.
extension RunLayout {
    var relayImpairments: Impairments? {
        identity.network.relayImpairments(kernelHasNetem: kernelHasNetem)
    }

    /// The relay between the senders and the responder, whose instances are at `targets`; nil
    /// where there is none.
    func relayAssignment(targets: [SocketAddress]) -> RelayAssignment? {
        guard let impairments = relayImpairments else { return nil }
        var assignment = RelayAssignment(
            listen: targets.first?.family == .ipv6 ? "[::1]:0" : "127.0.0.1:0",
            targets: targets.map(\.description), forward: impairments.forward,
            backward: impairments.backward,
            seed: identity.seed, runId: runID, streams: expectedStreams,
            flowsLimit: relayClientsLimit, kernelTimestamps: true,
            spinNs: cpus.isEmpty ? 0 : Self.spinNs, cpus: cpus.last.map { [$0] })
        assignment.singleCalls = singleCalls
        return assignment
    }

    /// Whether the relay's port is closed at times, as the plan says.
    var closesRelayPort: Bool {
        relayImpairments != nil
            && scenario.networks(of: identity.network).contains {
                $0.relayImpairments(kernelHasNetem: kernelHasNetem)?.forward.refusals.isEmpty
                    == false
            }
    }

    /// How many clients the relay remembers at a time. Whoever is forgotten for a newer one loses
    /// what is held for it, so there is room for every flow, and for all the ports that
    /// hit-and-run senders use within the timeout.
    private var relayClientsLimit: Int {
        scenario.senders.reduce(0) { $0 + $1.flows } * phases + scenario.passingPorts
    }
}
