import Glibc
import Harness
import Reports
import Synchronization
import Testing

@testable import Lab
@testable import Loops
@testable import Plans

/// The runner with its conductor, its gathering and its supervision, on a host without a kernel:
/// thousands of runs whose workers are killed, fall silent, answer late, write garbage or are
/// stopped at each step, in as many orders of events as there are seeds.
@Suite struct RunnerSimulationTests {
    private static let slices = 8

    @Test(
        "whatever befalls its workers, a run ends with a true report and leaves nobody behind",
        arguments: 0..<slices)
    func mishaps(slice: Int) throws {
        let seeds = Sweep.seeds(1_000, wide: 20_000) / Self.slices
        for seed in UInt64(slice * seeds)..<UInt64((slice + 1) * seeds) {
            let trial = try Trial(seed: seed)
            let problems = trial.problems()
            #expect(problems == [], "seed \(seed): \(trial)")
        }
    }

    @Test("a run without a mishap is judged as its datagrams are", arguments: PlanKind.allCases)
    func undisturbed(kind: PlanKind) throws {
        for seed in 0..<UInt64(5) {
            let trial = try Trial(seed: seed, kind: kind, mishaps: [:], stopAfter: nil)
            let problems = trial.problems()
            #expect(problems == [], "seed \(seed): \(trial)")
        }
    }

    @Test("a sender that says nothing any more has failed, also if its plan has no planned end")
    func mute() throws {
        for what in [Mishap.What.silent, .stopped] {
            let mishap = Mishap(step: .result, what: what, isStubborn: true)
            let trial = try Trial(seed: 1, kind: .floodSink, mishaps: [1: mishap], stopAfter: nil)
            #expect(trial.problems() == [])
            #expect(trial.course.hasPrefix("inconclusive"), "\(trial)")
        }
    }

    @Test(
        "over a line that takes half a second the timeline of another host is on time",
        arguments: 0..<5)
    func slowLine(seed: UInt64) throws {
        let truth = try #require(OutcomeTableTests.templates[.farKilled])
        let run = SimulatedRun(truth)
        // What a line takes under 10 % of loss.
        let delaysUs = 222_000...566_000
        let host = SimulatedHost(seed: seed) { number, specification in
            let seed = seed &+ UInt64(number)
            return specification.name.hasPrefix("agent of host")
                ? SimulatedAgent(
                    specification.name, mishap: nil, seed: seed, of: run, delaysUs: delaysUs)
                : SimulatedWorker(name: specification.name, mishap: nil, seed: seed, of: run)
        }
        let runner = Runner(
            plan: truth.plan,
            start: StartChecks(of: truth.plan, support: { NamespaceSupport(way: .root) }),
            options: RunOptions(), interruption: Interruption(), host: host, onEvent: { _ in })
        let outcome = host.run { () -> Result<Judged<Report>, any Error> in
            do { return .success(try await runner.run().report) } catch { return .failure(error) }
        }
        host.runToTheEnd()
        #expect(host.left == [])
        let report = try #require(outcome).get().document
        let events = report.runs.first?.timeline ?? []
        let kill = try #require(events.first { $0.event == "kill" }, "\(report.reasons)")
        // By the clock there, which is known to some milliseconds; sent at its time it would be
        // there 222 ms later at the earliest.
        #expect(abs(kill.atNs - 100_000_000) < 50_000_000, "\(kill)")
    }

    @Test("a seed has one order of events")
    func deterministic() throws {
        for seed in 0..<UInt64(20) {
            let (one, other) = (try Trial(seed: seed), try Trial(seed: seed))
            _ = (one.problems(), other.problems())
            #expect(one.course == other.course, "seed \(seed)")
        }
    }
}

/// One seeded run: its plan, the mishaps of its workers, and when a signal stops it.
private final class Trial: CustomStringConvertible {
    private let kind: PlanKind
    private let mishaps: [Int: Mishap]
    private let stopAfter: Duration?
    private let run: SimulatedRun
    private let truth: MadeUpRun
    private let host: SimulatedHost
    private let interruption = Interruption()
    private(set) var course = ""
    /// No run of two seconds takes longer, whatever its workers do: the sum of its deadlines.
    private static let longest = Duration.seconds(600)
    /// Whether the signal came before the report was made.
    private var isStopped = false

    convenience init(seed: UInt64) throws {
        var random = Harness.SeededGenerator(seed: seed)
        let kind = try #require(PlanKind.allCases.randomElement(using: &random))
        var mishaps: [Int: Mishap] = [:]
        for _ in 0..<[0, 1, 1, 1, 2][Int.random(in: 0..<5, using: &random)] {
            let worker = Int.random(in: 0..<5, using: &random)
            mishaps[worker] = Mishap.random(&random)
        }
        let isStopped = random.chance(0.25)
        let delay = Duration.microseconds(Int.random(in: 0...2_500_000, using: &random))
        try self.init(seed: seed, kind: kind, mishaps: mishaps, stopAfter: isStopped ? delay : nil)
    }

    init(seed: UInt64, kind: PlanKind, mishaps: [Int: Mishap], stopAfter: Duration?) throws {
        self.kind = kind
        self.mishaps = mishaps
        self.stopAfter = stopAfter
        var truth = try #require(OutcomeTableTests.templates[kind])
        var random = Harness.SeededGenerator(seed: ~seed)
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            // The kernel of a simulated host counts no drops, so none fall into a pause.
            let fates = Fate.allCases.filter { $0 != .outage }
            guard let fate = fates.randomElement(using: &random) else { continue }
            truth.say(Condition(.fate(fate), Int.random(in: 1...60, using: &random)))
        }
        let run = SimulatedRun(truth)
        self.run = run
        self.truth = truth
        host = SimulatedHost(seed: seed) { number, specification in
            if specification.name.hasPrefix("agent of host") {
                return SimulatedAgent(
                    specification.name, mishap: mishaps[number],
                    seed: seed &+ UInt64(number), of: run)
            }
            return SimulatedWorker(
                name: specification.name, mishap: mishaps[number], seed: seed &+ UInt64(number),
                of: run)
        }
    }

    var description: String {
        let struck = run.strikes.map { "\($0.worker): \($0.mishap)" }
        let stop = stopAfter.map { "SIGTERM after \($0)" } ?? "no signal"
        return "\(kind.rawValue), \(stop), \(struck): \(course)"
    }

    /// Runs it. Returns a sentence for each thing that does not hold.
    func problems() -> [String] {
        let startNs = host.nowNs()
        if let stopAfter {
            host.after(stopAfter) { [interruption] in interruption.receive(SIGTERM) }
        }
        guard let start = Self.starts[kind] else { return ["there is no plan"] }
        let runner = Runner(
            plan: truth.plan, start: start, options: RunOptions(), interruption: interruption,
            host: host, onEvent: { _ in })
        let outcome = host.run { () -> Result<(Judged<Report>, [RunFailure]), any Error> in
            do { return .success(try await runner.run()) } catch { return .failure(error) }
        }
        let took = Duration.nanoseconds(host.nowNs() - startNs)
        let left = host.left
        isStopped = interruption.isRequested
        host.runToTheEnd()
        let leftForEver = host.left
        if case .failure(let error as StartError)? = outcome,
            run.strikes.contains(where: { $0.worker == SimulatedAgent.name })
        {
            // A host that cannot be reached is a reason not to begin.
            course = "\(error)"
            return run.notes + (leftForEver.isEmpty ? [] : ["never reaped: \(leftForEver)"])
        }
        guard case .success((let judged, let failures))? = outcome else {
            return ["the run waits for ever, or threw: \(String(describing: outcome))"]
        }
        let report = judged.document
        course =
            "\(report.verdict) in \(took), \(host.started) workers: \(report.reasons) "
            + "\(failures.map(\.reason))"
        var problems = run.notes
        if !left.isEmpty { problems.append("left behind: \(left)") }
        if !leftForEver.isEmpty { problems.append("never reaped: \(leftForEver)") }
        if took > Self.longest { problems.append("it took \(took)") }
        return problems + Self.verdicts(judged, failures) + expectations(report, failures)
    }

    /// The causes make the verdict; a ledger that does not balance is invalid; the exit status is
    /// that of the verdict.
    private static func verdicts(
        _ judged: Judged<Report>, _ failures: [RunFailure]
    ) -> [String] {
        let report = judged.document
        var problems: [String] = []
        let causes = judged.judgement.causes.map(\.verdict)
        if report.verdict != causes.max() ?? .pass {
            problems.append("its causes are \(causes)")
        }
        for stream in report.runs.flatMap(\.streams)
        where !stream.ledger.imbalances().isEmpty && report.verdict < .invalid {
            problems.append("\(stream.ledger.imbalances())")
        }
        for failure in failures
        where report.verdict < (failure.owner == .subject ? .fail : .inconclusive) {
            problems.append("in spite of \(failure.reason)")
        }
        let isOwnFault = failures.contains { $0.owner == .udplab }
        let expected: Int32 =
            switch report.verdict {
            case .aborted: 105
            case _ where isOwnFault: 70
            case .pass: 0
            case .fail: 99
            case .inconclusive, .incomplete, .invalid: 75
            }
        let status = judged.judgement.exitStatus.rawValue
        if status != expected { problems.append("exits \(status), and not \(expected)") }
        return problems
    }

    /// What the mishaps that struck, and the signal, allow.
    private func expectations(_ report: Report, _ failures: [RunFailure]) -> [String] {
        if isStopped, report.verdict < .aborted {
            return ["a signal came, and it is no \(Verdict.aborted)"]
        }
        let fatal = run.strikes.filter { $0.isFatal(in: kind) }
        if !fatal.isEmpty, report.verdict == .pass { return ["it passed"] }
        guard run.strikes.isEmpty, !isStopped else { return [] }
        let expected = truth.judgedRun().document
        guard report.verdict == expected.verdict, failures.isEmpty else {
            return ["undisturbed, and not \(expected.verdict): \(expected.reasons)"]
        }
        return []
    }

    /// The checks of this host find nothing, for each kind of plan.
    private static let starts: [PlanKind: StartChecks] = {
        var support = NamespaceSupport(way: .root)
        support.hasTbf = true
        support.hasNetem = false
        support.hasRandomDrop = true
        var starts: [PlanKind: StartChecks] = [:]
        for (kind, run) in OutcomeTableTests.templates {
            starts[kind] = StartChecks(of: run.plan, support: { support })
        }
        return starts
    }()
}

extension SimulatedRun.Strike {
    /// Whether a worker that still owed something could not give it any more.
    fileprivate func isFatal(in kind: PlanKind) -> Bool {
        guard !isAfterResult else { return false }
        if worker == SimulatedAgent.name {
            // A sender needs no order to finish, and its host tells what it says.
            if case .deaf = mishap.what { return !kind.isFleet }
            return true
        }
        switch mishap.what {
        case .refused, .hangs, .ends, .exits, .halfLine, .failed: return true
        // The timeline may kill it before that is noticed, or resume it.
        case .closesOutput: return ![.killed, .killedCommand, .farKilled].contains(kind)
        case .stopped: return kind != .paused
        case .silent: return [.hello, .ready, .result].contains(mishap.step)
        case .says: return mishap.step != .start && mishap.step != .sending
        case .late, .deaf: return false
        }
    }
}
