import Reports
import Testing

@testable import Exports

@Suite("HTML")
struct HTMLTests {
    @Test func aReportIsAPage() throws {
        let exporter = try #require(Exporters.named("html"))
        let report = try Exported.sample()
        let page = try Exporters.text(
            of: [ExportedDocument(name: "<b>.json", .report(report))], as: exporter)
        #expect(page.hasPrefix("<!DOCTYPE html>"))
        #expect(page.contains("&lt;b&gt;.json") && !page.contains("<b>"))
    }

    @Test func aPageIsOfOneKindOfDocument() throws {
        let exporter = try #require(Exporters.named("html"))
        let card = ExportedDocument(name: "card", .scoreCard(try Exported.card()))
        let report = ExportedDocument(name: "report", .report(try Exported.sample()))
        #expect(throws: ExportError.self) { try exporter.text(of: [card, report]) }
        #expect(try exporter.text(of: [card]).contains("udplab resilience"))
    }
}
