import JSON

/// A key of an object of the plan.
struct Field<Value: Sendable>: Sendable {
    let key: String
    /// The description for the schema, one sentence, which editors show.
    let purpose: String
    let shape: Shape<Value>
    let presence: JSONObjectReader.Presence
    /// The value of an absent key, and its text in a plan.
    let fallback: (value: Value, written: JSONValue)?

    static func required(
        _ key: String, _ shape: Shape<Value>, _ purpose: String
    ) -> Field {
        Field(key: key, purpose: purpose, shape: shape, presence: .required, fallback: nil)
    }

    static func optional(
        _ key: String, _ shape: Shape<Value>, _ purpose: String
    ) -> Field {
        Field(key: key, purpose: purpose, shape: shape, presence: .optional, fallback: nil)
    }

    static func optional(
        _ key: String, _ shape: Shape<Value>, _ purpose: String, absent value: Value,
        written: JSONValue
    ) -> Field {
        Field(
            key: key, purpose: purpose, shape: shape, presence: .optional,
            fallback: (value, written))
    }

    /// The field as the object's table keeps it: everything but the type.
    var declaration: FieldDeclaration {
        var members = [JSONMember(key: "description", value: .string(purpose))]
        if let fallback { members.append(JSONMember(key: "default", value: fallback.written)) }
        if case .object(let shape) = shape.schema { members += shape }
        return FieldDeclaration(
            key: key, presence: presence, example: shape.example, schema: .object(members))
    }
}

/// A field as seen by the schema and by the check for unknown and missing keys.
struct FieldDeclaration: Sendable {
    let key: String
    let presence: JSONObjectReader.Presence
    let example: String
    let schema: JSONValue
}

/// An object of the plan: its keys, the keys that later versions will know, and the relations
/// between keys.
struct ObjectShape: Sendable {
    /// The name with its article: "a sender".
    let name: String
    let fields: [FieldDeclaration]
    /// The keys of the format that this version does not support: they are refused, never ignored.
    var later: [String] = []
    var rules: [ObjectRule] = []

    /// Returns the object's keys as declared; nil, and a problem, if `node` is not an object.
    func values(of node: JSONNode, _ problems: JSONProblems) -> ObjectValues? {
        guard var reader = JSONObjectReader(node, problems: problems, expected: name) else {
            return nil
        }
        for field in fields {
            _ = reader.node(field.key, field.presence, example: field.example)
        }
        // Only keys that are present: no message should suggest an unsupported key.
        for key in later where reader.contains(key) { reader.notSupportedYet(key) }
        let extras = reader.finish()
        let values = ObjectValues(node: node, problems: problems, extras: extras)
        for rule in rules { rule.check(values) }
        return values
    }

    var schema: JSONValue {
        let required = fields.filter { $0.presence == .required }.map { JSONValue.string($0.key) }
        let properties = fields.map { JSONMember(key: $0.key, value: $0.schema) }
        var members = [
            JSONMember(key: "type", value: .string("object")),
            JSONMember(key: "required", value: .array(required)),
            JSONMember(key: "properties", value: .object(properties)),
            JSONMember(
                key: "patternProperties",
                value: .schema(["^\(JSONObjectReader.freeKeyPrefix)": .bool(true)])),
            JSONMember(key: "additionalProperties", value: .bool(false)),
        ]
        if !rules.isEmpty {
            members.append(JSONMember(key: "allOf", value: .array(rules.map(\.schema))))
        }
        return .object(members)
    }
}

/// The members of one object, to be read field by field.
struct ObjectValues {
    let node: JSONNode
    let problems: JSONProblems
    /// The `x-…` keys.
    let extras: [JSONMember]

    /// Returns the field's value, or the value of its absence; nil if the field is absent without
    /// such a value, or is wrong, which adds a problem.
    func callAsFunction<Value>(_ field: Field<Value>) -> Value? {
        guard let value = node[field.key] else { return field.fallback?.value }
        return field.shape.read(value, problems)
    }

    func has(_ key: String) -> Bool { node[key] != nil }

    /// Whether a key of the object looks like one of `keys`.
    func misspells(_ keys: [String]) -> Bool {
        guard case .object(let members) = node.content else { return false }
        return members.contains { NearestMatch.of($0.key, among: keys) != nil }
    }

    /// Adds a problem at the value of `key`, or at the object if it has no such key.
    func report(_ message: String, at key: String? = nil) {
        problems.add(message, at: key.flatMap { node[$0] } ?? node)
    }
}

/// A relation between keys of an object, checked and written into the schema.
struct ObjectRule: Sendable {
    let schema: JSONValue
    let check: @Sendable (ObjectValues) -> Void

    /// Requires one of two keys, and not both.
    static func exactlyOne(_ first: String, _ second: String, why: String) -> ObjectRule {
        exactlyOne(of: [first, second], why: why)
    }

    /// Requires one of several keys, and no second one.
    static func exactlyOne(of keys: [String], why: String) -> ObjectRule {
        ObjectRule(
            schema: .schema(["oneOf": .array(keys.map { .requiring($0) })])
        ) { object in
            let present = keys.filter(object.has)
            if present.count > 1 {
                object.report(
                    "\"\(present[0])\" and \"\(present[1])\" exclude each other: \(why)",
                    at: present[1])
            } else if present.isEmpty, !object.misspells(keys) {
                // A misspelt `duratoin` is one problem; the missing `duration` is not reported too.
                object.report("\(keys.quotedAlternatives) is missing: \(why)")
            }
        }
    }

    /// Allows a key only together with another key.
    static func onlyBeside(_ other: String, _ key: String, why: String) -> ObjectRule {
        ObjectRule(
            schema: .schema([
                "dependentRequired": .schema([key: .array([.string(other)])])
            ])
        ) { object in
            guard object.has(key), !object.has(other) else { return }
            object.report("\"\(key)\" goes with \"\(other)\" only: \(why)", at: key)
        }
    }

    /// Forbids a key together with another key.
    static func neverBeside(_ other: String, _ key: String, why: String) -> ObjectRule {
        ObjectRule(
            schema: .schema([
                "not": .schema(["required": .array([.string(other), .string(key)])])
            ])
        ) { object in
            guard object.has(key), object.has(other) else { return }
            object.report("\"\(key)\" does not go with \"\(other)\": \(why)", at: key)
        }
    }

    /// Allows a key only where `other` has the value `word`.
    static func onlyWhere(
        _ other: String, is word: String, _ key: String, why: String
    ) -> ObjectRule {
        ObjectRule(
            schema: .schema([
                "if": .requiring(key),
                "then": .having(other, word),
            ])
        ) { object in
            guard object.has(key), let value = object.node[other],
                value.value != .string(word)
            else { return }
            object.report("\"\(key)\" goes with \"\(other)\": \"\(word)\" only: \(why)", at: key)
        }
    }

    /// Forbids a key where `other` has the value `word`.
    static func neverWhere(
        _ other: String, is word: String, _ key: String, why: String
    ) -> ObjectRule {
        ObjectRule(
            schema: .schema([
                "if": .requiring(key),
                "then": .schema([
                    "properties": .schema([
                        other: .schema(["not": .schema(["const": .string(word)])])
                    ])
                ]),
            ])
        ) { object in
            guard object.has(key), object.node[other]?.value == .string(word) else { return }
            object.report(
                "\"\(key)\" does not go with \"\(other)\": \"\(word)\": \(why)", at: key)
        }
    }
}
