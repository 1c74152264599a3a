import JSON

extension JSONValue {
    /// Returns an object with its keys in this order.
    static func schema(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { JSONMember(key: $0.key, value: $0.value) })
    }

    /// Returns the schema of an object that has `key`.
    static func requiring(_ key: String) -> JSONValue {
        .schema(["required": .array([.string(key)])])
    }

    /// Returns the schema of an object whose `key`, if present, is `word`.
    static func having(_ key: String, _ word: String) -> JSONValue {
        .schema(["properties": .schema([key: .schema(["const": .string(word)])])])
    }

    /// Returns the schema of a string that all of `patterns` match, and none of `forbidden`.
    static func text(
        matching patterns: [String], notMatching forbidden: [String] = [], title: String
    ) -> JSONValue {
        let legal = patterns.map { JSONValue.schema(["pattern": .string($0)]) }
        let illegal = forbidden.map { pattern in
            JSONValue.schema(["not": .schema(["pattern": .string(pattern)])])
        }
        return .schema([
            "title": .string(title), "type": .string("string"), "allOf": .array(legal + illegal),
        ])
    }
}
