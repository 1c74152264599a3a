import JSON
import Testing

@testable import Reports

/// The report that ships as an example is what today's program would write.
@Suite("The sample report")
struct SampleReportTests {
    private func sample() throws -> JSONValue {
        let text = try TemporaryDirectory.read(RepositoryFiles.path("Reports/sample-run.json"))
        return try JSONValue.parse(Array(text.utf8), limits: .report)
    }

    @Test func itIsOfTheFormat() throws {
        #expect(ReportFormat.problems(in: try sample()) == [])
    }

    @Test func itsLedgersBalanceAndItIsReadAndWrittenUnchanged() throws {
        let value = try sample()
        let report = try JSONCoding.decode(Report.self, from: value)
        let ledgers = report.runs.flatMap(\.streams).map(\.ledger)
        #expect(!ledgers.isEmpty)
        #expect(ledgers.flatMap { $0.imbalances() } == [])
        #expect(try JSONCoding.encode(report) == value)
    }

    @Test func itNamesItsPlanByAPathOfTheRepository() throws {
        let report = try JSONCoding.decode(Report.self, from: try sample())
        #expect(report.plan.path == "Scenarios/quickstart.json")
    }
}
