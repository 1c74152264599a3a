import JSON

/// The format of the report and of the score card as JSON Schema, draft 2020-12: every key is
/// required, and no other is allowed.
package enum ReportSchema {
    package static func json() -> JSONValue {
        json(of: ReportFormat.report, named: "report", format: Report.format)
    }

    /// Returns the schema of the document that `udplab resilience` writes.
    package static func scoreCard() -> JSONValue {
        json(of: ReportFormat.scoreCard, named: "resilience", format: ScoreCard.format)
    }

    private static func json(
        of document: ReportObject, named name: String, format: Int
    ) -> JSONValue {
        let objects = ReportFormat.objects(from: document)
        let definitions = objects.dropFirst().map { ($0.name, definition(of: $0)) }
        return .members(
            [
                ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
                ("$id", .string("urn:udplab:\(name):\(format)")),
                ("title", .string("udplab \(name), format \(format)")),
            ] + keywords(of: document) + [("$defs", .members(definitions))])
    }

    private static func definition(of object: ReportObject) -> JSONValue {
        .members(keywords(of: object))
    }

    private static func keywords(of object: ReportObject) -> [(String, JSONValue)] {
        [
            ("description", .string(object.meaning)),
            ("type", .string("object")),
            ("additionalProperties", .bool(false)),
            ("required", .array(object.fields.map { .string($0.key) })),
            ("properties", .members(object.fields.map { ($0.key, schema(of: $0)) })),
        ]
    }

    private static func schema(of field: ReportField) -> JSONValue {
        let description = ("description", JSONValue.string(description(of: field)))
        guard field.absence != nil || field.shape.isNumber else {
            return .members([description] + keywords(of: field.shape))
        }
        let alternatives = [keywords(of: field.shape), [("type", .string("null"))]]
        return .members([description, ("anyOf", .array(alternatives.map(JSONValue.members)))])
    }

    /// Returns a field's description: "Probes sent. Unit: ns. null: without arrivals. Source: RFC
    /// 7680 §2.4."
    private static func description(of field: ReportField) -> String {
        var sentences = [field.meaning]
        if let unit = field.unit { sentences.append("Unit: \(unit.rawValue).") }
        if let absence = field.absence { sentences.append("null: \(absence).") }
        if let source = field.source { sentences.append("Source: \(source).") }
        return sentences.joined(separator: " ")
    }

    private static func keywords(of shape: ReportShape) -> [(String, JSONValue)] {
        func type(_ name: String) -> (String, JSONValue) { ("type", .string(name)) }
        switch shape {
        case .integer(let minimum):
            return [type("integer")] + (minimum.map { [("minimum", .integer($0))] } ?? [])
        case .number(let minimum):
            return [type("number")] + (minimum.map { [("minimum", .integer(Int($0)))] } ?? [])
        case .boolean: return [type("boolean")]
        case .text: return [type("string")]
        case .time:
            let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"
            return [
                type("string"), ("format", .string("date-time")), ("pattern", .string(pattern)),
            ]
        case .word(let words): return [("enum", .array(words.map(JSONValue.string)))]
        case .constant(let value): return [("const", .integer(value))]
        case .object(let object): return [("$ref", .string("#/$defs/\(object.name)"))]
        case .list(let element):
            return [type("array"), ("items", .members(keywords(of: element)))]
        case .counts:
            let count = JSONValue.members(keywords(of: .integer(minimum: 0)))
            return [type("object"), ("additionalProperties", count)]
        case .free(let prefix):
            let names = JSONValue.members([("pattern", .string("^(.*\\.)?\(prefix)"))])
            return [type("object")] + (prefix.isEmpty ? [] : [("propertyNames", names)])
        }
    }
}

extension JSONValue {
    fileprivate static func members(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { JSONMember(key: $0.0, value: $0.1) })
    }
}
