import Load
import Plans
import Reports

/// The launches of a plan, and the load of each other host.
enum HostLoads {
    /// The load of a host in the run that asks most of it.
    private struct Work {
        var workers = 0
        var sentPps = 0.0
        var answeredPps = 0.0
        var isAtMax = false
        var isTried = false

        mutating func take(_ other: Work) {
            workers = max(workers, other.workers)
            sentPps = max(sentPps, other.sentPps)
            answeredPps = max(answeredPps, other.answeredPps)
            isAtMax = isAtMax || other.isAtMax
            isTried = isTried || other.isTried
        }
    }

    /// Returns a sentence on each host that the plan needs.
    static func sentences(of plan: Plan) -> [String] {
        plan.hosts.compactMap { host in
            var most = Work()
            for scenario in plan.scenarios {
                for network in scenario.networks where network.hostPath != nil {
                    most.take(work(of: host.name, in: scenario.placed(on: network)))
                }
            }
            guard most.workers > 0 else { return nil }
            let words = (host.launch + [host.program, "agent"]).joined(separator: " ")
            let load = [
                most.isTried ? "is asked by the trials of a battery" : nil,
                most.sentPps > 0 ? "sends \(rate(most.sentPps))" : nil,
                most.answeredPps > 0 ? "is sent \(rate(most.answeredPps))" : nil,
                most.isAtMax ? "carries a load at \"max\"" : nil,
            ].compactMap(\.self)
            return
                "host \"\(host.name)\" is reached by \"\(words)\", has up to "
                + "\(most.workers) worker\(most.workers == 1 ? "" : "s") at a time, and "
                + load.joined(separator: " and ")
        }
    }

    private static func rate(_ pps: Double) -> String {
        UnitText.text(pps, unit: .packetsPerSecond)
    }

    private static func work(of host: String, in scenario: ScenarioDefinition) -> Work {
        var work = Work()
        let own = scenario.senders.filter { $0.host == host }
        let instances = (0..<(scenario.responder?.instances ?? 0)).filter {
            scenario.responder?.host(ofInstance: $0) == host
        }
        let answered =
            instances.isEmpty
            ? [] : scenario.senders.filter { $0.instance.map(instances.contains) ?? true }
        work.workers = own.count + instances.count
        work.isTried = scenario.battery != nil && !instances.isEmpty
        func pps(_ senders: [SenderDefinition]) -> Double {
            senders.reduce(0) { $0 + ($1.peakPps ?? 0) * Double($1.flows) }
        }
        work.sentPps = pps(own)
        work.answeredPps = pps(answered)
        work.isAtMax = (own + answered).contains { $0.ratePps == nil }
        return work
    }
}
