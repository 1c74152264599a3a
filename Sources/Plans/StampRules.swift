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
            // On a network whose packets may be smaller a longer one is as legal: all smallest ones
            // are multiples of 4 bytes.
            guard let largest = settings.max(by: { smallest($0) < smallest($1) }) else { continue }
            for (sender, place) in zip(scenario.senders, senders) {
                check(sender, largest, at: place, problems)
            }
        }
    }

    /// Returns the bytes of the smallest packet.
    private static func smallest(_ settings: StampSettings) -> Int {
        TestPacket.smallestBytes(
            isAuthenticated: settings.keyFile != nil, asking: settings.extensions)
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
        _ sender: SenderDefinition, _ settings: StampSettings, at node: JSONNode,
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
        let isLegal = TestPacket.isLegal(
            bytes: sender.payloadBytes, isAuthenticated: settings.keyFile != nil,
            asking: settings.extensions)
        guard !isLegal else { return }
        let least = smallest(settings)
        let parts =
            (settings.keyFile == nil ? [] : ["a key"])
            + (settings.extensions.isEmpty ? [] : ["these extensions"])
        let having = parts.isEmpty ? "" : "with \(parts.joined(separator: " and ")) "
        problems.add(
            "a STAMP packet \(having)has \(least) B, or \(least + 4) B and more with padding "
                + "(legal: \(least)B, \(least + 4)B to 65507B)",
            at: node["payload"] ?? node)
    }
}
