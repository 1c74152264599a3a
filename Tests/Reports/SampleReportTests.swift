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

/// A report of format 1 as udplab wrote it before it had buckets, finer intervals and loss maps.
@Suite("A report of an earlier version")
struct EarlierReportTests {
    private func text() throws -> [UInt8] {
        let path = RepositoryFiles.path("Tests/Reports/Corpus/earlier-format-1.json")
        return Array(try TemporaryDirectory.read(path).utf8)
    }

    @Test("L19 a report without the later keys of its format is read, and they are null")
    func l19LaterKeysAreNull() throws {
        let report = try Report(text: try text())
        let streams = report.runs.flatMap(\.streams)
        #expect(!streams.isEmpty)
        for stream in streams {
            #expect(stream.lossMap == nil)
            #expect(stream.rttNs?.p50 != nil)
            #expect(stream.rttNs?.p75 == nil && stream.rttNs?.buckets == nil)
            #expect(!stream.intervals.isEmpty)
            for interval in stream.intervals {
                #expect(interval.lengthNs == nil && interval.heat == nil)
                #expect(interval.skipped == nil && interval.lostBy == nil)
            }
        }
    }

    @Test("L19 a report without the later keys of its format is compared")
    func l19Compared() throws {
        let report = try ComparedReport(path: "earlier.json", bytes: try text())
        #expect(report.runs.flatMap(\.streams).compactMap { $0.value(["rtt_ns", "p99"]) } != [])
    }
}
