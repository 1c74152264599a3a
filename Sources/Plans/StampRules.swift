import JSON
import Load
import STAMP

/// The rules for a scenario with STAMP beyond the shapes of its parts. They are checked once
/// everything else is valid, because each rule concerns several parts.
enum StampRules {
    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) {
            checkNetworks(scenario, at: node, problems)
            let settings = scenario.networks.compactMap { $0.stamp(of: scenario.responder) }
            guard !settings.isEmpty else { continue }
            if scenario.battery != nil {
                problems.add(
                    "a battery tries echo servers: its networks and its responder have no STAMP",
                    at: node)
            }
            guard case .array(let senders)? = node["senders"]?.content else { continue }
            // On a network without a key a longer packet is as legal.
            let isAuthenticated = settings.contains { $0.keyFile != nil }
            for (sender, place) in zip(scenario.senders, senders) {
                check(sender, isAuthenticated: isAuthenticated, at: place, problems)
            }
        }
    }

    /// Refuses a network on which udplab's relay or rules would have to know a STAMP packet.
    private static func checkNetworks(
        _ scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        guard scenario.responder?.own?.behaviour == .stamp else { return }
        for network in scenario.networks {
            switch network.kind {
            case .loopback, .path, .between: continue
            case .emulated, .namespace:
                problems.add(
                    "network \(network.name.quoted) is made by udplab, whose accounts are of its "
                        + "own probes: a STAMP responder is on loopback or on a path between hosts",
                    at: node["networks"] ?? node)
            }
        }
    }

    private static func check(
        _ sender: SenderDefinition, isAuthenticated: Bool, at node: JSONNode,
        _ problems: JSONProblems
    ) {
        if sender.kind == .hitAndRun {
            problems.add("a STAMP session has one port: a hit-and-run sender has none", at: node)
            return
        }
        if sender.sizes != nil {
            problems.add(
                "the packets of a STAMP session are of one size", at: node["payload"] ?? node)
            return
        }
        if sender.request != nil {
            problems.add(
                "what is sent is STAMP packets, in whose place there is no request",
                at: node["request"] ?? node)
            return
        }
        if sender.fleet != nil {
            problems.add(
                "several hosts cannot share what the answers of a STAMP reflector tell of the "
                    + "way: use a sender for each host", at: node["host"] ?? node)
        }
        if sender.startSequence != 0 {
            problems.add(
                "the sequence of a STAMP session starts at 0 (RFC 8762 §4.2.1)",
                at: node["start_sequence"] ?? node)
        }
        if sender.offload.gso == .on || sender.offload.gro == .on {
            problems.add(
                "each STAMP packet has a time of its own: gso and gro stay off",
                at: node["offload"] ?? node)
        }
        let bytes = sender.payloadBytes
        guard !TestPacket.isLegal(bytes: bytes, isAuthenticated: isAuthenticated) else { return }
        let base = PacketLayout(isAuthenticated: isAuthenticated).baseBytes
        problems.add(
            "a STAMP packet \(isAuthenticated ? "with a key " : "")has \(base) B, or \(base + 4) B "
                + "and more with padding (legal: \(base)B, \(base + 4)B to 65507B)",
            at: node["payload"] ?? node)
    }
}
