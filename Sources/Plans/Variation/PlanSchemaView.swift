import JSON

/// The JSON Schemas that a value at one place of a plan may meet, for the two questions that a
/// setting has: whether a string is legal there, and whether keys are names.
struct PlanSchemaView {
    /// The place of a whole plan.
    static let plan = PlanSchemaView(PlanShape.object.schema)
    /// A place at which everything is legal.
    private static let anything = PlanSchemaView(.bool(true))

    private static let definitions = PlanSchema.definitions

    private let options: [JSONValue]

    private init(_ schemas: JSONValue...) {
        options = schemas.flatMap(Self.resolved)
    }

    private init(_ options: [JSONValue]) {
        self.options = options.flatMap(Self.resolved)
    }

    /// Returns the alternatives of a schema, without references.
    private static func resolved(_ schema: JSONValue) -> [JSONValue] {
        if case .string(let reference)? = schema["$ref"] {
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            return definitions[name].map(resolved) ?? []
        }
        guard case .array(let options)? = schema["anyOf"] else { return [schema] }
        return options.flatMap(resolved)
    }

    /// Whether the keys of an object here are names that the plan gives.
    var hasNames: Bool { options.contains { names(of: $0) != nil } }

    private func names(of schema: JSONValue) -> JSONValue? {
        guard case .object? = schema["additionalProperties"] else { return nil }
        return schema["additionalProperties"]
    }

    /// The elements of an array here.
    var element: PlanSchemaView { inside { $0["items"] } }

    func member(_ key: String) -> PlanSchemaView {
        inside { $0["properties"]?[key] ?? names(of: $0) }
    }

    private func inside(_ inner: (JSONValue) -> JSONValue?) -> PlanSchemaView {
        let schemas = options.compactMap(inner)
        return schemas.isEmpty ? .anything : PlanSchemaView(schemas)
    }

    /// Whether a value of this kind may be legal here.
    func takes(_ kind: JSONKind) -> Bool {
        options.contains { schema in
            if schema["enum"] != nil { return kind == .string }
            if let constant = schema["const"] {
                return kind == (constant.schemaWord == nil ? .integer : .string)
            }
            guard case .string(let type)? = schema["type"] else { return true }
            return switch kind {
            case .null: false
            case .bool: type == "boolean"
            case .integer: type == "integer" || type == "number"
            case .number: type == "number"
            case .string: type == "string"
            case .array: type == "array"
            case .object: type == "object"
            }
        }
    }
}
