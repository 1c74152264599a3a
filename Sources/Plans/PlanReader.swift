import JSON

/// Reads the bytes of a file into a validated plan, or reports all problems in them.
enum PlanReader {
    static func read(_ bytes: [UInt8], path: String) throws(PlanError) -> Plan {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.read(file: path, bytes: bytes)
        } catch {
            throw .invalid(problems: [error.problem(file: path)], more: 0)
        }
        let problems = JSONProblems(file: path, countMax: PlanLimits.problemsMax)
        let plan = plan(document.root, path, SHA256.hexDigest(of: bytes), problems)
        guard problems.isEmpty, let plan else {
            let listed = problems.sorted
            throw .invalid(problems: listed, more: problems.count - listed.count)
        }
        return plan
    }

    /// Returns the plan; nil if there are problems.
    private static func plan(
        _ root: JSONNode, _ path: String, _ sha256: String, _ problems: JSONProblems
    ) -> Plan? {
        if let version = root[PlanShape.format.key],
            PlanShape.format.shape.read(version, problems) == nil
        {
            // The rest of the file is meant for another version.
            return nil
        }
        guard let object = PlanShape.object.values(of: root, problems) else { return nil }
        _ = object(PlanShape.schemaReference)
        let (name, seed) = (object(PlanShape.name), object(PlanShape.seed))
        let networks = object(PlanShape.networks)
        let responders = object(PlanShape.responders)
        let compare = object(PlanShape.compare)
        let drafts = object(PlanShape.scenarios)
        PlanReferences(root: root, problems: problems).check()
        guard problems.isEmpty, let name, let seed, let networks, let responders, let drafts,
            let compare
        else { return nil }
        let scenarios = drafts.map { $0.resolved(networks: networks, responders: responders) }
        PlanBudget.checkTotal(scenarios, at: root, problems)
        ReportBudget.check(scenarios, at: root, problems)
        TimelineRules.check(scenarios, at: root, problems)
        InstanceRules.check(scenarios, at: root, problems)
        ChatRules.check(scenarios, at: root, problems)
        BatteryRules.check(scenarios, at: root, problems)
        guard problems.isEmpty else { return nil }
        return Plan(
            name: name, seed: seed, networks: networks, responders: responders,
            primaryFigures: compare, scenarios: scenarios, extras: extras(of: root), sha256: sha256,
            path: path,
            filesRead: problems.filesRead)
    }

    /// Returns the `x-…` keys of all objects, each after the path of its object: `x-ticket`,
    /// `networks.wifi.x-source`. The keys of `networks` and `responders` are names.
    private static func extras(
        of node: JSONNode, at path: String = "", holdsNames: Bool = false
    ) -> [JSONMember] {
        switch node.content {
        case .object(let members):
            members.flatMap { member in
                let start = path.isEmpty ? "" : "\(path)."
                if !holdsNames, JSONObjectReader.isFree(member.key) {
                    return [JSONMember(key: start + member.key, value: member.node.value)]
                }
                let isMap = ["networks", "responders"].contains(member.key)
                // Only a name can contain a dot, and no name contains a quote.
                let inner =
                    member.key.contains(".") ? "\(path)[\"\(member.key)\"]" : start + member.key
                return extras(of: member.node, at: inner, holdsNames: isMap && !holdsNames)
            }
        case .array(let nodes):
            nodes.enumerated().flatMap { extras(of: $1, at: "\(path)[\($0)]") }
        default: []
        }
    }
}

extension ScenarioDraft {
    /// Returns the scenario with its names resolved. `PlanReferences` has found all of them.
    fileprivate func resolved(
        networks: [NetworkDefinition], responders: [ResponderDefinition]
    ) -> ScenarioDefinition {
        ScenarioDefinition(
            name: name,
            networks: self.networks.compactMap { name in networks.first { $0.name == name } },
            responder: responder.flatMap { name in responders.first { $0.name == name } },
            repeats: repeats, order: order, warmUpNs: warmUpNs, timeoutNs: timeoutNs,
            tolerance: tolerance, senders: senders,
            timeline: timeline.map { event in
                TimelineEvent(
                    atNs: event.atNs, action: event.action, subject: event.subject,
                    instances: event.instances,
                    network: event.action == .network
                        ? networks.first { $0.name == event.subject } : nil)
            },
            thresholds: thresholds, battery: battery)
    }
}
