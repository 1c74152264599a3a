import Harness
import Testing

@testable import Reports

@Suite("Documents that are read again")
struct StoredDocumentTests {
    private func load(_ text: String) throws(ComparisonError) -> StoredDocument {
        try StoredDocument(path: "r.json", bytes: Array(text.utf8))
    }

    @Test("a report and a score card are read back as they were written")
    func whole() throws {
        guard case .report(let report) = try load(Samples.full.sealed.text) else {
            Issue.record("no report")
            return
        }
        #expect(report.runs.count == Samples.full.runs.count)
        let card = Sealed(Judged(Samples.scoreCard, Judgement())).text
        guard case .scoreCard(let read) = try load(card) else {
            Issue.record("no score card")
            return
        }
        #expect(read.trials == Samples.scoreCard.trials)
    }

    @Test("L19 a document of another format is named with the program that wrote it")
    func l19() throws {
        let texts = [
            #"{ "report": 2, "tool": { "version": "9.0.0" } }"#,
            #"{ "resilience": 7, "tool": { "version": "9.0.0" } }"#,
        ]
        for text in texts {
            do {
                _ = try load(text)
                Issue.record("it was read")
            } catch {
                #expect(error.exitStatus == .inconclusive)
                #expect("\(error)".contains("of udplab 9.0.0"), "\(error)")
            }
        }
    }

    @Test(
        "what is no document of udplab is refused with its place",
        arguments: [
            "", "[]", "{}", #"{ "plan": 1, "scenarios": [] }"#, #"{ "report": "1" }"#,
            #"{"report": 1}"#,
        ])
    func others(text: String) {
        do {
            _ = try load(text)
            Issue.record("it was read")
        } catch {
            #expect(error.exitStatus == .usage)
            #expect("\(error)".hasPrefix("r.json:"), "\(error)")
        }
    }

    @Test("numbers that no run has are refused, and not calculated with")
    func numbers() throws {
        let text = Samples.report(
            runs: [Samples.run(streams: [Samples.stream(scheduled: 10, received: 10)])]).sealed.text
        let huge = text.replacing("\"skipped\": 0", with: "\"skipped\": 9223372036854775807")
        #expect(huge != text)
        #expect(throws: ComparisonError.self) { try load(huge) }
    }
}
