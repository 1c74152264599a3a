import JSON
import Reports
import STAMP

/// The validated content of a plan, without what is known of its files.
struct PlanParts {
    let name: String
    let seed: Int
    let hosts: [HostDefinition]
    let networks: [NetworkDefinition]
    let responders: [ResponderDefinition]
    let primaryFigures: [String]
    let scenarios: [ScenarioDefinition]
    let extras: [JSONMember]
    let titles: [PlanTitleReport]
    let filesRead: [String]
}

/// Reads the bytes of a file into a validated plan, or reports all problems in them.
package enum PlanReader {
    package static func read(
        _ bytes: [UInt8], path: String, variation: PlanVariation = PlanVariation()
    ) throws(PlanError) -> Plan {
        let name = path == PlanFile.standardInput ? JSONSource.standardInputName : path
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.read(file: name, bytes: bytes)
        } catch {
            throw .invalid(problems: [error.problem(file: name)], more: 0)
        }
        let bases = try PlanBases(of: document, path: path)
        let varied = try VariedPlan(bases, variation)
        return try varied.plan(path: path, sha256: SHA256.hexDigest(of: bytes))
    }

    /// Returns the plan; nil if there are problems.
    static func parts(of root: JSONNode, _ problems: JSONProblems) -> PlanParts? {
        if let version = root[PlanShape.format.key],
            PlanShape.format.shape.read(version, problems) == nil
        {
            // The rest of the file is meant for another version.
            return nil
        }
        guard let object = PlanShape.object.values(of: root, problems) else { return nil }
        _ = (object(PlanShape.schemaReference), object(PlanShape.title))
        let (name, seed) = (object(PlanShape.name), object(PlanShape.seed))
        let (hosts, networks) = (object(PlanShape.hosts), object(PlanShape.networks))
        let responders = object(PlanShape.responders)
        let compare = object(PlanShape.compare)
        let drafts = object(PlanShape.scenarios)
        PlanReferences(root: root, problems: problems).check()
        guard problems.isEmpty, let name, let seed, let hosts, let networks, let responders,
            let drafts,
            let compare
        else { return nil }
        let scenarios = drafts.map { $0.resolved(networks: networks, responders: responders) }
        PlanBudget.checkTotal(scenarios, at: root, problems)
        ReportBudget.check(scenarios, at: root, problems)
        TimelineRules.check(scenarios, at: root, problems)
        InstanceRules.check(scenarios, at: root, problems)
        ChatRules.check(scenarios, at: root, problems)
        StampRules.check(scenarios, at: root, problems)
        ServiceRules.check(scenarios, at: root, problems)
        RequestRules.check(scenarios, at: root, problems)
        SendOptionsRules.check(scenarios, at: root, problems)
        UnixRules.check(scenarios, at: root, problems)
        GroupRules.check(scenarios, at: root, problems)
        BatteryRules.check(scenarios, at: root, problems)
        SearchRules.check(scenarios, at: root, problems)
        HostRules.check(
            scenarios, hosts: hosts, networks: networks, responders: responders, at: root, problems)
        guard problems.isEmpty else { return nil }
        return PlanParts(
            name: name, seed: seed, hosts: hosts, networks: networks, responders: responders,
            primaryFigures: compare, scenarios: scenarios, extras: extras(of: root),
            titles: titles(of: root), filesRead: problems.filesRead)
    }

    /// Returns the titles of the plan and its parts, in the order of the plan.
    private static func titles(of root: JSONNode) -> [PlanTitleReport] {
        var titles: [PlanTitleReport] = []
        func add(
            _ kind: PlanTitleReport.Kind, _ node: JSONNode, named name: String?,
            in scenario: String? = nil
        ) {
            guard let name, let title = node["title"]?.string else { return }
            titles.append(PlanTitleReport(kind: kind, scenario: scenario, name: name, title: title))
        }
        add(.plan, root, named: root["name"]?.string)
        for member in root["networks"]?.members ?? [] {
            add(.network, member.node, named: member.key)
        }
        for scenario in root["scenarios"]?.elements ?? [] {
            let name = scenario["name"]?.string
            add(.scenario, scenario, named: name)
            for sender in scenario["senders"]?.elements ?? [] {
                add(.sender, sender, named: sender["name"]?.string, in: name)
            }
        }
        return titles
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
                let isMap = ["hosts", "networks", "responders"].contains(member.key)
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
            networks: self.networks.compactMap { name in networks.first { $0.name == name } }
                .flatMap { network in directions.map { network.directed($0) } },
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
            thresholds: thresholds, battery: battery, search: search, calibrates: calibrates)
    }
}
