import JSON
import Load

/// The rules for a scenario whose datagrams go to a Unix socket: there is no network between, no IP
/// header, and no port.
enum UnixRules {
    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) {
            let answers = scenario.responder?.address.isUnix == true
            if answers { check(responderOf: scenario, at: node, problems) }
            let isPath = scenario.networks.contains { network in
                if case .path(let target, _) = network.kind { target.isUnix } else { false }
            }
            guard answers || isPath, case .array(let senders)? = node["senders"]?.content else {
                continue
            }
            for (sender, place) in zip(scenario.senders, senders) {
                check(sender, at: place, problems)
            }
        }
    }

    private static func check(
        responderOf scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        let place = node["responder"] ?? node
        let own = scenario.responder?.own
        if own?.behaviour != .echo && own?.behaviour != .sink || scenario.battery != nil {
            problems.add("at a Unix socket there is udplab's echo, or its sink", at: place)
        }
        if own?.socket != .unconnected || scenario.responder?.instances != 1
            || scenario.responder?.threads != 1 || scenario.responder?.host != nil
        {
            problems.add(
                "a Unix socket is one socket of this host, which no reset reaches: leave "
                    + "\"instances\", \"threads\", \"host\", \"socket\" and \"on_reset\" out",
                at: place)
        }
        for network in scenario.networks where network.usesResponder && network.kind != .loopback {
            problems.add(
                "network \(network.name.quoted) is not loopback: nothing lies between Unix sockets",
                at: node["networks"] ?? node)
        }
    }

    private static func check(
        _ sender: SenderDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        let options = sender.options
        if options.readsMarks || options.dontFragment != nil || options.interface != nil
            || options.sourceAddress != nil || options.sourcePorts != nil
        {
            problems.add(
                "datagrams of a Unix socket have no IP header: \"dscp\", \"ecn\", \"ttl\", "
                    + "\"dont_fragment\", \"interface\" and \"source\" mean nothing there", at: node
            )
        }
        if sender.kind == .hitAndRun || sender.socket != .connected {
            problems.add(
                "to a Unix socket a sender sends from connected sockets, which stay: leave \"kind\" "
                    + "and \"socket\" out", at: node)
        }
        if sender.host != nil || sender.fleet != nil {
            problems.add("a Unix socket is of this host: leave \"host\" out", at: node)
        }
    }
}
