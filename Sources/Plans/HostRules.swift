import JSON

/// The rules for hosts: who runs where, and over which networks the ends reach each other. They are
/// checked once everything else is valid, because each rule concerns several parts.
enum HostRules {
    static func check(
        _ scenarios: [ScenarioDefinition], hosts: [HostDefinition],
        networks: [NetworkDefinition], responders: [ResponderDefinition], at root: JSONNode,
        _ problems: JSONProblems
    ) {
        let names = hosts.map(\.name)
        for network in networks {
            guard case .between(let path) = network.kind,
                let at = root["networks"]?[network.name]?["at"]
            else { continue }
            for host in path.hosts where host != HostDefinition.here {
                refuse(host, unlessIn: names, at: at[host] ?? at, problems)
            }
            let behind = root["networks"]?[network.name]?["behind_nat"]
            for (index, host) in path.behindNAT.enumerated() where !path.hosts.contains(host) {
                problems.add(
                    "\(host.quoted) has no address \"at\" this network: known are "
                        + "\(path.hosts.quotedList)", at: behind?.elements?[index] ?? at)
            }
        }
        for responder in responders {
            let node = root["responders"]?[responder.name]?["host"]
            if let host = responder.host, let node {
                refuse(host, unlessIn: names, at: node, problems)
            }
        }
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) {
            let senders = node["senders"]?.elements ?? []
            for (sender, node) in zip(scenario.senders, senders) {
                guard let place = node["host"] else { continue }
                for (index, host) in sender.hostNames.enumerated()
                where sender.fleet == nil || host != HostDefinition.here {
                    refuse(
                        host, unlessIn: names, at: place.elements?[index] ?? place, problems)
                }
            }
            var seen: Set<String> = []
            let networks = scenario.networks.filter {
                // One of each path, whatever its directions are.
                seen.insert($0.nameOfPath).inserted
            }
            for network in networks {
                let place = node["networks"]?.elements?.first {
                    $0.string == network.nameOfPath
                }
                check(scenario, on: network, among: names, at: place ?? node, problems)
            }
            checkDirections(scenario, at: node, problems)
        }
    }

    private static func refuse(
        _ host: String, unlessIn names: [String], at node: JSONNode, _ problems: JSONProblems
    ) {
        guard !names.contains(host) else { return }
        let known =
            names.isEmpty
            ? "none is defined; put it into \"hosts\"" : "known are \(names.quotedList)"
        problems.add(
            "\(host.quoted) is not the name of a host: \(known)"
                + NearestMatch.hint(for: host, among: names), at: node)
    }

    /// Checks that a load can be turned round: there is one host at each end, or one at both.
    private static func checkDirections(
        _ scenario: ScenarioDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        guard let directions = node["directions"] else { return }
        if let other = scenario.networks.first(where: { !$0.canBeTurned }) {
            return problems.add(
                "\(other.name.quoted) has one direction: others are of networks of kind "
                    + "\"loopback\" and \"emulated\", and of paths between hosts (\"at\")",
                at: directions)
        }
        let turned = scenario.networks.filter { $0.direction != .forward }
        guard !turned.isEmpty else { return }
        if Set(scenario.senders.flatMap(\.hostNames)).count > 1 {
            problems.add(
                "the senders are on several hosts, so that no host can take their place",
                at: directions)
        }
        if let network = turned.first(where: \.refuses) {
            problems.add(
                "\(network.nameOfPath.quoted) has \"refuse\", and the port that it closes is on the "
                    + "way forward: leave that out, or use [\"forward\"]", at: directions)
        }
        if turned.contains(where: { $0.hostPath == nil }),
            scenario.timeline.contains(where: { $0.action == .network })
        {
            problems.add(
                "the timeline changes the network, whose directions are turned here: use "
                    + "[\"forward\"]", at: directions)
        }
        guard let both = turned.first(where: { $0.direction == .both }),
            let responder = scenario.responder,
            let reason = reason(against: responder, on: both, scenario)
        else { return }
        problems.add(
            "\(responder.name.quoted) \(reason): in both directions at once there is one responder "
                + "at each end; use [\"forward\", \"backward\"]", at: directions)
    }

    /// Returns the reason why a responder cannot be at both ends; nil without one.
    private static func reason(
        against responder: ResponderDefinition, on network: NetworkDefinition,
        _ scenario: ScenarioDefinition
    ) -> String? {
        if responder.instances > 1 { return "has several instances" }
        if responder.isChat { return "is a room" }
        if scenario.timeline.contains(where: { $0.subject == responder.name }) {
            return "is an end of the timeline's events, which would have to say which of both"
        }
        let address = responder.address
        if network.hostPath == nil, address.isUnix || address.isGroup || address.port != 0 {
            return "has an address of its own, which two cannot share (port 0 is a free one)"
        }
        return nil
    }

    /// Checks that the side behind a NAT sends: nothing reaches it that it has not knocked for.
    private static func checkNAT(
        _ scenario: ScenarioDefinition, on network: NetworkDefinition, _ path: HostPath,
        at node: JSONNode, _ problems: JSONProblems
    ) {
        guard !path.behindNAT.isEmpty else { return }
        let all = scenario.networks.filter { $0.nameOfPath == network.nameOfPath }
        for scenario in all.map({ scenario.placed(on: $0) }) {
            guard let responder = scenario.responder else { continue }
            for instance in 0..<responder.instances {
                let far = responder.host(ofInstance: instance)
                guard path.isBehindNAT(far) else { continue }
                let name = (far ?? HostDefinition.here).quoted
                let areBoth = scenario.senders.contains { path.isBehindNAT($0.host) }
                return problems.add(
                    areBoth
                        ? "both ends on \(network.name.quoted) are behind a NAT: nothing gets "
                            + "through two of them; use addresses that one end can reach, as those "
                            + "of a VPN"
                        : "\(name) answers, and is behind a NAT on \(network.name.quoted): nothing "
                            + "reaches it that it has not knocked for; let that side send, and put "
                            + "the responder on the other \"host\"", at: node)
            }
        }
        if scenario.battery != nil, scenario.responder?.own != nil {
            problems.add(
                "udplab's own echo answers the address that \"at\" has for this host, and sees "
                    + "another one behind the NAT: try a \"command\"", at: node)
        }
    }

    private static func check(
        _ scenario: ScenarioDefinition, on network: NetworkDefinition, among names: [String],
        at node: JSONNode, _ problems: JSONProblems
    ) {
        let answering = scenario.responder?.host
        // The questions of a battery come from here.
        let sending =
            scenario.battery != nil
            ? [nil]
            : scenario.senders.flatMap(\.hostNames).map { $0 == HostDefinition.here ? nil : $0 }
        guard case .between(let path) = network.kind else {
            guard let far = ([answering] + sending).compactMap(\.self).first else { return }
            return problems.add(
                "\(network.name.quoted) is of this host alone, and \(far.quoted) is another one: "
                    + "use a network of kind \"path\" that says \"at\" which addresses both have",
                at: node)
        }
        let ends = Set(([answering] + sending).map { $0 ?? HostDefinition.here })
        // A host without a definition is a problem of its own.
        for host in ends.sorted()
        where path.address(of: host) == nil && (names + [HostDefinition.here]).contains(host) {
            problems.add(
                "\(network.name.quoted) does not say \"at\" which address \(host.quoted) has: add "
                    + "\"\(host)\": \"ADDRESS\" there", at: node)
        }
        if scenario.battery != nil, answering == nil {
            return problems.add(
                "the trials of a battery come from this host, and so does its server: nothing would "
                    + "cross \(network.name.quoted); give the responder another \"host\"", at: node)
        }
        checkNAT(scenario, on: network, path, at: node, problems)
        if let same = sending.first(where: { $0 == answering }) {
            problems.add(
                "the responder and a sender are both on \((same ?? HostDefinition.here).quoted): "
                    + "nothing would cross \(network.name.quoted); give one of them another "
                    + "\"host\"", at: node)
        }
    }
}
