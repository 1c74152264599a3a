import Datagrams
import Loops
import Plans

/// The relay between the senders and the responder.
extension RunLayout {
    var relayImpairments: Impairments? {
        identity.network.relayImpairments(kernelHasNetem: kernelHasNetem)
    }

    /// Returns the assignment of the relay between the senders and the responder, whose instances
    /// are at `targets`; nil without a relay.
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
        assignment.clientOfFlow = clientOfFlow
        return assignment
    }

    /// The numbers of the senders' ports, of each flow of the expected streams; −1 if the ports
    /// change.
    private var clientOfFlow: [Int] {
        var first: [Int] = []
        var count = 0
        for sender in scenario.senders {
            first.append(count)
            if sender.kind == .probes { count += sender.flows }
        }
        return parts.flatMap { part in
            part.flows.map { flow in
                scenario.senders[part.sender].kind == .probes ? first[part.sender] + flow : -1
            }
        }
    }

    /// Returns the source addresses of the responder's datagrams if the senders use a relay: its
    /// side of each client. Empty if the relay could not have that many sockets.
    func sources(behind relay: Ready) -> [[String]] {
        let clients = clientOfFlow
        let addresses = relay.addresses.dropFirst()
        guard addresses.count == (clients.max() ?? -1) + 1 else { return [] }
        var flow = 0
        return parts.map { part in
            let ofPart = clients[flow..<flow + part.flows.count]
            flow += part.flows.count
            return ofPart.contains(-1) ? [] : ofPart.map { addresses[addresses.startIndex + $0] }
        }
    }

    /// Whether the plan closes the relay's port at times.
    var closesRelayPort: Bool {
        relayImpairments != nil
            && scenario.networks(of: identity.network).contains {
                $0.relayImpairments(kernelHasNetem: kernelHasNetem)?.forward.refusals.isEmpty
                    == false
            }
    }

    /// The maximum number of clients that the relay remembers at a time. A client that is forgotten
    /// for a newer one loses its held datagrams, so there is a place for every flow, and for all
    /// ports that ephemeral-port senders use within the timeout.
    private var relayClientsLimit: Int {
        scenario.senders.reduce(0) { $0 + $1.flows } * phases + scenario.passingPorts
    }
}
