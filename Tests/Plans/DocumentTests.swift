import JSON
import Testing

@testable import Plans

/// What the documents show of plans is what the reader takes.
@Suite struct DocumentTests {
    /// The blocks of README.md that are fenced as `json`.
    private func plans() throws -> [Substring] {
        let path = Corpus.scenarios + "/../README.md"
        let text = String(decoding: try Corpus.bytes(path), as: UTF8.self)
        return text.split(separator: "```json\n", omittingEmptySubsequences: false).dropFirst()
            .compactMap { $0.split(separator: "```", maxSplits: 1).first }
    }

    @Test func thePlanInTheReadmeIsLegal() throws {
        let plans = try plans()
        #expect(!plans.isEmpty)
        for plan in plans { _ = try read(String(plan)) }
    }
}
