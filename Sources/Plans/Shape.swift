import JSON

/// The reader of a value of a plan, and its JSON Schema.
///
/// Both are in one declaration, so that an edit cannot make the schema and the reader differ. A
/// reader that returns nil has added a problem.
struct Shape<Value: Sendable>: Sendable {
    let schema: JSONValue
    /// A legal value as JSON text, for messages.
    let example: String
    let read: @Sendable (JSONNode, JSONProblems) -> Value?

    /// Returns a shape that converts the value to another type; the legal values stay the same.
    func map<Other: Sendable>(
        _ transform: @escaping @Sendable (Value) -> Other
    ) -> Shape<Other> {
        Shape<Other>(schema: schema, example: example) { node, problems in
            read(node, problems).map(transform)
        }
    }

    /// Returns the same shape, under `name` in the schema's `$defs`.
    func referring(to name: String) -> Shape {
        Shape(schema: .schema(["$ref": .string("#/$defs/\(name)")]), example: example, read: read)
    }
}

extension Shape where Value == Bool {
    static let bool = Shape(schema: .schema(["type": .string("boolean")]), example: "true") {
        node, problems in problems.bool(node)
    }
}

extension Shape where Value == Int {
    static func integer(_ range: ClosedRange<Int>, example: Int) -> Shape {
        let schema = JSONValue.schema([
            "type": .string("integer"), "minimum": .integer(range.lowerBound),
            "maximum": .integer(range.upperBound),
        ])
        return Shape(schema: schema, example: "\(example)") { node, problems in
            problems.integer(node, in: range, example: example)
        }
    }

    /// Returns the shape of a quantity with its unit, in steps of its kind.
    static func quantity(_ range: QuantityRange, example: String) -> Shape {
        let schema = JSONValue.text(
            matching: range.patterns, title: "\(range.quantity.name), \(range.text)")
        return Shape(schema: schema, example: "\"\(example)\"") { node, problems in
            if let number = node.bareNumber {
                problems.add(range.refusal(ofBareNumber: number), at: node)
                return nil
            }
            return problems.convert(node, example: example, range.read)
        }
    }
}

extension Shape where Value == Double {
    static func number(_ range: ClosedRange<Double>, example: Double) -> Shape {
        let schema = JSONValue.schema([
            "type": .string("number"), "minimum": .number(range.lowerBound),
            "maximum": .number(range.upperBound),
        ])
        return Shape(schema: schema, example: "\(example)") { node, problems in
            problems.number(node, in: range, example: example)
        }
    }
}

extension Shape where Value == String {
    /// Returns the shape of a string that matches `pattern`; `rule` and `isLegal` express the same
    /// for people and for Swift.
    static func text(
        pattern: String, example: String, rule: String,
        meant: @escaping @Sendable (String) -> String? = { _ in nil },
        isLegal: @escaping @Sendable (String) -> Bool
    ) -> Shape {
        let schema = JSONValue.schema(["type": .string("string"), "pattern": .string(pattern)])
        return Shape(schema: schema, example: "\"\(example)\"") { node, problems in
            guard let text = problems.string(node, example: example) else { return nil }
            guard isLegal(text) else {
                let hint =
                    meant(text).map { "; did you mean \($0.quoted)? A \"title\" has any text" }
                problems.add("\(text.quoted) is not legal: \(rule)\(hint ?? "")", at: node)
                return nil
            }
            return text
        }
    }

    /// Returns the shape of a name. A name becomes part of a file name, so it contains no
    /// characters with a meaning in paths (P21).
    static func name(_ example: String) -> Shape {
        text(
            pattern: namePattern, example: example, rule: nameRule, meant: nearestName,
            isLegal: isName)
    }

    /// Returns a text with its spaces as dashes, if that is a name.
    private static let nearestName: @Sendable (String) -> String? = { text in
        let name = text.replacing(" ", with: "-")
        return isName(name) ? name : nil
    }

    /// The shape of a title: any text of a few words, in any language. What a terminal obeys is
    /// escaped where the title is shown.
    static let title = text(
        pattern: "^[\\s\\S]{1,\(PlanLimits.titleScalarsMax)}$", example: "Voice over Wi-Fi",
        rule: "a title has 1 to \(PlanLimits.titleScalarsMax) characters"
    ) { (1...PlanLimits.titleScalarsMax).contains($0.unicodeScalars.count) }

    static let namePattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,\(PlanLimits.nameBytesMax - 1)}$"
    static let nameRule =
        "a name has 1 to \(PlanLimits.nameBytesMax) of A-Z a-z 0-9 . _ - "
        + "and does not start with a dot"

    static let isName: @Sendable (String) -> Bool = { text in
        (1...PlanLimits.nameBytesMax).contains(text.utf8.count) && text.first != "."
            && text.utf8.allSatisfy(\.isNameByte)
    }
}

extension Shape {
    /// Returns the shape of a string that `convert` reads; the schema's patterns all match the
    /// accepted strings.
    static func converted(
        schema: JSONValue, example: String,
        _ convert: @escaping @Sendable (String) throws(JSONComplaint) -> Value
    ) -> Shape {
        Shape(schema: schema, example: "\"\(example)\"") { node, problems in
            problems.convert(node, example: example, convert)
        }
    }

    /// Returns the shape of one of a few words. Words of later versions are distinguished from
    /// mistakes.
    /// Returns the shape of one of several words.
    static func word(of words: [String]) -> Shape where Value == String {
        let schema = JSONValue.schema(["enum": .array(words.map { .string($0) })])
        return Shape(schema: schema, example: "\"\(words.first ?? "")\"") { node, problems in
            problems.choice(node, among: words)
        }
    }

    static func choice(
        _ words: KeyValuePairs<String, Value>, later: [String] = []
    ) -> Shape {
        let legal = words.map(\.key)
        let values = Dictionary(words.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        let schema = JSONValue.schema(["enum": .array(legal.map { .string($0) })])
        return Shape(schema: schema, example: "\"\(legal.first ?? "")\"") { node, problems in
            if case .string(let word) = node.content, later.contains(word) {
                let list = legal.quotedList
                problems.add("\"\(word)\" is not supported yet (legal: \(list))", at: node)
                return nil
            }
            return problems.choice(node, among: legal).flatMap { values[$0] }
        }
    }

    /// Returns the shape of an array. Beyond the legal count no element is read: 100,000 wrong
    /// scenarios make one problem (P20).
    static func array<Element>(
        of element: Shape<Element>, named plural: String, count: ClosedRange<Int>,
        isUnique: Bool = false
    ) -> Shape where Value == [Element] {
        let schema = JSONValue.schema([
            "type": .string("array"), "minItems": .integer(count.lowerBound),
            "maxItems": .integer(count.upperBound), "uniqueItems": .bool(isUnique),
            "items": element.schema,
        ])
        return Shape(schema: schema, example: "[\(element.example)]") {
            node, problems in
            guard let nodes = problems.elements(node, of: plural, count: count) else { return nil }
            if isUnique { problems.refuseRepeats(in: nodes) }
            // All elements are read before the result is nil, so that all problems are found.
            let values = nodes.map { element.read($0, problems) }
            let legal = values.compactMap { $0 }
            return legal.count == values.count ? legal : nil
        }
    }

    /// Returns the shape of an object whose keys are names given by the plan: its values, in the
    /// order of the file.
    static func byName<Element>(
        _ plural: String, count: ClosedRange<Int>, schema: JSONValue,
        _ read: @escaping @Sendable (String, JSONNode, JSONProblems) -> Element?
    ) -> Shape where Value == [Element] {
        let schema = JSONValue.schema([
            "type": .string("object"), "minProperties": .integer(count.lowerBound),
            "maxProperties": .integer(count.upperBound),
            "propertyNames": .schema(["pattern": .string(Shape<String>.namePattern)]),
            "additionalProperties": schema,
        ])
        return Shape(schema: schema, example: "{…}") { node, problems in
            guard let members = problems.members(node, of: plural, count: count) else {
                return nil
            }
            let values = members.map { member in
                if !Shape<String>.isName(member.key) {
                    problems.add(
                        "\(member.key.quoted) is not legal: \(Shape<String>.nameRule)",
                        at: member.keyPosition, path: member.node.path)
                }
                return read(member.key, member.node, problems)
            }
            let legal = values.compactMap { $0 }
            return legal.count == values.count ? legal : nil
        }
    }
}

extension JSONProblems {
    /// Adds a problem at every string and integer of an array that repeats an earlier one.
    fileprivate func refuseRepeats(in nodes: [JSONNode]) {
        var seen: Set<[UInt8]> = []
        for node in nodes {
            let (bytes, text): ([UInt8], String)
            switch node.content {
            case .string(let string): (bytes, text) = (Array(string.utf8), string.quoted)
            case .integer(let integer): (bytes, text) = (Array("\(integer)".utf8), "\(integer)")
            default: continue
            }
            if !seen.insert(bytes).inserted { add("\(text) stands here twice", at: node) }
        }
    }
}

extension JSONNode {
    /// The bare number in place of a quantity, as text.
    fileprivate var bareNumber: String? {
        switch content {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        default: nil
        }
    }
}
