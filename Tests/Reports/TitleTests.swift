import Harness
import JSON
import Metrics
import Testing

@testable import Reports

/// Titles in any language, in place of names.
@Suite struct TitleTests {
    private func report(_ titles: [PlanTitleReport]) -> Report {
        var report = Samples.full
        report.plan.titles = titles
        return report
    }

    private var run: RunReport { Samples.full.runs[0] }

    @Test(
        "Tables have titles, wide and dangerous ones too",
        arguments: ["Gespräche", "通话质量", "a\u{202E}b\u{1B}[2J"])
    func shown(title: String) throws {
        let titles = [
            PlanTitleReport(kind: .scenario, name: run.scenario, title: title),
            PlanTitleReport(kind: .network, name: run.network, title: "Netz"),
            PlanTitleReport(
                kind: .sender, scenario: run.scenario, name: run.streams[0].sender, title: "Strom"),
        ]
        let text = ReportTable.render(report(titles), width: 100)
        #expect(text.contains("\(TerminalText.harmless(title)) on Netz"), "\(text)")
        #expect(text.contains("Strom"), "\(text)")
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ShownText.isShown($0) }, "\(text)")
        // Right-aligned cells end in one column, counted as a terminal does.
        let plain = ReportTable.render(report([]), width: 100)
        #expect(plain.split(separator: "\n").count == text.split(separator: "\n").count)
    }

    @Test func programsReadNames() throws {
        let title = PlanTitleReport(kind: .scenario, name: run.scenario, title: "Gespräche")
        let sealed = Sealed(Judged(report([title]), Judgement()))
        #expect(sealed.document.runs[0].scenario == run.scenario)
        let value = try JSONValue.parse(Array(sealed.text.utf8), limits: .report)
        #expect(ReportFormat.problems(in: value) == [])
        #expect(sealed.document.showingTitles.runs[0].scenario == "Gespräche")
    }

    @Test func equalTitlesKeepTheirNames() {
        let titles = ["a", "b"].map {
            PlanTitleReport(kind: .network, name: $0, title: "Netz")
        }
        let shown = ShownTitles(titles, names: ["a", "b", "c"])
        #expect(shown.text(.network, "a") == "Netz (a)" && shown.text(.network, "b") == "Netz (b)")
        #expect(shown.text(.network, "c") == "c")
        let other = ShownTitles(
            [PlanTitleReport(kind: .network, name: "a", title: "c")], names: ["a", "c"])
        #expect(other.text(.network, "a") == "c (a)")
    }
}
