import JSON
import Load

/// The rules for a scenario whose responder is a group: each of its instances is a member, which
/// gets every datagram.
enum GroupRules {
    /// The maximum number of senders and members together: each member has a stream of its own for
    /// each sender in the report.
    static let streamsMost = 64

    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) where scenario.isGroup {
            check(scenario, at: node, problems)
        }
    }

    private static func check(
        _ scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        let place = node["responder"] ?? node
        if scenario.responder?.own?.behaviour != .sink || scenario.responder?.threads != 1
            || scenario.responder?.host != nil || scenario.battery != nil
        {
            problems.add(
                "the members of a group are sinks of one thread on this host: several answers to "
                    + "one datagram would be copies", at: place)
        }
        if !scenario.timeline.isEmpty {
            problems.add(
                "members of a group stay in it: leave \"timeline\" out",
                at: node["timeline"] ?? node)
        }
        for network in scenario.networks where network.kind != .loopback {
            problems.add(
                "network \(network.name.quoted) is not loopback: a group is one of this host's "
                    + "loopback interface, so that nobody else gets the load",
                at: node["networks"] ?? node)
        }
        let streams = scenario.senders.count * (scenario.responder?.instances ?? 1)
        if streams > streamsMost {
            problems.add(
                "\(scenario.senders.count) senders to \(scenario.responder?.instances ?? 1) members "
                    + "make \(streams) streams of a report (legal: up to \(streamsMost))", at: place
            )
        }
        guard case .array(let senders)? = node["senders"]?.content else { return }
        for (sender, place) in zip(scenario.senders, senders)
        where sender.kind == .hitAndRun || sender.socket != .connected || sender.host != nil
            || sender.fleet != nil
        {
            problems.add(
                "to a group a sender of this host sends probes from connected sockets: leave "
                    + "\"kind\", \"socket\" and \"host\" out", at: place)
        }
    }
}

extension ScenarioDefinition {
    /// Whether the instances of the responder are members of a group.
    package var isGroup: Bool { responder?.address.isGroup == true }
}
