import ArgumentParser
import Datagrams
import JSON
import Lab
import Reports

/// The benchmark: the measurements, their order, and the file of the result.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Hold udplab against this machine's limit and against other tools.",
        discussion: """
            Examples:
              ./lab bench                                 everything, about ten minutes
              ./lab bench --only plain-echo-64 --rounds 9
              ./lab bench --markdown table.md --memory

            Side by side in one run, on loopback only: udplab with its full accounting, a loop \
            of the same system calls without any, and those of iperf3, sockperf and irtt that \
            are installed. The tables go to standard error, the path of the report to standard \
            output.
            """)

    @Option(help: "Rounds of every leg; a figure is the median of them.")
    var rounds = 5

    @Option(help: "Seconds of load in each round.")
    var seconds = 2

    @Option(
        help: ArgumentHelp("Measure only NAME; may be given again (see --list).", valueName: "name")
    )
    var only: [String] = []

    @Flag(help: "Print the names of what can be measured.")
    var list = false

    @Flag(help: "Also the memory of a sender after 10^6 and 10^8 datagrams: takes minutes.")
    var memory = false

    @Option(help: "Write the report to FILE instead of Reports/bench-<time>.json.")
    var report: String?

    @Option(help: "Write the tables to FILE as Markdown.")
    var markdown: String?

    func validate() throws {
        guard (1...1_000).contains(rounds) else { throw ValidationError("1 to 1000 rounds") }
        guard (1...3_600).contains(seconds) else { throw ValidationError("1 to 3600 seconds") }
    }

    func run() throws {
        let workspace = try Workspace()
        let udplab = UdplabProgram(workspace: workspace)
        let host = HostFacts.read()
        let peers = PeerPrograms.find(on: host)
        let comparisons = Comparison.all(udplab, peers)
        let names =
            comparisons.map(\.traffic.name)
            + [PacingRun.name, RelayRun.name, DNSRun.name, MemoryRun.name]
        if list { return names.forEach(OutputFile.result) }
        if let unknown = only.first(where: { !names.contains($0) }) {
            throw ValidationError("nothing is named \"\(unknown)\"; see --list")
        }
        let started = UTCTime.now()
        let prepared = try destination(started).prepare()
        let path = prepared.path
        var report = BenchReport(
            started: started, finished: started, rounds: rounds, seconds: seconds,
            host: host, programs: peers.programs,
            peerSocketBufferBytes: peers.socketBufferBytes)
        let interruption = Interruption()
        try interruption.install()
        measure(
            into: &report, comparisons, udplab, peers, workspace,
            Progress(interruption: interruption))
        if let signal = interruption.signalName {
            prepared.abandon()
            OutputFile.say("stopped by \(signal): there is no report")
            throw ExitCode(ExitStatus.stopped.rawValue)
        }
        report.finished = .now()
        report.goals = Goal.all(report)
        try prepared.write(Array((try JSONCoding.encode(report).text(.pretty)).utf8))
        let tables = BenchTables(report: report)
        OutputFile.say("\n" + tables.terminal())
        if let markdown { try OutputFile.write(tables.markdown(), to: markdown) }
        OutputFile.result(path)
        if report.hasOwnFailure { throw ExitCode(ExitStatus.internalFault.rawValue) }
    }

    private func destination(_ started: UTCTime) -> ReportDestination {
        report.map { ReportDestination(file: $0) }
            ?? ReportDestination(plan: "bench", started: started)
    }

    private func measure(
        into report: inout BenchReport, _ comparisons: [Comparison], _ udplab: UdplabProgram,
        _ peers: PeerPrograms, _ workspace: Workspace, _ progress: Progress
    ) {
        for comparison in comparisons where isWanted(comparison.traffic.name) {
            report.comparisons.append(
                comparison.measure(rounds: rounds, seconds: seconds, progress))
        }
        if isWanted(PacingRun.name) {
            report.pacing = PacingRun(program: udplab)
                .measure(rounds: rounds, seconds: seconds, progress)
        }
        if !progress.isStopped, isWanted(RelayRun.name) {
            report.relay = RelayRun(program: udplab)
                .measure(rounds: rounds, seconds: seconds, progress)
        }
        if !progress.isStopped, isWanted(DNSRun.name) {
            if peers.has("dnsperf"), peers.has("dnsmasq") {
                report.dns = DNSRun(program: udplab, workspace: workspace)
                    .measure(rounds: rounds, seconds: seconds, progress)
            } else {
                progress.say("dns: dnsperf or dnsmasq is not installed")
            }
        }
        if !progress.isStopped, memory || only.contains(MemoryRun.name) {
            report.memory = MemoryRun(program: udplab, isOffloaded: true).measure(progress)
        }
    }

    private func isWanted(_ name: String) -> Bool { only.isEmpty || only.contains(name) }
}
