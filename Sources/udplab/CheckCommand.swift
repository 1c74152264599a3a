import ArgumentParser
import JSON
import Lab
import Plans
import Reports

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check plans without sending anything.",
        discussion: """
            Examples:
              udplab check Scenarios/*.json
              udplab check plan.json --set scenarios.voice.repeat=5 --print

            Prints every error of every file as FILE:LINE:COLUMN: $.path: message, the resources \
            that each plan needs, and what `run` would refuse or warn of on this host: a missing \
            consent, a name that does not resolve, a payload above the network's "mtu", a port \
            in use, a missing command, too few repeats, a tolerance of 0 % with too few \
            processors, a report that cannot be written. Exit code 104 if a plan is invalid or has \
            an error of these, 0 with warnings alone. Of several files those named \
            *.schema.json are not plans, and are skipped.
            """)

    @Argument(help: "The plans; - is standard input.", completion: .plan)
    var plans: [String]

    @Flag(
        name: .customLong("print"),
        help: "Print the plan as it would run, with its bases, variables and options, as JSON.")
    var isPrinted = false

    @Flag(help: "Do not ask the name service: names are taken to resolve.")
    var offline = false

    @Flag(help: "Warnings are errors.")
    var strict = false

    @OptionGroup(title: "Varying the plan")
    var varying: VariationOptions

    func validate() throws {
        guard !isPrinted || plans.count == 1 else {
            throw ValidationError("--print prints one plan: name one")
        }
    }

    func run() throws {
        var status = ExitStatus.passed
        for path in plans {
            if plans.count > 1, path.hasSuffix(".schema.json") {
                Console.say("\(path.shown): a schema, passed over")
                continue
            }
            do {
                let plan = try varying.load(path)
                if isPrinted { Console.result(plan.effective.text) }
                if !describe(plan, path) { status = .planError }
            } catch let error as PlanError {
                Console.say("\(error)")
                status = .planError
            }
        }
        throw ExitCode(status.rawValue)
    }

    private static func memory(_ bytes: Int) -> String {
        bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(UnitText.count(bytes >> 20)) MiB"
    }

    /// Prints what a plan needs, and the findings about it.
    /// - Returns: Whether `run` would take it, and with --strict whether there is no warning.
    private func describe(_ plan: Plan, _ path: String) -> Bool {
        let budget = PlanBudget.of(plan)
        let runs = Runner.runs(of: plan).count
        let isMost = plan.scenarios.contains { $0.search != nil }
        let time =
            budget.runTimeNs.map { "\(isMost ? "up to" : "about") \(UnitText.time(ns: $0))" }
            ?? "unknown time"
        let datagrams =
            budget.datagrams.map { "\(UnitText.count($0)) datagram\($0 == 1 ? "" : "s")" }
            ?? (plan.scenarios.contains { $0.battery != nil || $0.search != nil }
                ? "as many datagrams as the trials take" : "as many datagrams as go")
        let findings = StartChecks(of: plan, resolvesNames: !offline).findings()
        let isGood = !findings.contains(where: isError)
        let line =
            "\(path.shown): \(isGood ? "valid" : "refused"): \(runs) run\(runs == 1 ? "" : "s"), \(time), "
            + "\(datagrams), \(Self.memory(budget.memoryBytes)) of windows, "
            + "up to \(Self.memory(budget.workerBytes)) in its workers, "
            + "\(budget.descriptorsNeeded) file descriptors, "
            + "a report of up to \(Self.memory(ReportBudget.of(plan).bytes))"
        if isPrinted { Console.say(line) } else { Console.result(line + "\n") }
        for finding in findings {
            let word =
                isError(finding) ? "error: " : finding.severity == .warning ? "warning: " : ""
            Console.say("\(path.shown): \(word)\(finding.sentence)")
        }
        return isGood
    }

    private func isError(_ finding: StartFinding) -> Bool {
        finding.severity == .error || strict && finding.severity == .warning
    }
}
