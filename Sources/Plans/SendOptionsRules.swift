import JSON
import Load

/// The rules for how datagrams are sent that concern a sender and the networks of its scenario.
enum SendOptionsRules {
    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) {
            guard case .array(let senders)? = node["senders"]?.content else { continue }
            let made = scenario.networks.first { network in
                if case .namespace = network.kind { true } else { false }
            }
            for (sender, place) in zip(scenario.senders, senders) {
                if let made, sender.options.dontFragment == false {
                    problems.add(
                        "on network \(made.name.quoted) each datagram is one packet, for the "
                            + "counters of its kernel: leave \"dont_fragment\" out",
                        at: place[SendOptionsShape.dontFragment.key] ?? place)
                }
                if sender.fleet != nil, sender.options.sourceAddress != nil {
                    problems.add(
                        "several hosts have no address in common: leave \"address\" out of "
                            + "\"source\"", at: place[SendOptionsShape.source.key] ?? place)
                }
            }
        }
    }
}
