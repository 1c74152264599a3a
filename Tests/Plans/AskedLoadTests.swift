import JSON
import Testing

@testable import Plans
@testable import Reports

/// The keys of a plan that a comparison of reports knows.
@Suite struct AskedLoadTests {
    /// What a figure of the report shows, so that it is compared there: the name, the rate, the
    /// flows and the size.
    private static let shown = [
        "name", "rate", "rate_of", "total_rate", "flows", "payload",
    ]
    /// What makes no other load: how long it lasts, when it begins, what is checked of it.
    private static let noLoad = [
        "count", "duration", "start_after", "start_sequence", "title", "verify",
    ]

    @Test("every key of a sender is compared, or is known to make no other load")
    func senderKeys() {
        let keys = keys(of: "sender")
        let known = AskedLoad.loadKeys + AskedLoad.mannerKeys + Self.shown + Self.noLoad
        #expect(Set(known) == Set(keys))
        #expect(Set(AskedLoad.loadKeys).isDisjoint(with: AskedLoad.mannerKeys))
    }

    @Test("the keys of the answers are keys of a responder")
    func answerKeys() {
        #expect(Set(AskedLoad.answerKeys).isSubset(of: keys(of: "responder")))
    }

    private func keys(of definition: String) -> [String] {
        let schema = PlanSchema.json()
        guard case .object(let members)? = schema["$defs"]?[definition]?["properties"] else {
            Issue.record("the schema has no \(definition)")
            return []
        }
        return members.map(\.key)
    }
}
