import ArgumentParser
import JSON
import Plans
import Reports

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare reports with the first of them.",
        discussion: """
            Examples:
              udplab compare before.json after.json
              udplab compare main.json branch.json --max-regression 'loss.ratio +0.1%, rtt.p99 +10%'
              udplab compare a.json b.json c.json --json | jq .pairs

            The unit is the run: each gives one value, and values are compared by an exact rank \
            test, corrected for all comparisons of the command. The verdict is better, worse, \
            same within X, or too few runs. Runs that are inconclusive, invalid or \
            aborted do not count; a report that is partial or invalid is not compared.

            A bound is FIGURE, + (it must not rise by more) or - (it must not fall by more), and \
            an allowance:
              rtt.p99 +10%                     a share of the baseline
              rtt.p99 +2ms                     in the figure's own unit, as in a threshold
              throughput.received_pps -5%      a fall of at most a twentieth
              ledger.forward_lost +10          a count
              loss.ratio +0.1%                 of a ratio: percentage points
            A bound holds if the runs rule out a change beyond it (95 %), fails if they rule out \
            a change within it, and is undecided otherwise, or with fewer than four runs of \
            each report. It is judged on every stream that has the figure.

            Exit code 0: compared, and every bound holds. 99: one does not. 75: one is undecided, \
            or a report is partial, invalid or of another format. 64: not a report, or \
            reports of different plans.
            """)

    @Argument(help: "The reports; the first is the baseline.", completion: .reports)
    var reports: [String]

    @Option(
        help: ArgumentHelp(
            "How much worse than the baseline figures may be; may be given more than once.",
            valueName: "bounds"))
    var maxRegression: [String] = []

    @Flag(help: "Compare the common streams of reports of different plans or loads.")
    var allowDifferentPlans = false

    @Flag(help: "Print the comparison as JSON on standard output, and nothing else there.")
    var json = false

    func validate() throws {
        guard reports.count > 1 else {
            throw ValidationError("a comparison needs two reports: a baseline, and another")
        }
        _ = try gates()
    }

    func run() throws {
        let gates = try self.gates()
        let judged: Judged<ComparisonDocument>
        do throws(ComparisonError) {
            judged = try compare(gates)
        } catch {
            Console.say("udplab: \(error)")
            if json { Console.result(RefusalObject.text(error, error.exitStatus)) }
            throw ExitCode(error.exitStatus.rawValue)
        }
        throw ExitCode(show(Sealed(judged)).rawValue)
    }

    private func compare(
        _ gates: [RegressionGate]
    ) throws(ComparisonError) -> Judged<ComparisonDocument> {
        var loaded: [ComparedReport] = []
        for path in reports { loaded.append(try ReportFile.load(path)) }
        return try ReportComparison(
            loaded, gates: gates, allowsDifferentPlans: allowDifferentPlans,
            version: UDPLab.version
        ).document()
    }

    /// Writes the comparison.
    /// - Returns: The exit status. Standard output is the only destination of a comparison: if it
    ///   cannot be written, there is no result.
    private func show(_ comparison: Sealed<ComparisonDocument>) -> ExitStatus {
        var comparison = comparison
        let text =
            json
            ? comparison.text
            : ComparisonTable.render(
                comparison.document, width: Console.outputWidth,
                color: Console.outputWantsColor)
        if let fault = Console.result(text) { comparison.add(Cause(.inconclusive, fault)) }
        if json, comparison.document.verdict != .pass {
            Console.say(comparison.document.verdictLines)
        }
        return comparison.exitStatus
    }

    private func gates() throws(ValidationError) -> [RegressionGate] {
        var gates: [RegressionGate] = []
        for text in maxRegression {
            do throws(JSONComplaint) {
                gates += try RegressionBound.list(text).map(RegressionGate.init)
            } catch {
                throw ValidationError("--max-regression: \(error.message)")
            }
        }
        return gates
    }
}

extension RegressionGate {
    fileprivate init(_ bound: RegressionBound) {
        let allowance: Allowance =
            switch bound.allowance {
            case .absolute(let value): .absolute(value)
            case .share(let share): .share(share)
            }
        self.init(
            text: bound.text, path: bound.figure.reportPath, isOnRise: bound.isOnRise,
            allowance: allowance)
    }
}
