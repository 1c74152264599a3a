import JSON
import Reports

/// What `compare` reads of a report, and all that it makes of it.
enum ReportTarget {
    static func test(_ octets: [UInt8], _ findings: Findings) {
        let report: ComparedReport
        do throws(ComparisonError) {
            report = try ComparedReport(path: "report.json", bytes: octets)
        } catch {
            findings.require("\(error)".contains("report.json"), "names no file: \(error)")
            return
        }
        do throws(any Error) {
            let gates = [
                RegressionGate(
                    text: "loss.ratio +0.1%", path: ["loss", "ratio"], isOnRise: true,
                    allowance: .absolute(0.001)),
                RegressionGate(
                    text: "rtt.p99 +10%", path: ["rtt_ns", "p99"], isOnRise: true,
                    allowance: .share(0.1)),
            ]
            let comparison = try ReportComparison(
                [report, report], gates: gates, allowsDifferentPlans: false, version: "0")
            let sealed = Sealed(comparison.document())
            findings.require(
                sealed.exitStatus != .failed, "a report is worse than itself: \(sealed.text)")
            _ = ComparisonTable.render(sealed.document, width: 80, color: false)
            let value = try JSONValue.parse(Array(sealed.text.utf8), limits: .report)
            findings.require(value["verdict"] != nil, "written without a verdict")
        } catch {
            findings.require(false, "cannot be compared with itself: \(error)")
        }
    }
}
