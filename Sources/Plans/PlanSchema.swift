import JSON

/// The JSON Schema (draft 2020-12) of the plan, made from the tables that the reader uses.
///
/// The schema accepts every plan that the reader accepts. It cannot express relations between
/// distant parts of a plan (a name that is referred to, names that are unique, the computed
/// budget), nor compare two numbers (threads and flows), nor forbid duplicate keys; it accepts
/// plans with such errors.
package enum PlanSchema {
    package static func json() -> JSONValue {
        guard case .object(let plan) = PlanShape.object.schema else { return .null }
        let head = [
            JSONMember(
                key: "$schema", value: .string("https://json-schema.org/draft/2020-12/schema")),
            JSONMember(key: "title", value: .string("A plan of udplab, format \(Plan.format)")),
        ]
        let definitions = [
            JSONMember(key: "network", value: NetworkShape.object.schema),
            JSONMember(key: "responder", value: ResponderShape.object.schema),
            JSONMember(key: "scenario", value: ScenarioShape.object.schema),
            JSONMember(key: "sender", value: SenderShape.object.schema),
        ]
        let all = JSONValue.object(definitions + DirectionShape.definitions)
        return .object(head + plan + [JSONMember(key: "$defs", value: all)])
    }
}
