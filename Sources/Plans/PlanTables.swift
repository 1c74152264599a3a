import JSON

/// Markdown tables of the keys of a plan, made from the shapes that the reader uses. The pages of
/// the documentation contain them.
package enum PlanTables: String, CaseIterable {
    case plan, scenario, sender, offload, network, impairments, forms, responder, policy, event

    package var markdown: String {
        switch self {
        case .plan: Self.table(of: PlanShape.object.fields)
        case .scenario: Self.table(of: ScenarioShape.object.fields)
        case .sender: Self.table(of: SenderShape.object.fields)
        case .offload: Self.table(of: OffloadShape.object.fields)
        case .network: Self.table(of: NetworkShape.ownFields)
        case .impairments: Self.table(of: DirectionShape.both)
        case .forms: Self.formsTable
        case .responder: Self.table(of: ResponderShape.object.fields)
        case .policy: Self.table(of: ResetShape.object.fields)
        case .event: Self.table(of: TimelineShape.object.fields)
        }
    }

    private static func table(of fields: [FieldDeclaration]) -> String {
        let rows = fields.map { field in
            row(field.key, field.schema, isRequired: field.presence == .required)
        }
        return PlanMarkdown.table([["key", "value", "default", "meaning"]] + rows)
    }

    private static func row(_ key: String, _ schema: JSONValue, isRequired: Bool) -> [String] {
        let fallback = schema["default"].flatMap { try? $0.text() }.map(PlanMarkdown.code)
        return [
            PlanMarkdown.code(key), PlanMarkdown.value(schema),
            isRequired ? "required" : fallback ?? "", schema["description"]?.schemaWord ?? "",
        ]
    }

    /// The table of every impairment's form as an object, with the word of its model if it has
    /// several.
    private static var formsTable: String {
        let lines = DirectionShape.definitions.flatMap { definition in
            let reference = JSONValue.string("#/$defs/\(definition.key)")
            let keys = DirectionShape.flags.filter { $0.schema["$ref"] == reference }.map(\.key)
            let name = keys.map(PlanMarkdown.code).joined(separator: ", ")
            return forms(of: definition.value).flatMap { rows(of: $0, name: name) }
        }
        return PlanMarkdown.table([["impairment", "key", "value", "default", "meaning"]] + lines)
    }

    /// Returns the objects that a schema allows.
    private static func forms(of schema: JSONValue) -> [JSONValue] {
        if schema["properties"] != nil { return [schema] }
        if let items = schema["items"] { return forms(of: items) }
        guard case .array(let options)? = schema["anyOf"] else { return [] }
        // A window of time may be alone or in an array: the same object.
        return options.flatMap(forms).reduce(into: []) { forms, form in
            if !forms.contains(form) { forms.append(form) }
        }
    }

    private static func rows(of form: JSONValue, name: String) -> [[String]] {
        guard case .object(let properties)? = form["properties"] else { return [] }
        let required = form["required"]?.schemaWords ?? []
        let model = properties.first { $0.key == "model" }?.value["enum"]?.schemaWords.first
        let title = model.map { "\(name), \(PlanMarkdown.code("\"\($0)\""))" } ?? name
        return properties.filter { $0.key != "model" }.map { property in
            [title]
                + row(
                    property.key, property.value, isRequired: required.contains(property.key))
        }
    }
}
