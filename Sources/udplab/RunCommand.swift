import ArgumentParser
import Datagrams
import Exports
import Glibc
import JSON
import Lab
import Loops
import Plans
import Reports

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a plan and write its report.",
        discussion: """
            Examples:
              udplab run :quickstart
              udplab run plan.json --report result.json --quiet
              udplab run plan.json --json | jq .verdict
              udplab run plan.json --export junit=result.xml --export markdown=result.md
              udplab run plan.json --watch
              udplab run plan.json --log-datagrams events.csv
              udplab run plan.json --only voice/wifi --duration-scale 0.1
              udplab run plan.json --set scenarios.voice.senders.calls.rate=100pps
              udplab run plan.json --var HOST=10.0.0.7 --repeat 5

            Standard output has the report (--json; for a refused plan an object with \
            "errors") or its path; progress and the table go to \
            standard error. Ctrl-C stops in order and writes a partial report; a second Ctrl-C \
            ends at once.
            """)

    @Argument(
        help: """
            The plan: a JSON file (udplab init writes one), a name of udplab list, or - for \
            standard input.
            """,
        completion: .plan)
    var plan: String

    @OptionGroup(title: "Varying the plan")
    var varying: VariationOptions

    @Option(
        help: ArgumentHelp(
            "Write the report to this file instead of Reports/<plan>-<time>.json.",
            valueName: "file"), completion: .file())
    var report: String?

    @Flag(help: "Replace the files of the report, of exports and of the datagram log.")
    var force = false

    @Flag(help: "Print the report on standard output, and nothing else there.")
    var json = false

    @Flag(
        name: .shortAndLong,
        help: "No progress and no table; only the reasons of another verdict than pass, and errors."
    )
    var quiet = false

    @Flag(
        name: .shortAndLong,
        help: "Each run in detail, and diagnostics of the runner and all workers.")
    var verbose = false

    @Option(
        help: ArgumentHelp(
            "Log every datagram event of the senders, for audit.",
            discussion: """
                Columns flow,seq,event,time_ns,bytes. With several senders the flow is \
                SENDER.NUMBER, with several runs SCENARIO.NETWORK.REPEAT.SENDER.NUMBER. \
                Costs speed.
                """, valueName: "file"), completion: .file())
    var logDatagrams: String?

    @Flag(
        help: ArgumentHelp(
            "Serve the page while the plan runs; its address is printed.",
            discussion: """
                On 127.0.0.1 at a free port, below a random token. It closes with the run; the \
                finished page stays in the browser. From another machine: \
                ssh -L PORT:127.0.0.1:PORT HOST.
                """))
    var watch = false

    @Option(
        help: ArgumentHelp(
            "Save a report of a plan that is still running every so often; 0s for never.",
            discussion: """
                Beside the report, as NAME.partial.json, and removed when the report is written. Its \
                verdict is incomplete.
                """, valueName: "duration"))
    var saveEvery = "10min"

    @OptionGroup(title: "For builds and other tools")
    var exports: ExportOptions

    @OptionGroup(title: "Socket settings (override the plan)")
    var knobs: KnobOptions

    func run() async throws { try await execute() }

    /// Runs the plan and exits.
    /// - Parameter searches: Whether only scenarios with a search run.
    func execute(onlySearches searches: Bool = false) async throws {
        let status: ExitStatus
        do {
            status = try await conduct(searches)
        } catch {
            // A plan's errors are printed without a prefix, as those of a compiler.
            Console.say(error is PlanError ? "\(error)" : "udplab: \(error)")
            status = Self.status(of: error)
            if json { Console.result(RefusalObject.text(error, status)) }
            GitHubBuild.current(isWanted: exports.github)?.tell(error)
        }
        throw ExitCode(status.rawValue)
    }

    /// The maximum number of runs whose service's last lines are printed; the report has all of
    /// them.
    private static let lastWordsShown = 3

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is PlanError: .planError
        case let error as ReportFileError: error.exitStatus
        case is ExportError: .usage
        case is StartError, is SystemFailure: .inconclusive
        default: .internalFault
        }
    }

    /// Runs the plan.
    /// - Throws: The reason why the plan cannot be begun.
    private func conduct(_ searches: Bool) async throws -> ExitStatus {
        var plan = try varying.load(self.plan)
        if searches { plan = try plan.onlySearches() }
        // Checked before any other descriptor is opened.
        try StartChecks.checkDescriptors(plan)
        let interruption = Interruption()
        try interruption.install()
        let start = StartChecks(of: plan)
        try start.passed()
        let destination =
            report.map { ReportDestination(file: $0, force: force) }
            ?? ReportDestination(plan: plan.name, started: .now())
        let saving = try Saving(plan, beside: destination, every: saveEvery, force: force)
        var paths = try checkedPaths(plan, destination)
        if let saving { try paths.write(saving.path, .report) }
        try checkForms(plan)
        let prepared = try destination.prepare()
        let exported = try exports.prepare(force: force, name: prepared.path, paths: &paths) {
            StoredDocument.report($0)
        }
        if let logDatagrams {
            try LogFile.begin(
                logDatagrams, header: DatagramLog.header, kind: .datagramLog, force: force)
        }
        var options = RunOptions()
        options.datagramLog = logDatagrams
        options.logger = ConsoleLogHandler.logger(isVerbose: verbose)
        for note in prepared.notes { options.logger.notice("\(note)") }
        options.knobs = knobs.overrides
        options.version = UDPLab.version
        for note in ConclusionNote.of(plan) where !quiet {
            Console.say("udplab: \(note.isWarning ? "warning: " : "")\(note.sentence)")
        }
        let watch = try watch ? PlanWatch(plan) : nil
        if let watch { Console.say("watch: \(watch.address)") }
        let live = LiveLine(plan, isTerminal: Console.errorIsTerminal, width: Console.width)
        let isQuiet = quiet
        let runner = Runner(
            plan: plan, start: start, options: options, interruption: interruption
        ) { event in
            if !isQuiet { live.show(event) }
            saving?.take(event)
            watch?.show(event)
        }
        let (report, failures) = try await runner.run()
        let end = Ending(isQuiet: quiet, isJSON: json).end(
            report, hiding: plan.hidden, file: prepared, exports: exported
        ) {
            ReportTable.render(
                $0, width: Console.width, color: Console.wantsColor, hasEachRun: verbose)
        }
        if end.path != nil { saving?.end() }
        GitHubBuild.current(isWanted: exports.github)?
            .tell(.report(end.document), named: destination.path)
        for failure in failures.prefix(Self.lastWordsShown) { sayLastWords(failure) }
        watch?.end(end.document, named: destination.path)
        return end.status
    }

    /// Checks that the report will have the forms that are asked for, as far as the plan tells.
    private func checkForms(_ plan: Plan) throws {
        let series = plan.scenarios.reduce(0) { $0 + $1.networks.count * $1.senders.count }
        for request in try exports.requests() {
            guard let obstacle = request.exporter.obstacle(series: series) else { continue }
            throw ExportError("--export \(request.exporter.name): \(obstacle)")
        }
    }

    /// Checks the paths.
    /// - Returns: The paths, to which those of exports are added.
    /// - Throws: If one of the files would replace another.
    private func checkedPaths(
        _ plan: Plan, _ report: ReportDestination
    ) throws(ReportFileError) -> NamedPaths {
        var paths = NamedPaths()
        if self.plan != PlanFile.standardInput { paths.read(self.plan, "the plan") }
        for base in plan.variation.bases { paths.read(base.path, "the plan's base") }
        for path in plan.filesRead { paths.read(path, "the file of delays \(path.shown)") }
        try paths.write(report.path, .report)
        if let logDatagrams { try paths.write(logDatagrams, .datagramLog) }
        return paths
    }

    /// Prints the last lines of output, which do not fit into the sentence of the reason.
    private func sayLastWords(_ failure: RunFailure) {
        guard failure.output.count > 1 else { return }
        Console.say("the last words of \(failure.worker ?? failure.identity.title):")
        for line in failure.output { Console.say("    \(TerminalText.harmless(line))") }
    }
}
