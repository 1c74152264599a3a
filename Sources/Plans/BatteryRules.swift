import JSON

/// The rules for a scenario with a battery beyond the shapes of its parts. They are checked once
/// everything else is valid, because each rule concerns several parts.
enum BatteryRules {
    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) where scenario.battery != nil {
            checkNetworks(of: scenario, at: node, problems)
            guard let responder = scenario.responder else { continue }
            if let fault = fault(of: responder) {
                problems.add(
                    "the responder \(responder.name.quoted) \(fault)", at: node["responder"] ?? node
                )
            }
        }
    }

    private static func checkNetworks(
        of scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let names)? = node["networks"]?.content else { return }
        for (network, name) in zip(scenario.networks, names) {
            switch network.kind {
            case .loopback, .path, .between: continue
            case .emulated, .namespace:
                problems.add(
                    "network \(network.name.quoted) is neither loopback nor a path: a battery "
                        + "asks its server directly, and what a network loses is no fault of the "
                        + "server's", at: name)
            }
        }
    }

    /// Returns why a battery cannot start `responder`, or nil. A battery starts udplab's own echo
    /// as a user would, with the verb `echo`.
    private static func fault(of responder: ResponderDefinition) -> String? {
        if responder.instances > 1 {
            return "has \(responder.instances) instances: a battery tries one server"
        }
        guard let own = responder.own else { return nil }
        switch own.behaviour {
        case .sink: return "is a sink, which answers nothing: a battery tries echo servers"
        case .chat: return "is a room: a battery tries echo servers"
        case .stamp: return "is a STAMP reflector: a battery tries echo servers"
        case .echo:
            if own.receiveBufferBytes != nil || own.threads > 1 {
                return "is started as `udplab echo` by a battery, which has one thread and the "
                    + "usual buffer: leave \"threads\" and \"receive_buffer\" out"
            }
            guard case .backoff = own.onReset else { return nil }
            return "is started as `udplab echo` by a battery, whose pauses after resets are its "
                + "own: use \"none\", \"once\" or \"always\""
        }
    }
}
