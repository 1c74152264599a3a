import JSON

/// Checks the relations between distant parts of a plan: names that are referred to, names that are
/// unique, and the limits of a responder for its scenario.
///
/// The file itself is checked and not the values read from it, so that an error elsewhere hides no
/// problem here. Values of a wrong type are reported elsewhere.
struct PlanReferences {
    let root: JSONNode
    let problems: JSONProblems

    func check() {
        let scenarios = root["scenarios"]?.elements ?? []
        guard PlanLimits.scenarios.contains(scenarios.count) else { return }
        refuseRepeatedNames(of: scenarios, "a scenario")
        for scenario in scenarios {
            refuseRepeatedNames(of: scenario["senders"]?.elements ?? [], "a sender")
            checkNetworks(of: scenario)
            checkResponder(of: scenario)
        }
    }

    private func refuseRepeatedNames(of nodes: [JSONNode], _ what: String) {
        var seen: Set<String> = []
        for node in nodes {
            guard let name = node["name"], let text = name.string else { continue }
            if !seen.insert(text).inserted {
                problems.add("\(what) above has the name \(text.quoted) already", at: name)
            }
        }
    }

    /// Kinds of network on which the scenario's responder is the target.
    private static let needResponder: Set<String> = [
        "loopback", "emulated", "namespace", betweenHosts,
    ]
    /// The word for a path between hosts in messages.
    private static let betweenHosts = "path between hosts"

    private func checkNetworks(of scenario: JSONNode) {
        for name in scenario["networks"]?.elements ?? [] {
            checkReference(name, to: "networks", "a network")
        }
    }

    private func checkReference(_ name: JSONNode, to map: String, _ what: String) {
        // A map that is missing or of a wrong type has a problem of its own.
        guard let text = name.string, let names = names(in: map), !names.contains(text) else {
            return
        }
        let hint = NearestMatch.hint(for: text, among: names)
        let legal = names.isEmpty ? "none is defined" : "known are \(names.quotedList)"
        problems.add("\(text.quoted) is not the name of \(what): \(legal)\(hint)", at: name)
    }

    /// Returns the names that `map` defines; nil if it is not a map. A plan may have no responders.
    private func names(in map: String) -> [String]? {
        guard let node = root[map] else { return map == "responders" ? [] : nil }
        let keys = node.members?.map(\.key)
        return keys.flatMap { $0.isEmpty && map == "networks" ? nil : $0 }
    }

    /// Checks the responder of a scenario: a network of this host needs one; a path has its own.
    private func checkResponder(of scenario: JSONNode) {
        let kinds = (scenario["networks"]?.elements ?? []).map { name in
            name.string.flatMap { root["networks"]?[$0] }.flatMap { network in
                network["at"] == nil ? network["kind"]?.string : Self.betweenHosts
            }
        }
        guard let responder = scenario["responder"] else {
            if let kind = kinds.lazy.compactMap({ $0 }).first(where: Self.needResponder.contains) {
                let article = kind == "emulated" ? "an" : "a"
                problems.add(
                    "the key \"responder\" is missing: on \(article) \(kind)"
                        + (kind == Self.betweenHosts ? "" : " network")
                        + " something has to answer", at: scenario)
            }
            return
        }
        if !kinds.isEmpty, kinds.allSatisfy({ $0 == "path" }) {
            problems.add(
                "no network of this scenario uses a responder: the address of a path is the "
                    + "target", at: responder)
        }
        checkReference(responder, to: "responders", "a responder")
        let name = responder.string ?? ""
        if root["responders"]?[name]?["behaviour"]?.string == "sink" {
            refuseAnswers(of: scenario)
        }
    }

    /// Refuses keys that need answers in a scenario with a sink: waiting for answers would never
    /// end, and figures about answers would have no value.
    private func refuseAnswers(of scenario: JSONNode) {
        for sender in scenario["senders"]?.elements ?? [] {
            if let window = sender["window"] {
                problems.add(
                    "the responder is a sink, which answers nothing: a window would never open again",
                    at: window)
            }
            if let think = sender["think"] {
                problems.add(
                    "the responder is a sink, which answers nothing: nobody would ever think after "
                        + "an answer", at: think)
            }
        }
        for threshold in scenario["thresholds"]?.elements ?? [] {
            guard let text = threshold.string, let figure = try? Threshold(text).figure,
                let group = figure.reportPath.first,
                ["rtt_ns", "rtt_intended_ns", "backward"].contains(group)
            else { continue }
            let other =
                group == "backward"
                ? figure.name.replacing("backward.", with: "forward.")
                : figure.name.split(separator: ".").last.map { "one_way.\($0)" } ?? ""
            problems.add(
                "the responder is a sink, which answers nothing: there is no \(figure.name), "
                    + "but \(other)", at: threshold)
        }
    }
}
