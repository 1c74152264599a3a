import JSON

@testable import Plans

/// The reader of plans.
enum PlanTarget {
    static func test(_ octets: [UInt8], _ findings: Findings) {
        do throws(PlanError) {
            let plan = try PlanReader.read(octets, path: path)
            findings.require(!plan.scenarios.isEmpty, "a plan without a scenario")
        } catch {
            check(error, octets, findings)
        }
    }

    static let path = "plan.json"

    /// Every problem has its place in the file and a path of keys; a trace that a plan names is a
    /// file of its own.
    static func check(_ error: PlanError, _ octets: [UInt8], _ findings: Findings) {
        guard case .invalid(let problems, let more) = error else { return }
        findings.require(!problems.isEmpty, "refused without a reason")
        findings.require(
            more >= 0 && problems.count <= PlanLimits.problemsMax, "\(problems.count) problems")
        let lines = octets.count { $0 == UInt8(ascii: "\n") } + 1
        for problem in problems {
            findings.require((1...lines).contains(problem.line), "no such line: \(problem)")
            findings.require(
                (1...octets.count + 1).contains(problem.column), "no such column: \(problem)")
            findings.require(problem.path.hasPrefix("$"), "no path: \(problem)")
            findings.require(!problem.message.isEmpty, "no message: \(problem)")
        }
    }
}
