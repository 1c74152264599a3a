import Datagrams
import Glibc
import Plans
import Reports

/// A finding about a plan before its first run.
package struct StartFinding: Sendable, Equatable {
    package enum Severity: String, Sendable {
        /// A property of the plan that its author may not expect.
        case note
        /// A part that does not run, or whose verdict will say little.
        case warning
        /// A reason why `run` refuses the plan here, or why a run would fail at its start.
        case error
    }

    package let severity: Severity
    package let sentence: String

    init(_ severity: Severity, _ sentence: String) {
        self.severity = severity
        self.sentence = sentence
    }
}

extension StartChecks {
    /// Returns all findings about the plan on this host, the errors last.
    /// - Parameter cpus: The number of processors that the runs may use; nil if it is unknown.
    package func findings(cpus: Int? = HostFacts.read().cpusAllowed) -> [StartFinding] {
        let conclusions = ConclusionNote.of(plan).map {
            StartFinding($0.isWarning ? .warning : .note, $0.sentence)
        }
        let skipped = unavailable.sorted.map { name, reason in
            StartFinding(.warning, "network \"\(name)\" will be skipped: \(reason)")
        }
        return conclusions + HostLoads.sentences(of: plan).map { StartFinding(.note, $0) }
            + impairmentNotes.map { StartFinding(.note, $0) }
            + fragmented.map { StartFinding(.warning, $0) } + skipped
            + (crowded(cpus: cpus) + [Self.unwritable].compactMap(\.self)).map {
                StartFinding(.warning, $0)
            }
            + (obstacles + Self.foreseen(plan)).map { StartFinding(.error, $0) }
    }

    /// The reason why a report cannot have its usual place, as a sentence; nil if it can. Nothing
    /// is created.
    private static var unwritable: String? {
        let directory = ReportDestination.defaultDirectory
        var status = stat()
        let exists = stat(directory, &status) == 0
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        errno = exists && !isDirectory ? ENOTDIR : 0
        guard exists && !isDirectory || access(exists ? directory : ".", W_OK | X_OK) != 0 else {
            return nil
        }
        return
            "a report cannot be written to \(directory)/: \(SystemErrno(rawValue: errno)); let --report "
            + "of \"run\" name another place"
    }

    /// Each note once, however many scenarios use the network.
    private var impairmentNotes: [String] {
        var notes: [String] = []
        for scenario in plan.scenarios {
            for network in scenario.networks {
                for note in ImpairmentNotes.sentences(scenario, on: network)
                where !notes.contains(note) { notes.append(note) }
            }
        }
        return notes
    }

    /// Returns sentences on scenarios that tolerate nothing and have more busy threads than there
    /// are processors: one slot that passes meanwhile makes a run inconclusive.
    private func crowded(cpus: Int?) -> [String] {
        guard let cpus else { return [] }
        return plan.scenarios.compactMap { scenario in
            let threads = scenario.networks.map(scenario.dataThreads).max() ?? 0
            guard scenario.battery == nil, scenario.tolerance == 0, threads > cpus else {
                return nil
            }
            return
                "scenario \"\(scenario.name)\": a \"tolerance\" of 0 % with \(threads) busy threads on "
                + "\(cpus) processor\(cpus == 1 ? "" : "s"): a single slot that passes while a sender is "
                + "descheduled makes the run inconclusive; raise \"tolerance\""
        }
    }
}

extension ScenarioDefinition {
    /// Returns the number of threads that send, answer and relay at the same time.
    fileprivate func dataThreads(on network: NetworkDefinition) -> Int {
        let sending = senders.reduce(0) { $0 + $1.threads }
        guard network.usesResponder, let responder else { return sending }
        let isRelayed = if case .emulated = network.kind { true } else { false }
        return sending + responder.instances * (responder.own?.threads ?? 1) + (isRelayed ? 1 : 0)
    }
}
