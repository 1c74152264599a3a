import JSON

/// The JSON Schema (draft 2020-12) of the plan, made from the tables that the reader uses.
///
/// The schema accepts every plan that the reader accepts, except where a word that decides which
/// keys are legal is a variable (`"kind": "${KIND}"`). It cannot express relations between
/// distant parts of a plan (a name that is referred to, names that are unique, the computed
/// budget), nor compare two numbers (threads and flows), nor forbid duplicate keys; it accepts
/// plans with such errors. Of a plan with a base it knows the keys only, because the rest may be in
/// the base.
package enum PlanSchema {
    package static func json() -> JSONValue {
        let whole = fillable(PlanShape.object.schema)
        guard case .object(let properties)? = whole["properties"] else { return .null }
        let keys = properties.map { property in
            let remarks = ["description", "default"].compactMap { key in
                property.value[key].map { JSONMember(key: key, value: $0) }
            }
            return JSONMember(key: property.key, value: .object(remarks))
        }
        let own = properties.filter { [PlanShape.extends.key, "plan"].contains($0.key) }
        return .schema([
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("A plan of udplab, format \(Plan.format)"),
            "type": .string("object"),
            "properties": .object(keys),
            "patternProperties": whole["patternProperties"] ?? .object([]),
            "additionalProperties": .bool(false),
            "if": .requiring(PlanShape.extends.key),
            "then": .schema(["properties": .object(own)]),
            "else": .schema([
                "required": whole["required"] ?? .array([]), "properties": .object(properties),
            ]),
            "$defs": fillable(definitions),
        ])
    }

    /// The schemas that others refer to by name.
    static let definitions = JSONValue.object(
        [
            JSONMember(key: "host", value: HostShape.object.schema),
            JSONMember(key: "request", value: RequestShape.definition),
            JSONMember(key: "network", value: NetworkShape.object.schema),
            JSONMember(key: "responder", value: ResponderShape.object.schema),
            JSONMember(key: "scenario", value: ScenarioShape.object.schema),
            JSONMember(key: "sender", value: SenderShape.object.schema),
        ] + DirectionShape.definitions)

    /// Returns a schema whose strings may have variables in them.
    private static func fillable(_ schema: JSONValue) -> JSONValue {
        switch schema {
        case .array(let schemas): return .array(schemas.map(fillable))
        case .object(let members):
            let inner = members.map { member in
                // The names of keys have no variables.
                member.key == "propertyNames"
                    ? member : JSONMember(key: member.key, value: fillable(member.value))
            }
            let remarks = ["title", "description", "default", "type"]
            let limits = inner.filter { !remarks.contains($0.key) }
            var isWords = false
            if case .array? = schema["enum"] { isWords = true }
            guard isWords || schema["type"] == .string("string"), !limits.isEmpty else {
                return .object(inner)
            }
            let variable = JSONValue.schema([
                "type": .string("string"), "pattern": .string("\\$\\{"),
            ])
            let options = JSONValue.array([.object(limits), variable])
            return .object(
                inner.filter { remarks.contains($0.key) }
                    + [JSONMember(key: "anyOf", value: options)])
        default: return schema
        }
    }
}
