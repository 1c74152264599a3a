import JSON

/// The document that `udplab compare --json` prints. `ReportFormat.comparisonDocument` describes
/// its fields.
package struct ComparisonDocument: Codable, Sendable, Equatable {
    package static let format = 1

    package var comparison = ComparisonDocument.format
    package var tool: ToolReport
    package internal(set) var verdict: Verdict
    /// Sentences for the verdict, the deciding one first.
    package internal(set) var reasons: [String]
    /// Sentences without influence on the verdict: differences between the reports, and streams
    /// that only one of them has.
    package internal(set) var notices: [String]
    package var reports: [Source]
    package var pairs: [Pair]
    package var gates: [Gate]

    /// A report of the comparison; the first is the baseline.
    package struct Source: Codable, Sendable, Equatable {
        package var path: String
        package var plan: String
        package var sha256: String
        package var started: String
        package var verdict: Verdict
        package var runs: Int
        package var leftOut: Int
    }

    /// A network of the baseline and the same network of another report.
    package struct Pair: Codable, Sendable, Equatable {
        package var report: String
        package var network: String
        package var comparison: [ComparisonReport]
    }

    /// A bound on a stream.
    package struct Gate: Codable, Sendable, Equatable {
        package var report: String
        package var scenario: String
        package var network: String
        package var sender: String
        package var expression: String
        package var figure: String
        package var unit: String?
        package var a: SideReport
        package var b: SideReport
        /// Whether the bound holds; nil if it cannot be judged.
        package var passed: Bool?
        package var says: String
    }

    init(tool: ToolReport, reports: [Source], pairs: [Pair], gates: [Gate]) {
        self.tool = tool
        verdict = .pass
        reasons = []
        notices = []
        self.reports = reports
        self.pairs = pairs
        self.gates = gates
    }
}

extension ComparisonDocument: Judgeable {
    package mutating func state(_ judgement: Judgement) {
        verdict = judgement.verdict
        reasons = judgement.reasons
        notices = judgement.notices
    }
}
