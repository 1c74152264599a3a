import ArgumentParser
import Datagrams
import JSON
import Lab
import Plans
import Reports

extension ResilienceProfile: ExpressibleByArgument {}

struct ResilienceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resilience",
        abstract: "Test a UDP server and report what its author should change.",
        discussion: """
            Examples:
              udplab resilience --command 'python3 server.py' --address 127.0.0.1:7788
              udplab resilience --command './server --port {port}' --address 127.0.0.1:0
              udplab resilience --address 127.0.0.1:7788 --profile strict
              udplab resilience --address 127.0.0.1:5353 --request '{"dns": {"name": "a.test"}}'
              udplab resilience --list

            Trials: truncation, text and bytes, many sources, bursts, resets (ICMP port \
            unreachable), garbage, pauses, restarts and more. Each reports its actions, the \
            expected and the observed result. The score card goes to standard error, its JSON to \
            Reports/; the file's path, or with --json the card itself, to standard output. \
            Exit code 99 if a trial of the profile fails, 75 if the server could not be \
            tried.
            """)

    @Option(
        help: ArgumentHelp(
            "Start the server with this command, supervise it and end it.",
            discussion: """
                Split into words as by a shell, with quotes and backslashes, but without a \
                shell; {host} and {port} are replaced. Without it the server runs already, \
                and a datagram that would end it is not sent twice.
                """, valueName: "words"))
    var command: String?

    @Option(
        help: ArgumentHelp(
            "The server's address, HOST:PORT. With --command, port 0 picks a free one.",
            valueName: "host:port"))
    var address: String?

    @Option(
        help: ArgumentHelp(
            "Ask with this request of the server's own, and not as an echo server.",
            discussion: """
                As in a plan's sender: coap-ping, stun-binding, ntp, sip-options, or JSON such \
                as {"dns": {"name": "www.example.com"}} or {"text": "PING {seq}"}. Trials that \
                need an echo are not applicable then.
                """, valueName: "request"))
    var request: String?

    @Option(
        help: ArgumentHelp(
            "How an answer to --request is told: any, echo, or JSON such as "
                + "{\"prefix\": \"PONG {seq}\"}.", valueName: "rule"))
    var answer: String?

    @Option(
        help: ArgumentHelp(
            "What a right answer to --request looks like, as JSON: "
                + "[{\"at\": 3, \"mask\": \"0x0f\", \"equals\": \"0x00\"}].",
            valueName: "properties"))
    var valid: String?

    @Option(help: "Which trials run and have to pass: basic or strict.")
    var profile = ResilienceProfile.basic

    @Option(
        help: ArgumentHelp("Only this trial; may be repeated.", valueName: "trial"),
        completion: .list(TrialCatalog.entries.map(\.id)))
    var only: [String] = []

    @Flag(help: "List the trials and do nothing else.")
    var list = false

    @Option(help: ArgumentHelp("How long the soak lasts.", valueName: "time"))
    var soak = "30s"

    @Option(help: ArgumentHelp("How long the reset storm lasts.", valueName: "time"))
    var storm = "5s"

    @Option(
        help: ArgumentHelp(
            "The time limit for the server's first answer.", valueName: "time"))
    var readyTimeout = "30s"

    @Option(help: "Seed of the random datagrams.")
    var seed = 1

    @Flag(help: "The owner of an address outside this host has agreed to be tried.")
    var consent = false

    @Option(
        help: ArgumentHelp(
            "Write the score card to this file instead of Reports/resilience-<time>.json.",
            valueName: "file"), completion: .file())
    var report: String?

    @Flag(help: "Replace the report's file, and those of exports, if they exist.")
    var force = false

    @Flag(help: "Print the score card as JSON on standard output, and nothing else there.")
    var json = false

    @Flag(
        name: .shortAndLong,
        help: "No progress and no table; only the reasons of another verdict than pass.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Diagnostics as well, of the runner and all workers.")
    var verbose = false

    @OptionGroup(title: "For builds and other tools")
    var exports: ExportOptions

    func validate() throws {
        guard !list else { return }
        for request in try exports.requests() where !request.exporter.takesScoreCards {
            throw ValidationError("--export: a score card has no form as \(request.exporter.name)")
        }
        guard address != nil else {
            throw ValidationError("--address HOST:PORT says where the server answers")
        }
        do {
            _ = try checked()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func checked() throws(ResilienceRequestError) -> ResilienceRequest {
        try ResilienceRequest(
            command: command, address: address ?? "", consent: consent, profile: profile,
            only: only, seed: seed, soak: soak, storm: storm, readyTimeout: readyTimeout,
            request: self.request, answer: answer, valid: valid)
    }

    func run() async throws {
        if list {
            Console.result(json ? try Self.listingObject.text(.pretty) : Self.listing)
            return
        }
        let status: ExitStatus
        do {
            status = try await conduct()
        } catch {
            Console.say("udplab: \(error)")
            status =
                switch error {
                case let error as ReportFileError: error.exitStatus
                case is StartError, is SystemFailure: .inconclusive
                default: .internalFault
                }
            if json { Console.result(RefusalObject.text(error, status)) }
        }
        throw ExitCode(status.rawValue)
    }

    private static var listingObject: JSONValue {
        let trials = TrialCatalog.entries.map { entry in
            JSONValue.object([
                JSONMember(key: "id", value: .string(entry.id)),
                JSONMember(key: "profile", value: .string(entry.profile.rawValue)),
                JSONMember(key: "title", value: .string(entry.title)),
                JSONMember(key: "expected", value: .string(entry.expectation)),
            ])
        }
        return .object([JSONMember(key: "trials", value: .array(trials))])
    }

    private static var listing: String {
        let entries = TrialCatalog.entries
        let width = entries.map(\.id.count).max() ?? 0
        return entries.map { entry in
            let name = entry.id + String(repeating: " ", count: width - entry.id.count)
            let profile = entry.profile == .basic ? "basic " : "strict"
            return "\(name)  \(profile)  \(entry.title): \(entry.expectation)\n"
        }.joined()
    }

    private func conduct() async throws -> ExitStatus {
        let request = try checked()
        let target = try request.target()
        var options = request.options
        options.version = UDPLab.version
        options.logger = ConsoleLogHandler.logger(isVerbose: verbose)
        let interruption = Interruption()
        try interruption.install()
        let destination =
            report.map { ReportDestination(file: $0, force: force) }
            ?? ReportDestination(plan: "resilience", started: .now())
        var paths = NamedPaths()
        try paths.write(destination.path, .report)
        let prepared = try destination.prepare()
        let exported = try exports.prepare(force: force, name: prepared.path, paths: &paths) {
            StoredDocument.scoreCard($0)
        }
        for note in prepared.notes { options.logger.notice("\(note)") }
        let isQuiet = quiet
        let battery = ResilienceBattery(
            target: target, options: options, interruption: interruption
        ) { event in
            if !isQuiet { Self.show(event) }
        }
        let end = Ending(isQuiet: quiet, isJSON: json).end(
            try await battery.run(), file: prepared, exports: exported
        ) {
            ScoreTable.render($0, width: Console.width, color: Console.wantsColor)
        }
        GitHubBuild.current(isWanted: exports.github)?
            .tell(.scoreCard(end.document), named: destination.path)
        return end.status
    }

    private static func show(_ event: ResilienceEvent) {
        switch event {
        case .trialStarted(let id, let title, let number, let count):
            Console.say("[\(number)/\(count)] \(id): \(title)")
        case .trialFinished: break
        case .stopping(let signal):
            Console.say("stopping on \(signal); once more ends at once")
        }
    }
}
