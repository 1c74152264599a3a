import JSON

/// A value of the plan that the command line replaces: `--set PATH=VALUE`.
///
/// A path is spelt as in messages (`$.scenarios[0].senders[0].rate`) or by names
/// (`scenarios.voice.senders.calls.rate`). An element of an array has the name that its key `name`
/// has, or its number from 0; `["a.b"]` is a name with a dot in it.
package struct PlanSetting: Sendable, Equatable {
    /// One step of the path.
    enum Step: Sendable, Equatable {
        /// A key, a name, or a number if no element has it for a name.
        case word(String)
        case index(Int)
        case name(String)

        var text: String {
            switch self {
            case .word(let text), .name(let text): text
            case .index(let index): "\(index)"
            }
        }
    }

    let steps: [Step]
    /// The value: JSON, or text.
    let value: String
    private let text: String

    /// The option as typed.
    var option: String { "--set \(text)" }

    package init(_ text: String) throws(JSONComplaint) {
        self.text = text
        var rest = text[...]
        if rest.hasPrefix("$.") || rest.hasPrefix("$[") { rest = rest.dropFirst() }
        var steps: [Step] = []
        while let first = rest.first, first != "=" {
            if first == "[" {
                steps.append(try Self.bracket(&rest))
            } else {
                // A dot is between two steps, or behind the `$`.
                let isFollowing = !steps.isEmpty || rest.startIndex != text.startIndex
                guard (first == ".") == isFollowing else { throw Self.malformed }
                if isFollowing { rest = rest.dropFirst() }
                let word = rest.prefix { !".[=".contains($0) }
                guard !word.isEmpty else { throw Self.malformed }
                rest = rest[word.endIndex...]
                steps.append(.word(String(word)))
            }
        }
        guard !steps.isEmpty, rest.first == "=" else { throw Self.malformed }
        self.steps = steps
        value = String(rest.dropFirst())
    }

    private static let malformed = JSONComplaint(
        "--set is PATH=VALUE, such as scenarios.voice.senders.calls.rate=100pps")

    /// Reads `[0]` or `["name"]`.
    private static func bracket(_ rest: inout Substring) throws(JSONComplaint) -> Step {
        rest = rest.dropFirst()
        if rest.first == "\"" {
            let name = rest.dropFirst().prefix { $0 != "\"" }
            rest = rest[name.endIndex...]
            guard rest.hasPrefix("\"]") else { throw malformed }
            rest = rest.dropFirst(2)
            return .name(String(name))
        }
        let digits = rest.prefix { $0 != "]" }
        rest = rest[digits.endIndex...].dropFirst()
        guard let index = Int(digits), index >= 0 else { throw malformed }
        return .index(index)
    }
}

extension PlanSetting {
    /// Returns the plan with the value at its place.
    /// - Parameter source: The number of the option among the sources of the problems.
    /// - Throws: If the plan has nothing at the path.
    func applied(to root: JSONNode, source: Int) throws(JSONProblem) -> JSONNode {
        let change = SettingChange(setting: self, position: .start(of: source))
        guard steps[0].text != PlanShape.extends.key else {
            throw change.problem(
                "a base is read before the options: write \"extends\" into the plan", at: root)
        }
        return try change.changed(root, .plan, steps[...])
    }
}

/// The change of a plan by one setting.
private struct SettingChange {
    let setting: PlanSetting
    /// The position of the new value.
    let position: JSONPosition

    /// Returns a container with the value at the end of the steps.
    func changed(
        _ node: JSONNode, _ schema: PlanSchemaView, _ steps: ArraySlice<PlanSetting.Step>
    ) throws(JSONProblem) -> JSONNode {
        guard let step = steps.first else { return node }
        switch node.content {
        case .object(let members):
            return try changed(node, members, schema, step, steps.dropFirst())
        case .array(let nodes):
            let index = try index(of: step, among: nodes, of: node)
            var nodes = nodes
            if let new = try replacement(
                of: nodes[index], schema.element, steps.dropFirst(), .index(index), in: node)
            {
                nodes[index] = new
            } else {
                nodes.remove(at: index)
            }
            return node.with(.array(nodes))
        default:
            throw problem("\(node.found) has no \(step.text.quoted) in it", at: node)
        }
    }

    private func changed(
        _ node: JSONNode, _ members: [JSONNodeMember], _ schema: PlanSchemaView,
        _ step: PlanSetting.Step, _ rest: ArraySlice<PlanSetting.Step>
    ) throws(JSONProblem) -> JSONNode {
        let key = step.text
        if let old = node[key] {
            let new = try replacement(of: old, schema.member(key), rest, .key(key), in: node)
            return node.with(key, new, at: position)
        }
        guard !schema.hasNames else {
            let names = members.map(\.key)
            throw problem(
                "there is no \(key.quoted) here" + UnknownName.hint(key, names), at: node)
        }
        // The reader refuses a key that it does not know, with the nearest one.
        let inner = schema.member(key)
        guard !rest.isEmpty, inner.takes(.object) else {
            guard rest.isEmpty else {
                throw problem(
                    "the plan has no \(key.quoted) here: set it as a whole, as JSON", at: node)
            }
            return node.with(key, value(for: inner, .key(key), in: node), at: position)
        }
        let empty = JSONNode(.object([]), at: position, as: .key(key), of: node)
        return node.with(key, try changed(empty, inner, rest), at: position)
    }

    /// Returns the value in the place of another one; nil if that is removed.
    private func replacement(
        of node: JSONNode, _ schema: PlanSchemaView, _ rest: ArraySlice<PlanSetting.Step>,
        _ step: JSONPathStep, in parent: JSONNode
    ) throws(JSONProblem) -> JSONNode? {
        rest.isEmpty ? value(for: schema, step, in: parent) : try changed(node, schema, rest)
    }

    /// Returns the new value: JSON, if the text is JSON and the key does not want a string in its
    /// place (`name=5`), otherwise the text. `null` removes the key or the element.
    private func value(
        for schema: PlanSchemaView, _ step: JSONPathStep, in parent: JSONNode
    ) -> JSONNode? {
        let text = JSONNode(.string(setting.value), at: position, as: step, of: parent)
        guard let value = try? JSONValue.parse(Array(setting.value.utf8), limits: .plan) else {
            return text
        }
        let node = JSONNode(value, at: position, as: step, of: parent)
        switch node.kind {
        case .null: return nil
        case .bool, .integer, .number:
            return schema.takes(node.kind) || !schema.takes(.string) ? node : text
        case .string, .array, .object: return node
        }
    }

    private func index(
        of step: PlanSetting.Step, among nodes: [JSONNode], of list: JSONNode
    ) throws(JSONProblem) -> Int {
        let names = nodes.compactMap { $0["name"]?.string }
        var number: Int?
        switch step {
        case .index(let index): number = index
        case .word(let name), .name(let name):
            if let index = nodes.firstIndex(where: { $0["name"]?.string == name }) { return index }
            if case .word = step { number = Int(name) }
        }
        if let number, nodes.indices.contains(number) { return number }
        guard number == nil, !names.isEmpty else {
            let legal = nodes.isEmpty ? "it is empty" : "its elements are 0 to \(nodes.count - 1)"
            throw problem("there is no element \(step.text.quoted) here: \(legal)", at: list)
        }
        throw problem(
            "there is no \(step.text.quoted) here" + UnknownName.hint(step.text, names), at: list)
    }

    func problem(_ message: String, at node: JSONNode) -> JSONProblem {
        JSONProblem(
            file: setting.option, line: nil, column: nil, path: node.path, message: message)
    }
}
