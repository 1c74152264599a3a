import Foundation
import Harness
import Reports
import Testing

@testable import Pictures

/// The pages that ship as examples are those of the samples beside them.
///
/// `UDPLAB_RECORD=1` writes them.
@Suite("The sample pages")
struct SamplePageTests {
    @Test func thePageIsThatOfTheSampleReport() throws {
        let report = try Report(text: TemporaryDirectory.read(Self.path("sample-run.json")))
        let page = ReportPage(reports: [report], names: ["sample-run.json"]).html()
        try expect(page, "sample-run.html")
    }

    private static func path(_ name: String) -> String { "\(Program.root)/Reports/\(name)" }

    private func expect(_ page: String, _ name: String) throws {
        let path = Self.path(name)
        guard (try? TemporaryDirectory.read(path)) != Array(page.utf8) else { return }
        guard ProcessInfo.processInfo.environment["UDPLAB_RECORD"] != nil else {
            Issue.record("\(name) is not the sample's page; UDPLAB_RECORD=1 writes it")
            return
        }
        try page.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
