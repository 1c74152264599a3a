import JSON
import Load

/// The keys of a plan, made from the shapes that the reader uses: tables of Markdown, which the
/// pages of the documentation contain, and the entries of `udplab explain`.
package enum PlanTables: String, CaseIterable {
    case plan, scenario, search, sender, think, payloads, size, profiles, source, stage, schedules,
        offload, request, dns, answer, valid, host, network, impairments, forms, responder, policy,
        event

    /// A key, with the impairment that has it if it is one of a form.
    struct Row: Sendable {
        var form: String?
        let key: String
        let value: String
        let fallback: String
        let isRequired: Bool
        let meaning: String

        fileprivate init(_ key: String, _ schema: JSONValue, isRequired: Bool) {
            self.key = key
            value = PlanMarkdown.value(schema)
            fallback = schema["default"].flatMap { try? $0.text() } ?? ""
            self.isRequired = isRequired
            meaning = schema["description"]?.schemaWord ?? ""
        }

        fileprivate var cells: [String] {
            let fallback = fallback.isEmpty ? "" : PlanMarkdown.code(fallback)
            return (form.map { [$0] } ?? [])
                + [PlanMarkdown.code(key), value, isRequired ? "required" : fallback, meaning]
        }
    }

    var rows: [Row] {
        switch self {
        case .plan: Self.rows(of: PlanShape.object.fields)
        case .scenario: Self.rows(of: ScenarioShape.object.fields)
        case .search: Self.rows(of: SearchShape.object.fields)
        case .sender: Self.rows(of: SenderShape.object.fields)
        case .think: Self.rows(of: ThinkShape.object.fields)
        case .payloads:
            Self.forms(of: Shape<PayloadText>.payload.schema).flatMap {
                Self.rows(of: $0, name: PlanMarkdown.code(SenderShape.payload.key))
            }
        case .size: Self.rows(of: MixedSizeShape.object.fields)
        case .profiles: []
        case .source: Self.rows(of: SourceShape.object.fields)
        case .stage: Self.rows(of: StageShape.object.fields)
        case .schedules:
            Self.forms(of: Shape<ScheduleText>.schedule.schema).flatMap {
                Self.rows(of: $0, name: PlanMarkdown.code(SenderShape.schedule.key))
            }
        case .offload: Self.rows(of: OffloadShape.object.fields)
        case .request: Self.rows(of: RequestShape.object.fields)
        case .dns: Self.rows(of: RequestShape.dnsObject.fields)
        case .answer: Self.rows(of: AnswerShape.object.fields)
        case .valid: Self.rows(of: AnswerCheckShape.object.fields)
        case .host: Self.rows(of: HostShape.object.fields)
        case .network: Self.rows(of: NetworkShape.ownFields)
        case .impairments: Self.rows(of: DirectionShape.both)
        case .forms: Self.formRows
        case .responder: Self.rows(of: ResponderShape.object.fields)
        case .policy: Self.rows(of: ResetShape.object.fields)
        case .event: Self.rows(of: TimelineShape.object.fields)
        }
    }

    /// The object that has the keys, with its article.
    var place: String {
        switch self {
        case .plan: "the plan"
        case .scenario: "a scenario"
        case .search: "a scenario's search"
        case .sender: "a sender"
        case .think: "a sender's think"
        case .payloads: "a payload"
        case .size: "a size of a mix"
        case .profiles: "a profile"
        case .source: "a sender's source"
        case .stage: "a stage"
        case .schedules: "a schedule"
        case .offload: "a sender's offload"
        case .request: "a sender's request"
        case .dns: "a request's dns"
        case .answer: "a sender's answer"
        case .valid: "a sender's valid"
        case .host: "a host"
        case .network: "a network"
        case .impairments: "an emulated network or one of its directions"
        case .forms: "an impairment"
        case .responder: "a responder"
        case .policy: "on_reset"
        case .event: "an event of the timeline"
        }
    }

    /// Returns the objects of a plan that have a key, for a message: "a network or a responder";
    /// nil if none has it.
    static func places(of key: String) -> String? {
        let tables = allCases.filter {
            ![.forms, .schedules, .payloads, .source].contains($0)
                && $0.rows.contains { $0.key == key }
        }
        return tables.isEmpty ? nil : tables.map(\.place).joined(separator: " or ")
    }

    package var markdown: String {
        if self == .profiles {
            return PlanMarkdown.table(
                [["profile", "traffic"]]
                    + TrafficProfile.allCases.map { [PlanMarkdown.code($0.rawValue), $0.about] })
        }
        let heads = ["key", "value", "default", "meaning"]
        return PlanMarkdown.table(
            [(rows.first?.form == nil ? [] : [formHead]) + heads] + rows.map(\.cells))
    }

    private var formHead: String { self == .forms ? "impairment" : "model" }

    private static func rows(of fields: [FieldDeclaration]) -> [Row] {
        fields.map { Row($0.key, $0.schema, isRequired: $0.presence == .required) }
    }

    /// The keys of every impairment's form as an object, with the word of its model if it has
    /// several.
    private static var formRows: [Row] {
        DirectionShape.definitions.flatMap { definition in
            let reference = JSONValue.string("#/$defs/\(definition.key)")
            let keys = DirectionShape.flags.filter { $0.schema["$ref"] == reference }.map(\.key)
            let name = keys.map(PlanMarkdown.code).joined(separator: ", ")
            return forms(of: definition.value).flatMap { rows(of: $0, name: name) }
        }
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

    private static func rows(of form: JSONValue, name: String) -> [Row] {
        guard case .object(let properties)? = form["properties"] else { return [] }
        let required = form["required"]?.schemaWords ?? []
        let model = properties.first { $0.key == "model" }?.value["enum"]?.schemaWords.first
        let title = model.map { "\(name), \(PlanMarkdown.code("\"\($0)\""))" } ?? name
        return properties.filter { $0.key != "model" }.map { property in
            var row = Row(
                property.key, property.value, isRequired: required.contains(property.key))
            row.form = title
            return row
        }
    }
}
