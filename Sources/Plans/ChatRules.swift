import JSON
import Load

/// The rules for a scenario with a room beyond the shapes of its parts. They are checked once
/// everything else is valid, because each rule concerns several parts.
enum ChatRules {
    /// The maximum size of the bits that record which member received which message: members² ×
    /// messages.
    static let matrixBytesMax = 256 << 20

    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) where scenario.responder?.isChat == true {
            check(scenario, at: node, problems)
        }
    }

    private static func check(
        _ scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        guard let responder = scenario.responder, let sender = scenario.senders.first,
            case .array(let senders)? = node["senders"]?.content, let first = senders.first
        else { return }
        if senders.count > 1 {
            problems.add(
                "a room has one sender, whose flows are its members: raise \"flows\" of the first",
                at: senders[1])
        }
        if responder.threads > 1 {
            problems.add(
                "a room has one thread: \"threads\" of the responder \(responder.name.quoted) is "
                    + "\(responder.threads)", at: node["responder"] ?? node)
        }
        for network in scenario.networks where network.kind != .loopback {
            problems.add(
                "network \(network.name.quoted) is not loopback: deliveries in a room are "
                    + "accounted for only where nothing lies between", at: node["networks"] ?? node)
        }
        if responder.own?.socket != .unconnected {
            problems.add(
                "a room has a plain socket, which no reset reaches: leave \"socket\" and "
                    + "\"on_reset\" out of the responder \(responder.name.quoted)",
                at: node["responder"] ?? node)
        }
        if sender.kind == .hitAndRun {
            problems.add("a member stays in its room: a hit-and-run sender is none", at: first)
            return
        }
        if sender.sizes != nil {
            problems.add("the messages of a room are of one size", at: first["payload"] ?? first)
        }
        if sender.offload.gso == .on || sender.offload.gro == .on {
            problems.add(
                "a room takes each message round by itself: gso and gro stay off",
                at: first["offload"] ?? first)
        }
        guard case .perFlow(let pps) = sender.rate else {
            problems.add(
                "a member of a room speaks at a rate: at \"max\" the answers of one would be the "
                    + "window of all", at: first["rate"] ?? first)
            return
        }
        if Double(scenario.warmUpNs) * pps < 1e9 {
            problems.add(
                "a room needs a warm-up in which every member speaks once, or it would not be in "
                    + "the room: \"warm_up\" of at least 1 / rate", at: node["warm_up"] ?? node)
        }
        checkMemory(sender, at: first, problems)
    }

    private static func checkMemory(
        _ sender: SenderDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        guard let messages = sender.datagramsPerFlow else { return }
        let bytes = Int128(sender.flows) * Int128(sender.flows) * Int128((messages + 63) / 64) * 8
        guard bytes > Int128(matrixBytesMax) else { return }
        problems.add(
            "which of \(sender.flows) members has got which of \(messages) messages of each needs "
                + "\(bytes >> 20) MiB, a bit for each (legal: up to \(matrixBytesMax >> 20) MiB)",
            at: node)
    }
}
