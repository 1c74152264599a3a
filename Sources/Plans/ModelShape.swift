import JSON

/// A model of several: its word, and the keys that go with it.
struct Model<Value: Sendable>: Sendable {
    let word: String
    let object: ObjectShape
    let read: @Sendable (ObjectValues) -> Value?

    /// Makes a model.
    /// - Parameter fields: the keys besides `model` itself.
    init(
        _ word: String, _ fields: [FieldDeclaration],
        _ read: @escaping @Sendable (ObjectValues) -> Value?
    ) {
        let model = Field.required(
            "model", Shape<String>.choice([word: word]), "The model.")
        self.word = word
        object = ObjectShape(
            name: "the model \"\(word)\"", fields: [model.declaration] + fields)
        self.read = read
    }
}

extension Shape {
    /// Returns the shape of an object with a fixed set of keys.
    static func object(
        _ object: ObjectShape, _ read: @escaping @Sendable (ObjectValues) -> Value?
    ) -> Shape {
        Shape(schema: object.schema, example: "{…}") { node, problems in
            object.values(of: node, problems).flatMap(read)
        }
    }

    /// Returns the shape of an object whose key `model` determines its other keys.
    /// - Parameter name: the name with its article.
    static func models(_ name: String, _ models: [Model<Value>]) -> Shape {
        let words = models.map(\.word)
        let example = "{\"model\": \"\(words.first ?? "")\", …}"
        let schema = JSONValue.schema(["anyOf": .array(models.map(\.object.schema))])
        return Shape(schema: schema, example: example) { node, problems in
            guard let word = node["model"] else {
                problems.add(
                    "the key \"model\" is missing: it says which \(name) this is, of "
                        + words.quotedList, at: node)
                return nil
            }
            guard let chosen = problems.choice(word, among: words),
                let model = models.first(where: { $0.word == chosen })
            else { return nil }
            return model.object.values(of: node, problems).flatMap(model.read)
        }
    }

    /// Returns the shape of a value that is short as text, and complete as an object.
    static func short(_ short: Shape, or long: Shape) -> Shape {
        let schema = JSONValue.schema(["anyOf": .array([short.schema, long.schema])])
        return Shape(schema: schema, example: short.example) { node, problems in
            if case .object = node.content { return long.read(node, problems) }
            return short.read(node, problems)
        }
    }

    /// Returns the shape of a key that is known and has no legal value.
    static func refused(_ why: String) -> Shape {
        Shape(schema: .schema(["not": .schema([:])]), example: "") { node, problems in
            problems.add(why, at: node)
            return nil
        }
    }
}
