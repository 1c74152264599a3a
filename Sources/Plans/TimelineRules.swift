import JSON

/// The rules for a timeline beyond the shape of its events. They are checked once everything else
/// is valid, because each rule concerns several parts.
struct TimelineRules {
    private let scenario: ScenarioDefinition
    private let problems: JSONProblems

    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) where !scenario.timeline.isEmpty {
            guard let timeline = node["timeline"], case .array(let events) = timeline.content
            else { continue }
            TimelineRules(scenario: scenario, problems: problems).check(timeline, events)
        }
    }

    private func check(_ timeline: JSONNode, _ events: [JSONNode]) {
        if let path = scenario.networks.first(where: { !$0.usesResponder }) {
            problems.add(
                "network \(path.name.quoted) is a path: what answers there is not udplab's to "
                    + "kill", at: timeline)
            return
        }
        if scenario.responder?.isChat == true {
            problems.add(
                "a room has no timeline: its members would have to join again", at: timeline)
            return
        }
        var before = -1
        var standings = Array(
            repeating: ResponderStanding.running, count: scenario.responder?.instances ?? 1)
        for (event, node) in zip(scenario.timeline, events) {
            if event.atNs <= before {
                problems.add(
                    "events stand in the order of their times, one at a time",
                    at: node["at"] ?? node)
            }
            before = event.atNs
            checkEnd(event, at: node["at"] ?? node)
            let action = node[event.action.rawValue] ?? node
            if event.action == .network {
                checkNetwork(event, at: action)
            } else if event.subject != scenario.responder?.name {
                problems.add(
                    "\(event.subject.quoted) is not the responder of this scenario, which is "
                        + (scenario.responder?.name ?? "").quoted, at: action)
            } else {
                checkKind(event, at: action)
                step(&standings, event, at: action, of: node)
            }
        }
    }

    private func checkEnd(_ event: TimelineEvent, at node: JSONNode) {
        let lengths = scenario.senders.map(\.expectedEndNs)
        // A count at "max" has no known end.
        guard let longest = lengths.compactMap({ $0 }).max(), !lengths.contains(nil),
            event.atNs >= longest
        else { return }
        problems.add(
            "the last sender has ended by then: events are earlier than "
                + "\(longest / 1_000_000) ms", at: node)
    }

    private func checkNetwork(_ event: TimelineEvent, at node: JSONNode) {
        func isEmulated(_ network: NetworkDefinition) -> Bool {
            if case .emulated = network.kind { return true }
            return false
        }
        if let other = scenario.networks.first(where: { !isEmulated($0) }) {
            problems.add(
                "network \(other.name.quoted) of this scenario is not emulated: only a relay can "
                    + "be switched", at: node)
        } else if event.network.map(isEmulated) != true {
            problems.add(
                "\(event.subject.quoted) is not the name of an emulated network of the plan",
                at: node)
        }
    }

    private func checkKind(_ event: TimelineEvent, at node: JSONNode) {
        guard case .command? = scenario.responder?.kind, event.action == .stop else { return }
        problems.add("the port of a command is its own: kill it, or pause it", at: node)
    }

    private func step(
        _ standings: inout [ResponderStanding], _ event: TimelineEvent, at node: JSONNode,
        of entry: JSONNode
    ) {
        if let named = event.instances, named > standings.count {
            let count = standings.count == 1 ? "one instance" : "\(standings.count) instances"
            problems.add(
                "\(event.subject.quoted) has \(count)", at: entry["instances"] ?? entry)
            return
        }
        let before = standings
        guard event.happen(to: &standings).isEmpty else { return }
        refuse(event, before, at: node)
    }

    private func refuse(
        _ event: TimelineEvent, _ standings: [ResponderStanding], at node: JSONNode
    ) {
        var standings = standings
        let named = event.instances ?? 1
        let index = (0..<named).first { !standings[$0].step(event.action) } ?? 0
        let who = standings.count > 1 ? "\(event.subject)#\(index + 1)" : event.subject
        problems.add(
            "\(who.quoted) is \(standings[index].rawValue) by then, and cannot be told to "
                + event.action.rawValue, at: node)
    }
}
