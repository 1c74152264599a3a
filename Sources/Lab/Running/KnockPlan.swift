import JSON
import Plans

/// The plan by which the paths of another plan are tried: for each pair of hosts that the other
/// plan's datagrams go between, a few probes to an echo.
struct KnockPlan {
    /// The probes that each host sends.
    static let probes = 4

    let plan: Plan

    /// - Returns: Nil for a plan without a path between its hosts.
    /// - Throws: If the plan of probes is none that can be run.
    init?(for plan: Plan) throws(PlanError) {
        var senders: [Place: [String]] = [:]
        var places: [Place] = []
        for scenario in plan.scenarios {
            for network in scenario.networks {
                guard network.hostPath != nil else { continue }
                let placed = scenario.placed(on: network)
                // The questions of a battery come from here.
                let asking: [(host: String?, instance: Int)] =
                    placed.battery == nil
                    ? placed.senders.map { ($0.host, $0.instance ?? 0) } : [(nil, 0)]
                for sender in asking {
                    let far = placed.responder?.host(ofInstance: sender.instance)
                    let place = Place(
                        network: network.nameOfPath, far: far ?? HostDefinition.here)
                    let near = sender.host ?? HostDefinition.here
                    if senders[place] == nil { places.append(place) }
                    if senders[place]?.contains(near) != true {
                        senders[place, default: []].append(near)
                    }
                }
            }
        }
        guard !places.isEmpty else { return nil }
        let value = Self.value(plan, places.map { ($0, senders[$0] ?? []) })
        guard let text = try? value.text(.pretty) else { return nil }
        self.plan = try PlanReader.read(Array(text.utf8), path: "knock")
    }

    /// The far end of a pair of hosts, and the way to it.
    private struct Place: Hashable {
        let network: String
        let far: String
    }

    private static func value(_ plan: Plan, _ places: [(Place, [String])]) -> JSONValue {
        let networks = Set(places.map(\.0.network))
        func responder(_ number: Int) -> JSONMember {
            JSONMember(
                key: "far-\(number)",
                value: object([
                    ("behaviour", .string("echo")),
                    (
                        "host",
                        places[number].0.far == HostDefinition.here
                            ? nil : .string(places[number].0.far)
                    ),
                ]))
        }
        func scenario(_ number: Int) -> JSONValue {
            object([
                ("name", .string("\(number)")),
                ("networks", .array([.string(places[number].0.network)])),
                ("responder", .string("far-\(number)")), ("timeout", .string("1s")),
                ("tolerance", .string("100%")), ("senders", .array([sender(places[number].1)])),
            ])
        }
        return object([
            ("plan", .integer(1)), ("name", .string("knock")),
            ("hosts", .object(plan.hosts.map(member))),
            ("networks", plan.effective.value["networks"]?.members(networks)),
            ("responders", .object(places.indices.map(responder))),
            ("scenarios", .array(places.indices.map(scenario))),
        ])
    }

    private static func sender(_ hosts: [String]) -> JSONValue {
        let names = hosts.map { JSONValue.string($0) }
        let host: JSONValue? =
            hosts.count > 1 ? .array(names) : hosts == [HostDefinition.here] ? nil : names.first
        return object([
            ("name", .string("knock")), ("host", host), ("rate", .string("20pps")),
            ("payload", .string("64B")), ("count", .integer(probes)),
        ])
    }

    private static func member(_ host: HostDefinition) -> JSONMember {
        JSONMember(
            key: host.name,
            value: object([
                ("launch", .array(host.launch.map { .string($0) })),
                ("udplab", .string(host.program)),
                ("ports", host.ports.map { .string("\($0.lowerBound)-\($0.upperBound)") }),
                ("consent", .bool(host.consent)),
            ]))
    }

    /// Returns an object without the keys that have no value.
    private static func object(_ members: [(String, JSONValue?)]) -> JSONValue {
        .object(members.compactMap { key, value in value.map { JSONMember(key: key, value: $0) } })
    }
}

extension JSONValue {
    /// Returns an object with the members of these keys alone.
    fileprivate func members(_ keys: Set<String>) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { keys.contains($0.key) })
    }
}
