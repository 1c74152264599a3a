import JSON

@testable import Plans

/// The reader of plans.
enum PlanTarget {
    static func test(_ octets: [UInt8], _ findings: Findings) {
        do throws(PlanError) {
            let plan = try PlanReader.read(octets, path: path)
            findings.require(!plan.scenarios.isEmpty, "a plan without a scenario")
            checkEffective(plan, findings)
        } catch {
            check(error, octets, findings)
        }
    }

    static let path = "plan.json"

    /// The plan as it runs is a plan that runs the same, and is written the same.
    private static func checkEffective(_ plan: Plan, _ findings: Findings) {
        guard
            let again = try? PlanReader.read(Array(plan.effective.text.utf8), path: path)
        else {
            return findings.require(false, "the effective plan is none: \(plan.effective.text)")
        }
        findings.require(again.scenarios == plan.scenarios, "other scenarios")
        findings.require(again.effective == plan.effective, "written in another way")
    }

    /// Every problem has its place in the file and a path of keys; a trace that a plan names is a
    /// file of its own.
    static func check(_ error: PlanError, _ octets: [UInt8], _ findings: Findings) {
        guard case .invalid(let problems, let more) = error else { return }
        findings.require(!problems.isEmpty, "refused without a reason")
        findings.require(
            more >= 0 && problems.count <= PlanLimits.problemsMax, "\(problems.count) problems")
        let lines = octets.count { $0 == UInt8(ascii: "\n") } + 1
        for problem in problems {
            let (line, column) = (problem.line ?? 0, problem.column ?? 0)
            findings.require((1...lines).contains(line), "no such line: \(problem)")
            findings.require(
                (1...octets.count + 1).contains(column), "no such column: \(problem)")
            findings.require(problem.path.hasPrefix("$"), "no path: \(problem)")
            findings.require(!problem.message.isEmpty, "no message: \(problem)")
        }
    }
}
