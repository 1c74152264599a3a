import Exports
import JSON
import Reports

/// What `compare` and `report` read of a report, and all that they make of it.
enum ReportTarget {
    static func test(_ octets: [UInt8], _ findings: Findings) {
        export(octets, findings)
        compare(octets, findings)
    }

    private static func export(_ octets: [UInt8], _ findings: Findings) {
        guard let stored = try? StoredDocument(path: "report.json", bytes: octets) else { return }
        var texts: [String] = []
        switch stored {
        case .report(let report):
            for hasEachRun in [false, true] {
                texts.append(ReportTable.render(report, width: 60, hasEachRun: hasEachRun))
            }
            texts += Annotations.commands(for: report, file: report.plan.path, lines: nil)
        case .scoreCard(let card):
            texts.append(ScoreTable.render(card))
            texts += Annotations.commands(for: card)
        }
        for exporter in Exporters.all {
            let document = ExportedDocument(name: "report.json", stored)
            guard let text = try? Exporters.text(of: [document], as: exporter) else { continue }
            texts.append(text)
        }
        for text in texts {
            findings.require(
                text.unicodeScalars.allSatisfy {
                    "\n\r".unicodeScalars.contains($0) || ShownText.isShown($0)
                },
                "shows what a terminal obeys")
        }
    }

    private static func compare(_ octets: [UInt8], _ findings: Findings) {
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
