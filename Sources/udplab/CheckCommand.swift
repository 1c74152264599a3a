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

            Prints every error of every file as FILE:LINE:COLUMN: $.path: message, and the resources \
            that each plan needs. Exit code 104 if one is invalid, 75 if all are valid and \
            `run` would refuse one on this host, or could not run it now: a name that \
            does not resolve, a missing consent, a payload above the network's "mtu", a port \
            in use, a missing command. Of several files those named *.schema.json are \
            not plans, and are skipped.
            """)

    @Argument(help: "The plans.", completion: .file())
    var plans: [String]

    func run() throws {
        var status = ExitStatus.passed
        for path in plans {
            if plans.count > 1, path.hasSuffix(".schema.json") {
                Console.say("\(path.shown): a schema, passed over")
                continue
            }
            do throws(PlanError) {
                let plan = try PlanFile.load(path)
                if !describe(plan, path), status == .passed { status = .inconclusive }
            } catch {
                Console.say("\(error)")
                status = .planError
            }
        }
        throw ExitCode(status.rawValue)
    }

    private static func memory(_ bytes: Int) -> String {
        bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(UnitText.count(bytes >> 20)) MiB"
    }

    /// Returns each note once, however many scenarios use the network.
    private static func notes(_ plan: Plan) -> [String] {
        var notes: [String] = []
        for scenario in plan.scenarios {
            for network in scenario.networks {
                for note in ImpairmentNotes.sentences(scenario, on: network)
                where !notes.contains(note) { notes.append(note) }
            }
        }
        return notes
    }

    private func describe(_ plan: Plan, _ path: String) -> Bool {
        let budget = PlanBudget.of(plan)
        let runs = Runner.runs(of: plan).count
        let time = budget.runTimeNs.map { "about \(UnitText.time(ns: $0))" } ?? "unknown time"
        let datagrams =
            budget.datagrams.map { "\(UnitText.count($0)) datagram\($0 == 1 ? "" : "s")" }
            ?? (plan.scenarios.contains { $0.battery != nil }
                ? "as many datagrams as the trials take" : "as many datagrams as go")
        Console.result(
            "\(path.shown): valid: \(runs) run\(runs == 1 ? "" : "s"), \(time), "
                + "\(datagrams), \(Self.memory(budget.memoryBytes)) of windows, "
                + "up to \(Self.memory(budget.workerBytes)) in its workers, "
                + "\(budget.descriptorsNeeded) file descriptors, "
                + "a report of up to \(Self.memory(ReportBudget.of(plan).bytes))\n")
        for note in ConclusionNote.of(plan) {
            Console.say(
                "\(path.shown): \(note.isWarning ? "warning: " : "")\(note.sentence)")
        }
        for note in Self.notes(plan) { Console.say("\(path.shown): \(note)") }
        let start = StartChecks(of: plan)
        for note in start.fragmented { Console.say("\(path.shown): \(note)") }
        for (name, reason) in start.unavailable.sorted {
            Console.say("\(path.shown): network \"\(name)\" will be skipped: \(reason)")
        }
        let obstacles = start.obstacles + StartChecks.foreseen(plan)
        for obstacle in obstacles { Console.say("\(path.shown): \(obstacle)") }
        return obstacles.isEmpty
    }
}
