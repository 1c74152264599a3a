import Metrics
import Plans
import Reports

/// The other hosts of a plan, and the paths to them: asked, and tried with a few datagrams.
package struct HostExamination: Sendable {
    private let plan: Plan
    private let host: any ControlHost
    private let options: RunOptions
    private let interruption: Interruption

    package init(
        of plan: Plan, version: String, on host: any ControlHost = LinuxHost(),
        interruption: Interruption
    ) {
        self.plan = plan
        self.host = host
        var options = RunOptions()
        options.version = version
        self.options = options
        self.interruption = interruption
    }

    /// Returns a finding on each host of the plan, and if all of them answer, one on each way
    /// between two hosts.
    /// - Throws: If the plan may not send to its hosts.
    package func findings() async throws -> [Finding] {
        let hosts = try await several(plan.hosts, most: Self.hostsAtATime) { await finding(on: $0) }
        guard !hosts.contains(where: { $0.level == .limit }) else { return hosts }
        return hosts + (try await knocks())
    }

    /// Asks a host for its version.
    /// - Throws: If it cannot be reached, or has another build.
    package static func version(
        of definition: HostDefinition, version: String, on host: any ControlHost = LinuxHost(),
        interruption: Interruption
    ) async throws -> String {
        try await Agents.with([definition], version: version, on: host, stop: interruption) {
            $0.all.first?.hello?.version ?? version
        }
    }

    private static let hostsAtATime = 8

    // MARK: - Hosts

    private func finding(on definition: HostDefinition) async -> Finding {
        let name = "host \(definition.name)"
        let words = definition.launch.joined(separator: " ")
        do {
            let (report, lineNs) = try await Agents.with(
                [definition], version: options.version, on: host, stop: interruption
            ) { agents in
                (agents.all.first.map(OtherHostReport.init), agents.longestRoundTripNs)
            }
            guard let report else { return Finding(.limit, name, words, "It is gone.") }
            let clock = report.clock
            let offset = clock.offsetNs.map { UnitText.time(ns: abs($0)) } ?? "?"
            let side = clock.offsetNs ?? 0 < 0 ? "behind" : "ahead"
            return Finding(
                .ok, name,
                "udplab \(report.version ?? "?"), Linux \(report.kernel ?? "?"), "
                    + "\(report.cpus.map(String.init) ?? "?") processors",
                "A line there and back takes up to \(UnitText.time(ns: Int(lineNs))). Its clock is "
                    + "\(offset) \(side), known to \(UnitText.time(ns: clock.errorNs)). Its receive "
                    + "buffers have up to \(report.rmemMax.map { UnitText.count($0) } ?? "?") B.")
        } catch {
            return Finding(
                .limit, name, words, "\(error).",
                .command("udplab put \(plan.path) \(definition.name)", needsRoot: false))
        }
    }

    // MARK: - Ways

    private func knocks() async throws -> [Finding] {
        guard let knock = try KnockPlan(for: plan) else { return [] }
        let start = StartChecks(of: knock.plan)
        try start.passed()
        let runner = Runner(
            plan: knock.plan, start: start, options: options, interruption: interruption,
            host: host
        ) { _ in }
        let report = try await runner.run().report.document
        return zip(knock.plan.scenarios, report.runs).flatMap { scenario, run in
            findings(scenario, run, at: run.responder?.address ?? "?")
        }
    }

    private func findings(
        _ scenario: ScenarioDefinition, _ run: RunReport, at address: String
    ) -> [Finding] {
        let far = scenario.responder?.host ?? HostDefinition.here
        guard let stream = run.streams.first, let sender = scenario.senders.first else {
            let why = run.reasons.first ?? "nothing was sent"
            return [
                Finding(.limit, "way to \(far) on \(run.network)", address, "\(why).", .none(why))
            ]
        }
        let ledgers =
            stream.fleet.map { $0.hosts.map { ($0.host, $0.ledger) } }
            ?? [(sender.host ?? HostDefinition.here, stream.ledger)]
        return ledgers.map { near, ledger in
            let way = Way(network: run.network, near: near, far: far, address: address)
            return way.finding(
                ledger, ports: plan.hosts.first { $0.name == far }?.ports,
                launch: plan.hosts.first { $0.name == far }?.launch)
        }
    }
}

/// One way between two hosts, and what came of the datagrams that knocked on it.
struct Way {
    let network: String
    let near: String
    let far: String
    let address: String

    private var name: String { "\(network), \(near) to \(far)" }

    /// - Parameter ledger: Of the probes; nil if the near host was lost.
    func finding(
        _ ledger: Ledger?, ports: ClosedRange<Int>?, launch: [String]?
    ) -> Finding {
        guard let ledger, ledger.sent > 0 else {
            return Finding(
                .limit, name, address, "Nothing could be sent from \(near).",
                .none("the near host's own rules or routes refused it"))
        }
        let (sent, there, back) = (ledger.sent, ledger.responderReceived ?? 0, ledger.received)
        let value = "\(there) of \(sent) reached \(address), \(back) came back"
        guard there > 0 else {
            let open = ports.map { "UDP \($0.lowerBound)-\($0.upperBound)" } ?? "every UDP port"
            let over = launch.map { " over \($0.first ?? "")" } ?? ""
            return Finding(
                .limit, name, value,
                "\(far) answers\(over), and no datagram reached \(address): is \(open) open there, "
                    + "and between the two?",
                .none("a firewall's owner opens ports; \"ports\" of the host keeps them together"))
        }
        guard back > 0 else {
            return Finding(
                .limit, name, value,
                "The datagrams reached \(far), and no answer came back to \(near): does a firewall "
                    + "there let answers pass?",
                .none("a firewall's owner lets answers pass"))
        }
        guard back == sent else {
            return Finding(
                .note, name, value, "Some were lost: a run will say how many, and on which way.",
                .none("it is what a run is there to measure"))
        }
        return Finding(.ok, name, value, "Datagrams pass both ways.")
    }
}
