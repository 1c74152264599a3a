import Glibc
import Harness
import JSON
import Reports
import Testing

/// Plans that nobody thought of: each is legal, runs, and its report contradicts nothing.
@Suite struct RandomPlanTests {
    private static let usual = 40
    private static let wide = 400
    /// Every third plan runs beside busy loops.
    private static let busyEvery: UInt64 = 3

    /// `UDPLAB_PLAN_SEEDS=FIRST..LAST` takes those instead, to look at one that failed.
    private static var seeds: [UInt64] {
        let asked = getenv("UDPLAB_PLAN_SEEDS").map { String(cString: $0) } ?? ""
        let ends = asked.split(separator: "..").compactMap { UInt64($0) }
        if let first = ends.first, let last = ends.last, first <= last {
            return Array(first...last)
        }
        return Array(1...UInt64(Sweep.seeds(usual, wide: wide)))
    }

    private static var facilities: RandomPlan.Facilities {
        var facilities = RandomPlan.Facilities()
        facilities.namespaces = Program.isRoot
        facilities.batteries = Sweep.isWide
        facilities.program = Program.path
        facilities.python = Program.python
        return facilities
    }

    @Test("T17 random legal plans run, and what they report contradicts nothing", arguments: seeds)
    func t17RandomPlan(seed: UInt64) async throws {
        let plan = RandomPlan(seed: seed, Self.facilities)
        let directory = try TemporaryDirectory()
        try directory.write("echo.py", RandomPlan.echoScript)
        let server = plan.network == .path ? try await PathServer(directory) : nil
        defer { withExtendedLifetime(server) {} }
        let text = plan.text.replacing(RandomPlan.targetMark, with: server?.address ?? "")
        try directory.write("plan.json", text)
        let isBusy = seed.isMultiple(of: Self.busyEvery)
        let arguments = ["run", "plan.json", "--report", "report.json"] + plan.options
        let check = try await Execution.run(["check", "plan.json"] + plan.options, in: directory)
        #expect(check.code == 0, "seed \(seed): \(check.all)\n\(plan.text)")
        let ended = try await Execution.during(arguments, in: directory) { execution in
            guard isBusy else { return }
            let loops = (0..<2).compactMap { _ in BusyLoop() }
            while execution.isRunning { try await nap(.milliseconds(20)) }
            _ = consume loops
        }
        var findings = Self.findings(plan, directory, ended)
        if ended.code == 70 || ended.code == nil {
            findings.append("it ended with \(ended.code ?? -1)")
        }
        guard !findings.isEmpty else { return }
        let kept = try Self.keep(plan, directory, ended)
        Issue.record("seed \(seed), kept in \(kept): \(findings)\n\(ended.errors)\n\(plan.text)")
    }

    private static func findings(
        _ plan: RandomPlan, _ directory: TemporaryDirectory, _ ended: Execution.Ended
    ) -> [String] {
        guard let report = try? ReportReading(directory) else { return ["there is no report"] }
        var findings = plan.isBattery ? [] : ReportJudge(report, of: plan).findings
        findings += ReportFormat.problems(in: report.json).map { "the format: \($0)" }
        let codes = ["pass": 0, "fail": 99, "inconclusive": 75, "incomplete": 75, "invalid": 75]
        let verdict = report.verdict ?? "none"
        if codes[verdict].map(Int32.init) != ended.code {
            findings.append("exit code \(ended.code ?? -1) of verdict \(verdict)")
        }
        let words = ended.errors.split(separator: "\n").filter { $0.hasPrefix("\(verdict):") }
        if words.isEmpty { findings.append("the terminal does not say \(verdict)") }
        return findings
    }

    /// Where the plan and its report stay for whoever looks at the failure.
    private static func keep(
        _ plan: RandomPlan, _ directory: TemporaryDirectory, _ ended: Execution.Ended
    ) throws -> String {
        let path = "/tmp/udplab-random-plan-\(plan.seed)"
        mkdir(path, 0o755)
        for name in ["plan.json", "report.json"] where directory.exists(name) {
            let bytes = try directory.read(name)
            let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            defer { close(file) }
            _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, bytes.count) }
        }
        return path
    }
}

/// A process that keeps a processor busy until nobody needs it any more.
private final class BusyLoop {
    private let execution: Execution

    init?() {
        guard let directory = try? TemporaryDirectory(),
            let execution = try? Execution(
                ["-c", "while :; do :; done"], program: "sh", in: directory)
        else { return nil }
        self.execution = execution
    }
}

/// A server at the end of a path: the program's own echo, as another user may have started it.
private final class PathServer {
    let address: String
    private let execution: Execution

    init(_ directory: TemporaryDirectory) async throws {
        let started = try Execution(["echo", "--port", "0"], in: directory)
        execution = started
        var found: String?
        _ = try await eventually(within: .seconds(60)) {
            let said = started.outputSoFar + started.errorsSoFar
            found = said.firstMatch(of: /127\.0\.0\.1:[0-9]+/).map { String($0.0) }
            return found != nil
        }
        guard let found else { throw HarnessError("no server: \(started.errorsSoFar)") }
        address = found
    }
}
