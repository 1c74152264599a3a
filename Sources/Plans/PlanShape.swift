import JSON

/// The keys of a plan.
enum PlanShape {
    static let schemaReference = Field.optional(
        "$schema", Shape<String>.anyText, "The path of the JSON Schema, for editors.")
    static let extends = Field.optional(
        "extends", Shape<String>.fileName,
        "The file of another plan, beside this one, into which this one is merged.")
    static let format = Field.required(
        "plan", Shape<Int>.format, "The version of the format.")
    static let title = Field.optional(
        "title", Shape<String>.title,
        "The title of the plan for people, in any language, shown in place of its name.")
    static let name = Field.required(
        "name", .name("quickstart"), "The name of the plan; reports are named after it.")
    static let seed = Field.optional(
        "seed", .integer(PlanLimits.seed, example: 42),
        "The seed from which every random choice of the runs is derived.", absent: 0,
        written: .integer(0))
    static let networks = Field.required(
        "networks",
        .byName(
            "networks", count: PlanLimits.networks, schema: reference("network"),
            NetworkShape.read),
        "The networks between senders and responders, by name.")
    static let hosts = Field.optional(
        "hosts",
        .byName(
            "hosts", count: PlanLimits.hosts, schema: reference("host"), HostShape.read),
        "The other hosts on which senders and responders run, by name.", absent: [],
        written: .object([]))
    static let responders = Field.optional(
        "responders",
        .byName(
            "responders", count: PlanLimits.responders, schema: reference("responder"),
            ResponderShape.read),
        "The programs that answer, by name.", absent: [], written: .object([]))
    /// The figures in which networks are compared.
    package static let comparedFigures = [
        "loss.ratio", "duplication.fraction", "reordering.ratio", "rtt.p50", "rtt.p99",
        "one_way.p50", "one_way.p99", "throughput.received_pps",
    ]
    static let compare = Field.optional(
        "compare",
        .array(
            of: Shape<String>.word(of: comparedFigures), named: "figures",
            count: 1...comparedFigures.count, isUnique: true),
        "The primary figures of the comparison of networks: they are tested first, and corrected "
            + "only among themselves, so that a difference in them takes fewer repeats.",
        absent: ["loss.ratio"], written: .array([.string("loss.ratio")]))
    static let scenarios = Field.required(
        "scenarios",
        .array(of: ScenarioShape.shape, named: "scenarios", count: PlanLimits.scenarios),
        "The scenarios, which run one after the other.")

    static let object = ObjectShape(
        name: "a plan",
        fields: [
            schemaReference.declaration, extends.declaration, format.declaration, name.declaration,
            title.declaration,
            seed.declaration,
            hosts.declaration, networks.declaration, responders.declaration, compare.declaration,
            scenarios.declaration,
        ],
        later: ["defaults"])

    private static func reference(_ name: String) -> JSONValue {
        .schema(["$ref": .string("#/$defs/\(name)")])
    }
}

extension Shape where Value == Int {
    /// The version of the format, currently the only one.
    fileprivate static let format = Shape(
        schema: .schema(["const": .integer(Plan.format)]), example: "\(Plan.format)"
    ) { node, problems in
        guard case .integer(let version) = node.content else {
            problems.addMismatch("the integer \(Plan.format)", at: node)
            return nil
        }
        guard version == Plan.format else {
            problems.add(
                "format \(version) is unknown: this udplab reads format \(Plan.format)", at: node)
            return nil
        }
        return version
    }
}

extension Shape where Value == String {
    /// The name of a file in the folder of the plan.
    fileprivate static let fileName = text(
        pattern: "^[^/\\u0000]{1,\(PlanLimits.fileNameBytesMax)}$", example: "base.json",
        rule: "a file beside the plan is named, without a \"/\""
    ) { name in
        (1...PlanLimits.fileNameBytesMax).contains(name.unicodeScalars.count)
            && !name.utf8.contains { [0, UInt8(ascii: "/")].contains($0) }
    }

    fileprivate static let anyText = Shape(
        schema: .schema(["type": .string("string")]), example: "\"plan.schema.json\""
    ) { node, problems in problems.string(node, example: "plan.schema.json") }
}
