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
        return RelayAssignment(
            listen: targets.first?.family == .ipv6 ? "[::1]:0" : "127.0.0.1:0",
            targets: targets.map(\.description), forward: impairments.forward,
            backward: impairments.backward,
            seed: identity.seed, runId: runID, streams: expectedStreams,
            flowsLimit: relayClientsLimit, kernelTimestamps: true,
            spinNs: cpus.isEmpty ? 0 : Self.spinNs, cpus: cpus.last.map { [$0] })
    }

    /// Whether the relay's port is closed at times, as the plan says.
    var closesRelayPort: Bool {
        relayImpairments != nil
            && scenario.networks(of: identity.network).contains {
                $0.relayImpairments(kernelHasNetem: kernelHasNetem)?.forward.refusals.isEmpty
                    == false
            }
    }

    /// A relay's sockets would fragment what does not fit, and nobody would say so.
    /// - Throws: When a sender's payload does not fit the MTU behind a relay in namespaces.
    func checkPayloadsBehindRelay() throws(StartError) {
        guard case .namespace(let network) = identity.network.kind, relayImpairments != nil else {
            return
        }
        let headerBytes = responder?.address.text.hasPrefix("[") == true ? 48 : 28
        let limit = network.mtuBytes - headerBytes
        for sender in scenario.senders where sender.payloadBytes > limit {
            throw StartError(
                "a payload of \(sender.payloadBytes) B does not fit the MTU of network "
                    + "\"\(identity.network.name)\" (EMSGSIZE): the limit is \(limit) B; give "
                    + "sender \"\(sender.name)\" a smaller \"payload\"")
        }
    }

    /// How long the relay hands on what it holds when the senders have done: what nobody awaits an
    /// answer to is still on its way.
    var relayDrainNs: Int64 {
        scenario.senders.contains(where: isOneWay) ? Int64(scenario.timeoutNs) : 0
    }

    /// How many clients the relay remembers at a time. Whoever is forgotten for a newer one loses
    /// what is held for it, so there is room for every flow, and for all the ports that
    /// hit-and-run senders use within the timeout.
    private var relayClientsLimit: Int {
        scenario.senders.reduce(0) { $0 + $1.flows } * phases + scenario.passingPorts
    }
}
