import ArgumentParser
import Glibc
import JSON
import Lab
import Logging
import Plans
import Reports

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a plan and write its report.",
        discussion: """
            Examples:
              udplab run Scenarios/quickstart.json
              udplab run plan.json --report result.json --quiet
              udplab run plan.json --json | jq .verdict
              udplab run plan.json --log-datagrams events.csv

            Standard output has the report (--json; where the plan is refused an object with \
            "errors") or its path; progress and the table go to \
            standard error. Ctrl-C stops in order and writes what there is; a second Ctrl-C \
            ends at once.
            """)

    @Argument(help: "The plan, a JSON file (udplab schema prints its schema).", completion: .file())
    var plan: String

    @Option(
        help: ArgumentHelp(
            "Write the report to this file instead of Reports/<plan>-<time>.json.",
            valueName: "file"), completion: .file())
    var report: String?

    @Flag(help: "Replace the report's file if it exists.")
    var force = false

    @Flag(help: "Print the report on standard output, and nothing else there.")
    var json = false

    @Flag(
        name: .shortAndLong,
        help: "No progress and no table; only why it is no pass, and errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Diagnostics as well, of everything that takes part.")
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

    @OptionGroup(title: "Knobs (over what the plan says)")
    var knobs: KnobOptions

    func run() async throws {
        let status: ExitStatus
        do {
            status = try await conduct()
        } catch {
            // A plan's errors stand for themselves, as those of a compiler do.
            Console.say(error is PlanError ? "\(error)" : "udplab: \(error)")
            status = Self.status(of: error)
            if json { Console.result(RefusalObject.text(error, status)) }
        }
        throw ExitCode(status.rawValue)
    }

    private var logger: Logger {
        var logger = Logger(label: "udplab") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .notice
        return logger
    }

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is PlanError: .planError
        case let error as ReportFileError: error.exitStatus
        case is StartError: .inconclusive
        default: .internalFault
        }
    }

    /// - Throws: What keeps the plan from being begun.
    private func conduct() async throws -> ExitStatus {
        let plan = try PlanFile.load(self.plan)
        // Before anything else takes a descriptor.
        try StartChecks.check(plan)
        let interruption = Interruption()
        try interruption.install()
        let destination =
            report.map { ReportDestination(file: $0, force: force) }
            ?? ReportDestination(plan: plan.name, started: .now(), force: force)
        let prepared = try destination.prepare()
        var options = RunOptions()
        options.datagramLog = logDatagrams
        options.logger = logger
        for note in prepared.notes { options.logger.notice("\(note)") }
        options.knobs = knobs.overrides
        options.version = UDPLab.version
        let live = LiveLine(isTerminal: Console.errorIsTerminal, width: Console.width)
        let isQuiet = quiet
        let runner = Runner(plan: plan, options: options, interruption: interruption) { event in
            if !isQuiet { live.show(event) }
        }
        let (report, failure) = try await runner.run()
        return finish(report, failure, prepared)
    }

    private func finish(
        _ judged: Judged<Report>, _ failure: RunFailure?, _ prepared: consuming PreparedReport
    ) -> ExitStatus {
        var judged = judged
        let path = prepared.path
        var isWritten = true
        var text = ""
        do {
            text = try judged.document.text()
            try prepared.write(Array(text.utf8))
        } catch {
            isWritten = false
            judged.add(Cause(.inconclusive, "the report is not written: \(error)"))
        }
        let report = judged.document
        if quiet {
            if report.verdict != .pass { Console.say(report.verdictLines) }
        } else {
            Console.say(
                "\n"
                    + ReportTable.render(
                        report, width: Console.width, color: Console.wantsColor))
        }
        if json {
            Console.result(text)
            if isWritten, !quiet { Console.say("report: \(path)") }
        } else if isWritten {
            Console.result(path + "\n")
        }
        if let failure {
            // The reason is said; this is what cannot be said in a line.
            if failure.output.count > 1 {
                Console.say("the last words of \(failure.worker ?? failure.identity.title):")
                for line in failure.output { Console.say("    \(TerminalText.harmless(line))") }
            }
        }
        return judged.judgement.exitStatus
    }
}
