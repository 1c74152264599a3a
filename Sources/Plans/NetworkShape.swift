import Impairment
import JSON

/// The keys of a network.
enum NetworkShape {
    /// What stands for the kind until the other keys are read.
    enum Word: Sendable {
        case loopback
        case emulated
        case path
    }

    static let kind = Field.required(
        "kind",
        Shape<Word>.choice(
            ["loopback": .loopback, "emulated": .emulated, "path": .path], later: ["namespace"]),
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
        fields: [kind.declaration, address.declaration, consent.declaration]
            + DirectionShape.both,
        rules: [
            .demanded("address", where: "kind", is: "path", example: address.shape.example),
            .onlyWhere(
                "kind", is: "path", "address",
                why: "on a network of this host the scenario's responder is the target"),
            .onlyWhere(
                "kind", is: "path", "consent", why: "the other kinds never leave this host"),
        ]
            + DirectionShape.both.map { field in
                .onlyWhere(
                    "kind", is: "emulated", field.key,
                    why: "nothing else does this to datagrams")
            } + DirectionShape.rules)

    static func read(
        name: String, _ node: JSONNode, _ problems: JSONProblems
    ) -> NetworkDefinition? {
        if let kind = node["kind"], Self.kind.shape.read(kind, problems) == nil {
            // The other keys are those of a kind that is not known: one sentence is enough.
            return nil
        }
        guard let keys = Self.object.values(of: node, problems) else { return nil }
        let (kind, address, consent) = (keys(Self.kind), keys(Self.address), keys(Self.consent))
        let impairments = DirectionShape.draft(keys).impairments
        switch kind {
        case .loopback: return NetworkDefinition(name: name, kind: .loopback)
        case .emulated:
            let kind = NetworkDefinition.Kind.emulated(
                forward: impairments.forward, backward: impairments.backward)
            return NetworkDefinition(name: name, kind: kind)
        case .path:
            guard let address, let consent else { return nil }
            return NetworkDefinition(name: name, kind: .path(address, consent: consent))
        case nil: return nil
        }
    }
}
