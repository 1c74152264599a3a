import Load
import Plans

/// The hosts that send a stream together, which is one sender for the judges, as the threads of a
/// worker are one for the worker.
extension RunLayout {
    /// The senders of a run by stream: several of a fleet, one of the others.
    var sendersOfStreams: [[Int]] {
        let names = scenario.senders.map(\.streamName)
        var places: [String: Int] = [:]
        var groups: [[Int]] = []
        for (index, name) in names.enumerated() {
            if let place = places[name] {
                groups[place].append(index)
            } else {
                places[name] = groups.count
                groups.append([index])
            }
        }
        return groups
    }

    /// Returns the layout with one sender per stream. Its parts are those of the run, in their
    /// order, so that the responders' results are still by part.
    /// - Parameter silent: The senders without a result: their parts are not measured.
    func gathered(as identity: RunIdentity, silent: Set<Int>) -> RunLayout {
        guard scenario.senders.contains(where: { $0.fleet != nil }) else { return self }
        var layout = self
        layout.identity = identity
        for (stream, members) in sendersOfStreams.enumerated() {
            var firstFlow = 0
            for (number, member) in members.enumerated() {
                let flows = scenario.senders[member].flows
                for part in parts.indices where parts[part].sender == member {
                    let own = parts[part]
                    layout.parts[part] = StreamPart(
                        sender: stream, member: number, phase: own.phase,
                        isMeasured: own.isMeasured && !silent.contains(member),
                        instance: own.instance,
                        flows: own.flows.lowerBound + firstFlow..<own.flows.upperBound + firstFlow)
                }
                firstFlow += flows
            }
        }
        return layout
    }

    /// Returns the host that sends a part; nil for the runner's own.
    func sendingHost(ofPart part: Int) -> String? {
        let sender = scenario.senders[parts[part].sender]
        guard let fleet = sender.fleet, sender.host == nil else { return sender.host }
        let name = fleet.hosts[parts[part].member]
        return name == HostDefinition.here ? nil : name
    }
}

extension RunIdentity {
    /// Returns the run as its workers have it: with a sender on each host of a fleet.
    func spread() -> RunIdentity {
        var identity = self
        identity.scenario = scenario.spread()
        return identity
    }

    /// Returns the run as its judges have it: with all flows of a fleet in one sender.
    func whole() -> RunIdentity {
        var identity = self
        identity.scenario = scenario.whole()
        return identity
    }
}
