import JSON

/// The keys of a network.
enum NetworkShape {
    /// What stands for the kind until the other keys are read.
    enum Word: Sendable {
        case loopback
        case path
        case namespace
    }

    static let kind = Field.required(
        "kind",
        Shape<Word>.choice(
            ["loopback": .loopback, "path": .path, NamespaceShape.word: .namespace],
            later: laterKinds),
        "What lies between sender and responder.")
    static let address = Field.optional(
        "address",
        Shape<TargetAddress>.converted(
            schema: TargetAddress.targetSchema, example: "192.0.2.1:7"
        ) { text throws(JSONComplaint) in
            try TargetAddress(text, ports: 1...Int(UInt16.max))
        },
        "Where the user's responder listens: \"HOST:PORT\" or \"[IPV6]:PORT\".")
    static let consent = Field.optional(
        "consent", .bool,
        "Whether whoever runs an address outside this host agreed to be loaded.",
        absent: false, written: .bool(false))

    static let object = ObjectShape(
        name: "a network",
        fields: [kind.declaration, address.declaration, consent.declaration],
        rules: [
            .demanded("address", where: "kind", is: "path", example: address.shape.example),
            .onlyWhere(
                "kind", is: "path", "address",
                why: "on a loopback network the scenario's responder is the target"),
            .onlyWhere("kind", is: "path", "consent", why: "loopback never leaves this host"),
        ])

    /// Kinds of the format that this version does not do.
    private static let laterKinds = ["emulated"]

    static func read(
        name: String, _ node: JSONNode, _ problems: JSONProblems
    ) -> NetworkDefinition? {
        if case .string(let word)? = node["kind"]?.content, laterKinds.contains(word) {
            // The keys of that kind are legal in the format: one sentence is enough.
            node["kind"].map { _ = Self.kind.shape.read($0, problems) }
            return nil
        }
        if case .string(NamespaceShape.word)? = node["kind"]?.content {
            return NamespaceShape.read(node, problems).map {
                NetworkDefinition(name: name, kind: .namespace($0))
            }
        }
        guard let keys = Self.object.values(of: node, problems) else { return nil }
        let (kind, address, consent) = (keys(Self.kind), keys(Self.address), keys(Self.consent))
        switch kind {
        case .loopback: return NetworkDefinition(name: name, kind: .loopback)
        case .path:
            guard let address, let consent else { return nil }
            return NetworkDefinition(name: name, kind: .path(address, consent: consent))
        case .namespace, nil: return nil
        }
    }

    /// Each kind of network has its own keys.
    static let schema = JSONValue.schema([
        "type": .string("object"),
        "required": .array([.string("kind")]),
        "if": .having("kind", NamespaceShape.word),
        "then": NamespaceShape.object.schema,
        "else": object.schema,
    ])
}
