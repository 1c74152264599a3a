import Harness
import JSON
import Metrics
import Reports
import Testing

@testable import Exports

@Suite("CSV and NDJSON")
struct TableFormTests {
    /// The records of RFC 4180.
    private func records(_ text: String) throws -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            var field = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let quote = rest.firstIndex(of: "\"") {
                    field += rest[..<quote]
                    rest = rest[rest.index(after: quote)...]
                    guard rest.first == "\"" else { break }
                    field += "\""
                    rest = rest.dropFirst()
                }
            } else {
                let plain = rest.prefix { $0 != "," && $0 != "\r\n" }
                field = String(plain)
                rest = rest[plain.endIndex...]
            }
            record.append(field)
            let separator = try #require(rest.first)
            #expect(separator == "," || separator == "\r\n", "after \(field)")
            if separator == "\r\n" {
                records.append(record)
                record = []
            }
            rest = rest.dropFirst()
        }
        return records
    }

    @Test("each stream has a row with the report's numbers below a title with the unit")
    func csv() throws {
        let report = try Exported.sample()
        let rows = try records(try Exported.text(report, as: "csv"))
        #expect(rows.count == 1 + report.runs.flatMap(\.streams).count)
        #expect(Set(rows.map(\.count)).count == 1)
        #expect(Set(rows[0]).count == rows[0].count, "each column has a name of its own")
        let stream = report.runs[1].streams[0]
        let p99 = try #require(rows[0].firstIndex(of: "rtt_ns.p99 [ns]"))
        #expect(rows[2][p99] == stream.rttNs?.p99.map { "\($0)" })
        let ratio = try #require(rows[0].firstIndex(of: "delivered.ratio [ratio]"))
        #expect(Double(rows[2][ratio]) == stream.delivered.ratio)
        let absent = try #require(rows[0].firstIndex(of: "one_way_ns.p99 [ns]"))
        #expect(rows[2][absent] == "", "what does not exist is empty and not 0")
    }

    @Test("hostile text stays a cell, and no formula")
    func hostileCSV() throws {
        let text = try Exported.text(Exported.hostileReport(), as: "csv")
        #expect(Exported.isHarmless(text))
        let rows = try records(text)
        #expect(Set(rows.map(\.count)).count == 1)
        #expect(rows[1][1] == "'" + Exported.hostile.shown)
        for start in ["=", "+", "-", "@"] {
            #expect(Escaping.csv("\(start)1").contains("'\(start)1"))
        }
    }

    @Test("trials of score cards are rows; reports and cards are not mixed")
    func cards() throws {
        let card = ExportedDocument(name: "c.json", .scoreCard(try Exported.card()))
        let rows = try records(try CSVExporter().text(of: [card]))
        #expect(rows.count == 1 + (try Exported.card().trials.count))
        #expect(Set(rows.map(\.count)).count == 1)
        let report = ExportedDocument(name: "r.json", .report(try Exported.sample()))
        #expect(throws: ExportError.self) { try CSVExporter().text(of: [report, card]) }
    }

    @Test("each run is a line of JSON that has all of it")
    func ndjson() throws {
        for report in [try Exported.sample(), try Exported.hostileReport()] {
            let text = try Exported.text(report, as: "ndjson")
            let lines = text.split(separator: "\n")
            #expect(lines.count == report.runs.count)
            #expect(Exported.isHarmless(text))
            for (line, run) in zip(lines, report.runs) {
                let value = try JSONValue.parse(Array(line.utf8), limits: .report)
                let read = try JSONCoding.decode(RunReport.self, from: try #require(value["run"]))
                #expect(read == run)
                #expect(value["plan"]?["name"] == .string(report.plan.name))
            }
        }
    }

    @Test("files with one name keep their folders")
    func names() {
        #expect(DistinctNames.of(["a/r.json", "b/r.json"]) == ["a/r.json", "b/r.json"])
        #expect(
            DistinctNames.of(["x/a/r.json", "y/a/r.json", "s.json"])
                == ["x/a/r.json", "y/a/r.json", "s.json"])
        #expect(DistinctNames.of(["a/r.json", "a/s.json"]) == ["r.json", "s.json"])
        #expect(DistinctNames.of(["r.json", "r.json"]) == ["r.json", "r.json (2)"])
        #expect(DistinctNames.of(["/", ""]) == ["/", ""])
        #expect(DistinctNames.of([]) == [])
    }
}
