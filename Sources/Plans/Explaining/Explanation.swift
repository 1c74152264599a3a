/// The explanation of a word: a key of a plan, or a field of a report.
package struct Explanation: Sendable, Equatable {
    /// The whole name: `rtt.p99`, `ledger.skipped`, `rate`.
    package let name: String
    /// The kind of thing, and its place: "figure of a stream", "key of a sender in a plan".
    package let kind: String
    package let meaning: String
    /// Further facts, each with its name: "unit", "null if", "defined by".
    package var facts: [Fact] = []
    /// The names of the fields inside, for an object of a report.
    package var parts: [String] = []

    package struct Fact: Sendable, Equatable {
        package let name: String
        package let text: String
    }

    mutating func add(_ name: String, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        facts.append(Fact(name: name, text: text))
    }
}
