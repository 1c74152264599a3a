import JSON
import Testing

@testable import Plans
@testable import Reports

/// The keys of a plan that a comparison of reports knows.
@Suite struct AskedLoadTests {
    /// The keys whose values a figure of the report shows, so that they are compared there.
    private static let shown = [
        "name", "rate", "rate_of", "total_rate", "flows", "payload", "answer", "window", "think",
    ]
    /// The keys that make no other load: how long it lasts, when it begins, what is checked of it.
    private static let noLoad = [
        "count", "duration", "start_after", "start_sequence", "title", "verify",
    ]

    @Test("every key of a sender is compared, or is known to make no other load")
    func senderKeys() {
        let compared = AskedLoad.loadKeys + AskedLoad.mannerKeys
        let known = compared.map(\.name) + Self.shown + Self.noLoad
        #expect(Set(known) == Set(properties(of: "sender").map(\.key)))
        // Each is in one list; a payload is compared as a size or as it is written.
        #expect(known.count == Set(known).count + 1)
    }

    @Test("a key that a plan leaves out has the value that the schema says")
    func defaults() {
        let lists = [
            ("sender", AskedLoad.loadKeys + AskedLoad.mannerKeys),
            ("responder", AskedLoad.answerKeys),
        ]
        for (definition, keys) in lists {
            let properties = properties(of: definition)
            for key in keys {
                let property = properties.first { $0.key == key.name }
                #expect(property != nil && property?.value["default"] == key.absent, "\(key.name)")
            }
        }
    }

    private func properties(of definition: String) -> [JSONMember] {
        let schema = PlanSchema.json()
        guard case .object(let members)? = schema["$defs"]?[definition]?["properties"] else {
            Issue.record("the schema has no \(definition)")
            return []
        }
        return members
    }
}
