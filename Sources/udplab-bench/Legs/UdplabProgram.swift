import Datagrams
import Glibc
import JSON
import Reports

/// The udplab program with which the tools are compared: runs a plan and returns its report.
final class UdplabProgram {
    /// The exit codes with a report. A run limited by this host is a result here: the load is meant
    /// to reach the limit.
    private static let exitCodesWithReport = [0, 75, 99]

    private static let reports = BoundedFile(
        what: "a report", bytesMax: JSONLimits.report.documentBytesMax)

    let path: String
    private let workspace: Workspace

    /// Finds the program by UDPLAB_PROGRAM, as `./lab` sets it; else next to this program.
    init(workspace: Workspace) {
        self.workspace = workspace
        if let named = getenv("UDPLAB_PROGRAM"), named.pointee != 0 {
            path = String(cString: named)
        } else {
            path = Self.sibling
        }
    }

    private static var sibling: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:))
        let directory = own.lastIndex(of: UInt8(ascii: "/")).map { own[..<$0] } ?? []
        return String(decoding: directory, as: UTF8.self) + "/udplab"
    }

    /// Runs a plan.
    /// - Parameter seconds: The maximum duration of the plan.
    /// - Throws: If there is no report, or its accounts do not balance.
    func run(_ plan: BenchPlan, seconds: Int) throws -> RunReport {
        try run(text: try plan.json().text(.pretty), seconds: seconds)
    }

    /// Runs a plan by its text.
    func run(text: String, seconds: Int) throws -> RunReport {
        try workspace.write(text, to: "plan.json")
        let report = workspace.file("report.json")
        unlink(report)
        let child = try Child(
            [path, "run", workspace.file("plan.json"), "--report", report, "--quiet"])
        let ending = try child.waitForEnd(seconds: seconds)
        guard let code = ending.exitCode, Self.exitCodesWithReport.contains(code) else {
            throw BenchError("udplab failed\(child.lastWords)")
        }
        return try Self.onlyRun(in: Self.reports.bytes(of: report))
    }

    static func onlyRun(in report: [UInt8]) throws -> RunReport {
        let value = try JSONValue.parse(report, limits: .report)
        let report = try JSONCoding.decode(Report.self, from: value)
        guard report.verdict != .invalid, report.verdict != .aborted else {
            throw BenchError("udplab's run is \(report.verdictLines.lines.joined(separator: "; "))")
        }
        guard let run = report.runs.first, !run.streams.isEmpty else {
            throw BenchError(
                "udplab did not run: \(report.verdictLines.lines.joined(separator: "; "))")
        }
        return run
    }
}
