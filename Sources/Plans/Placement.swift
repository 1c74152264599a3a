import Load

/// The ends of a scenario as a run has them: who sends from which host, and who answers.
extension ScenarioDefinition {
    /// Returns the scenario as it runs on one of its networks: in the network's directions, and
    /// with one sender on each host of a fleet.
    package func placed(on network: NetworkDefinition) -> ScenarioDefinition {
        directed(on: network).spread()
    }

    /// Returns the scenario in the directions of one of its networks.
    package func directed(on network: NetworkDefinition) -> ScenarioDefinition {
        directed(network.direction)
    }

    /// Returns the scenario with one sender on each host of a fleet.
    package func spread() -> ScenarioDefinition {
        var scenario = self
        scenario.senders = senders.flatMap(\.onEachHost)
        return scenario
    }

    /// Returns the scenario with the flows and threads of all hosts of a fleet in one sender.
    package func whole() -> ScenarioDefinition {
        var scenario = self
        for (index, sender) in senders.enumerated() where sender.fleet != nil {
            scenario.senders[index].flows = sender.flowsOfAllHosts
            scenario.senders[index].threads = sender.onEachHost.reduce(0) { $0 + $1.threads }
        }
        return scenario
    }

    /// The scenario as it runs on each of its networks.
    var placements: [ScenarioDefinition] { networks.map(placed) }

    /// Returns the scenario in the directions that need most: the senders as the report has them.
    var widest: ScenarioDefinition {
        let isBothWays = networks.contains { $0.direction == .both }
        return isBothWays ? directed(.both) : self
    }

    private func directed(_ direction: HostPath.Direction) -> ScenarioDefinition {
        var scenario = self
        let (near, far) = (senders.first?.host, responder?.host)
        switch direction {
        case .forward: break
        case .backward:
            scenario.responder?.host = near
            for index in senders.indices { scenario.senders[index].host = far }
        case .both:
            scenario.responder?.secondEnd = ResponderDefinition.SecondEnd(host: near)
            for index in senders.indices { scenario.senders[index].instance = 0 }
            scenario.senders += senders.map { sender in
                var reversed = sender
                reversed.name += ":\(HostPath.Direction.backward.rawValue)"
                reversed.host = far
                reversed.instance = 1
                return reversed
            }
        }
        return scenario
    }

    /// The number of streams in the report of a run: a fleet is one.
    package var streamCount: Int { Set(senders.map(\.streamName)).count }
}

extension SenderDefinition {
    /// The sender itself, or the members of its fleet.
    fileprivate var onEachHost: [SenderDefinition] {
        guard let fleet else { return [self] }
        let count = fleet.hosts.count
        return fleet.hosts.indices.map { index in
            var member = self
            member.host =
                fleet.hosts[index] == HostDefinition.here ? nil : fleet.hosts[index]
            member.name = "\(name)@\(fleet.hosts[index])"
            if fleet.sharesFlows {
                member.flows = flows * (index + 1) / count - flows * index / count
            }
            member.threads = min(threads, member.flows)
            return member
        }
    }

    /// The flows on all hosts.
    package var flowsOfAllHosts: Int {
        guard let fleet, !fleet.sharesFlows else { return flows }
        return flows * fleet.hosts.count
    }

    /// The name of the stream to which the sender belongs, as in the plan.
    package var streamName: String { fleet?.name ?? name }

    /// The hosts that send, as the plan names them; `here` is the runner's own.
    package var hostNames: [String] {
        fleet?.hosts ?? [host ?? HostDefinition.here]
    }
}
