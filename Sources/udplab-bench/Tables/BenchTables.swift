import Reports

/// The tables of a report.
struct BenchTables {
    let report: BenchReport

    /// Returns the tables for a terminal.
    func terminal() -> String {
        ([about] + tables.map { $0.terminal() }).joined(separator: "\n")
    }

    /// Returns the tables for a document.
    func markdown() -> String {
        (tables.map { $0.markdown() } + [about]).joined(separator: "\n")
    }

    /// The machine, the kernel, the versions and the date, which are necessary to interpret the
    /// figures.
    private var about: String {
        let host = report.host
        let machine = [
            host.cpuModel ?? "an unknown processor", "\(host.cpusAllowed ?? 0) processors",
            host.isVirtualMachine == true ? "virtual" : nil, host.container,
            "Linux \(host.kernel ?? "unknown")",
            "load \(Wording.number(host.loadAverage)) at the start",
        ].compactMap { $0 }.joined(separator: ", ")
        let programs = report.programs.map { program in
            "\(program.name) \(program.version ?? "is not installed")"
        }
        let buffers =
            report.peerSocketBufferBytes.map { "\(UnitText.count($0)) B" }
            ?? "the kernel's default size"
        let medians = "Medians of \(report.rounds) rounds of \(report.seconds) s, interleaved."
        return """
            \(report.started): \(machine).
            \(programs.joined(separator: ", ")); socket buffers of \(buffers) for all that can.
            \(medians) "udplab / it" is the median of the ratios round by round (smallest–largest).

            """
    }

    private var tables: [TextTable] {
        report.comparisons.map(table) + (report.pacing.isEmpty ? [] : [pacing])
            + (report.relay.map { [table($0)] } ?? [])
            + (report.dns.map { [table($0)] } ?? [])
            + (report.memory.map { [table($0)] } ?? []) + [goals]
    }

    private func table(_ comparison: ComparisonReport) -> TextTable {
        var table = TextTable(
            title: comparison.title,
            heads: ["", "sent", "received", "loss", "CPU s/million", "udplab / it"])
        for leg in comparison.legs {
            table.rows.append([
                leg.name, UnitText.packetRate(leg.sentPps), UnitText.packetRate(leg.receivedPps),
                UnitText.ratio(leg.lossRatio), Wording.cpuSeconds(leg.cpuSecondsPerMillion),
                leg.name == comparison.legs.first?.name ? "" : Wording.ratio(leg.udplabRatio),
            ])
            if let note = Self.attribution(leg) { table.notes.append(note) }
            table.notes += Self.problems(leg.problems, of: leg.name)
        }
        return table
    }

    private static func attribution(_ leg: LegReport) -> String? {
        let accounts = leg.lossByAccount.sorted { $0.key < $1.key }
        guard !accounts.isEmpty else { return nil }
        let texts = accounts.map { "\($0.key) \(UnitText.count($0.value))" }
        return "\(leg.name) lost, over all rounds: " + texts.joined(separator: ", ")
    }

    private static func problems(_ problems: [String], of name: String) -> [String] {
        problems.map { "\(name), \(TerminalText.elided(TerminalText.harmless($0), to: 300))" }
    }

    private var pacing: TextTable {
        var table = TextTable(
            title: "pacing, one flow to an echo, 64 B",
            heads: ["rate", "median send error", "p99", "skipped", "skipped by a bare loop"])
        for figures in report.pacing {
            table.rows.append([
                UnitText.packetRate(Double(figures.ratePps)),
                UnitText.time(ns: figures.medianErrorNs),
                UnitText.time(ns: figures.medianP99Ns),
                UnitText.ratio(figures.medianSkippedRatio),
                UnitText.ratio(figures.medianBareSkippedRatio),
            ])
            table.notes += Self.problems(
                figures.problems, of: UnitText.packetRate(Double(figures.ratePps)))
        }
        return table
    }

    private func table(_ relay: RelayFigures) -> TextTable {
        func row(
            _ kind: RelayRun.Kind, _ pps: [Double?], _ ratio: PairedRatio?, _ p50Ns: [Int],
            _ p99Ns: [Int]
        ) -> [String] {
            [
                kind.rawValue, UnitText.packetRate(Sample.median(pps.compactMap { $0 })),
                kind == .raw ? "" : Wording.ratio(ratio),
                UnitText.time(ns: RelayFigures.median(p50Ns)),
                UnitText.time(ns: RelayFigures.median(p99Ns)),
            ]
        }
        return TextTable(
            title: "relay, one way, 64 B",
            heads: ["", "handed on", "relay / raw loop", "own delay p50", "p99"],
            rows: [
                row(.raw, relay.rawPps, nil, relay.rawDelayP50Ns, relay.rawDelayP99Ns),
                row(
                    .loss, relay.lossPps, relay.lossRatio, relay.ownDelayP50Ns,
                    relay.ownDelayP99Ns),
                row(.lossAndDelay, relay.lossAndDelayPps, relay.lossAndDelayRatio, [], []),
            ],
            notes: Self.problems(relay.problems, of: "relay"))
    }

    private func table(_ dns: DNSFigures) -> TextTable {
        func row(
            _ name: String, _ pps: [Double?], _ ratio: String, _ meanNs: [Double?],
            _ loss: [Double?]
        ) -> [String] {
            [
                name, UnitText.packetRate(Sample.median(pps.compactMap { $0 })), ratio,
                UnitText.time(ns: Sample.median(meanNs.compactMap { $0 })),
                UnitText.ratio(Sample.median(loss.compactMap { $0 })),
            ]
        }
        return TextTable(
            title: "DNS queries to dnsmasq, \(DNSRun.window) in flight",
            heads: [
                "", "answered", "udplab / it",
                "at 2k a second: mean latency, the tool's own included", "loss",
            ],
            rows: [
                row("udplab", dns.ownPps, "", dns.ownMeanNs, dns.ownLossRatio),
                row(
                    "dnsperf", dns.dnsperfPps, Wording.ratio(dns.ratio), dns.dnsperfMeanNs,
                    dns.dnsperfLossRatio),
            ],
            notes: Self.problems(dns.problems, of: "dns"))
    }

    private func table(_ memory: MemoryFigures) -> TextTable {
        TextTable(
            title: "memory of a sender, one way at the highest rate, 64 B",
            heads: ["datagrams", "largest resident set"],
            rows: [
                [UnitText.count(memory.fewerDatagrams), Self.bytes(memory.fewerBytes)],
                [UnitText.count(memory.moreDatagrams), Self.bytes(memory.moreBytes)],
            ],
            notes: Self.problems(memory.problems, of: "udplab"))
    }

    private static func bytes(_ bytes: Int?) -> String {
        guard let bytes else { return UnitText.none }
        return "\(UnitText.count((bytes + 512) / 1_024)) KiB"
    }

    private var goals: TextTable {
        var table = TextTable(
            title: "goals", heads: ["figure", "measured", "at least", "aim"])
        for goal in report.goals {
            table.rows.append([
                goal.figure, Wording.goal(goal.value, goal.unit),
                Wording.mark(goal.reached, Self.bound(goal, goal.atLeast)),
                Wording.mark(goal.aimed, Self.bound(goal, goal.aim)),
            ])
        }
        return table
    }

    private static func bound(_ goal: Goal, _ value: Double) -> String {
        (goal.better == .lower && value > 0 ? "≤ " : "") + Wording.goal(value, goal.unit)
    }
}
