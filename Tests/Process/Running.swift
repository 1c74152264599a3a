import Glibc
import Harness
import JSON
import Testing

/// A plan, a directory and what `udplab run` made of them.
struct Trial {
    let directory: TemporaryDirectory
    let plan: PlanText

    init(_ plan: PlanText = PlanText()) throws {
        directory = try TemporaryDirectory()
        self.plan = plan
        try directory.write("plan.json", plan.text)
    }

    static let arguments = ["run", "plan.json", "--report", "report.json"]

    func run(
        _ more: String..., environment: [String: String?] = [:], launcher: [String] = [],
        redirect: String = ""
    ) async throws -> Execution.Ended {
        try await Execution.run(
            Self.arguments + more, in: directory, environment: environment, launcher: launcher,
            redirect: redirect)
    }

    /// Runs it, and calls `body` once every sender and responder does its work.
    func during(
        _ more: String..., environment: [String: String?] = [:], launcher: [String] = [],
        _ body: (Execution) async throws -> Void
    ) async throws -> Execution.Ended {
        try await Execution.during(
            Self.arguments + more, in: directory, environment: environment, launcher: launcher
        ) { execution in
            let senders = plan.senders.count
            let isMidRun = try await eventually(within: .seconds(30)) {
                execution.descendants.count { $0.hasThread(named: "sender") } == senders
            }
            try #require(isMidRun, "no senders: \(execution.errorsSoFar)")
            try await nap(.milliseconds(200))
            try await body(execution)
        }
    }

    func report() throws -> ReportReading { try ReportReading(directory) }

    /// The report of a run that ended with this code, with every ledger balanced.
    func report(
        _ code: Int32, _ more: String..., launcher: [String] = [], places: Int = 1,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> (ReportReading, Execution.Ended) {
        let ended = try await Execution.run(
            Self.arguments + more, in: directory, launcher: launcher, places: places)
        #expect(ended.code == code, "\(ended.all)", sourceLocation: location)
        try #require(directory.exists("report.json"), "\(ended.all)", sourceLocation: location)
        let report = try report()
        #expect(report.ledgerFaults == [], sourceLocation: location)
        return (report, ended)
    }
}

/// All of them are gone, sooner or later.
func expectGone(
    _ processes: [ProcessTable.Identity], at location: SourceLocation = #_sourceLocation
) async throws {
    let areGone = try await eventually { !processes.contains(where: \.isAlive) }
    let left = processes.filter(\.isAlive).map(\.description)
    #expect(areGone, "still there: \(left)", sourceLocation: location)
}
