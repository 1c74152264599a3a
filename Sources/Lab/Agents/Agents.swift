import Plans
import Workers

/// The agents of a plan, one per host, for as long as the plan runs.
struct Agents: Sendable {
    private let links: [String: AgentLink]

    static let none = Agents(links: [:])

    /// The number of launchers that may be on their way to a login.
    private static let launchesMost = 8
    /// The number of hosts with which the runner talks at a time.
    static let hostsMost = 64

    private init(links: [String: AgentLink]) { self.links = links }

    /// The links in the order of the hosts' names.
    var all: [AgentLink] { links.values.sorted { $0.name < $1.name } }

    /// Returns the link of a host; nil for the runner's own.
    subscript(_ host: String?) -> AgentLink? { host.flatMap { links[$0] } }

    /// The hosts as the layout of the next run needs them.
    func runHosts() -> RunHosts {
        RunHosts(
            links.mapValues { RunHosts.Host(clock: $0.clock, cpus: $0.hello?.cpus ?? 1) })
    }

    /// The longest time of a question to a host and back.
    var longestRoundTripNs: Int64 { all.map(\.longestRoundTripNs).max() ?? 0 }

    /// Runs `body` with an agent on each of the hosts, and leaves none behind.
    ///
    /// A few agents are launched at a time: an sshd refuses a part of ten and more that come at
    /// once (sshd_config(5), MaxStartups), and several hosts may be behind one.
    /// - Throws: If a host cannot be reached; what `body` throws.
    static func with<Result: Sendable>(
        _ definitions: [HostDefinition], version: String, on host: any ControlHost,
        stop: Interruption,
        _ body: (Agents) async throws -> Result
    ) async throws -> Result {
        guard !definitions.isEmpty else { return try await body(.none) }
        return try await withWorkers(on: host) { crew in
            let key = stop.watch(stop: {}, kill: { crew.killAll() })
            defer { stop.forget(key) }
            let opened = try await several(definitions, most: launchesMost) { definition in
                let link = AgentLink(definition, on: host)
                try await link.open(in: crew, version: version)
                return link
            }
            let links = Dictionary(
                opened.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            let agents = Agents(links: links)
            let result = try await body(agents)
            _ = try await several(agents.all, most: hostsMost) { await $0.close() }
            return result
        }
    }
}
