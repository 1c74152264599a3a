import ArgumentParser
import JSON
import Plans
import Reports

struct TrendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trend",
        abstract: "Show figures over several reports, oldest first.",
        discussion: """
            Examples:
              udplab trend nightly-*.json
              udplab trend main.json branch.json --metric rtt.p99 --metric loss.ratio
              udplab report nightly-*.json --format html --output trend.html

            A table for each stream and figure has a row per report: the runs that count, the \
            median, the least and the most, and whether the report differs from the one before. \
            Runs that are inconclusive, invalid or aborted do not count.

            Exit code 0: shown, whatever it says. 64: not a report, or a figure that there is \
            not. 75: a report of another format.
            """)

    @Argument(help: "The reports, oldest first.", completion: .reports)
    var reports: [String]

    @Option(
        help: ArgumentHelp(
            "A figure by its name in a threshold; may be given more than once. By default those "
                + "that are always compared.",
            valueName: "figure"), completion: .figure)
    var metric: [String] = []

    func validate() throws {
        guard reports.count > 1 else {
            throw ValidationError("a trend needs two reports or more")
        }
        _ = try figures()
    }

    func run() throws {
        let status: ExitStatus
        do {
            status = try show()
        } catch let error as ComparisonError {
            Console.say("udplab: \(error)")
            status = error.exitStatus
        }
        throw ExitCode(status.rawValue)
    }

    private func show() throws -> ExitStatus {
        var loaded: [(name: String, runs: [ComparedRun])] = []
        for (path, name) in zip(reports, DistinctNames.of(reports)) {
            guard case .report(let report) = try StoredDocument.load(path) else {
                throw ComparisonError.unreadable("\(path.shown): a score card has no figures")
            }
            loaded.append((name, report.runs.map(ComparedRun.init)))
        }
        let trends = try figures().flatMap { FigureTrend.all(of: $0, in: loaded) }
        guard !trends.isEmpty else {
            Console.say(
                "udplab: no stream has a figure in two of the reports; runs that are inconclusive, "
                    + "invalid or aborted do not count")
            return Console.passed
        }
        Console.result(
            TrendTable.render(
                trends, width: Console.outputWidth, color: Console.outputWantsColor))
        return Console.passed
    }

    private func figures() throws(ValidationError) -> [Figure] {
        guard !metric.isEmpty else {
            return ComparedFigure.all.compactMap { FigureCatalog.figure($0.name) }
        }
        var figures: [Figure] = []
        for name in metric {
            do throws(JSONComplaint) {
                figures.append(try Threshold.figure(named: name))
            } catch {
                throw ValidationError("--metric: \(error.message)")
            }
        }
        return figures
    }
}
