import JSON

/// The keys of a host.
enum HostShape {
    static let launch = Field.required(
        "launch", .array(of: .word(such: "ssh"), named: "words", count: PlanLimits.launchWords),
        "The words that start a program on the host and carry its standard streams, such as "
            + "[\"ssh\", \"-T\", \"b\"]; the path of udplab and \"agent\" follow them, and no shell "
            + "is involved here.")
    static let program = Field.optional(
        "udplab", Shape<String>.commandWord,
        "The path of udplab on the host; without it the host looks for the name.",
        absent: HostDefinition.defaultProgram, written: .string(HostDefinition.defaultProgram))
    static let ports = Field.optional(
        "ports", Shape<ClosedRange<Int>>.ports,
        "The ports on which responders of the host may answer, such as \"40000-40099\"; without "
            + "it any free port.")
    static let consent = Field.optional(
        "consent", .bool,
        "Whether the owner of the host has agreed to the load.", absent: false,
        written: .bool(false))

    static let object = ObjectShape(
        name: "a host",
        fields: [
            launch.declaration, program.declaration, ports.declaration, consent.declaration,
        ])

    static func read(
        name: String, _ node: JSONNode, _ problems: JSONProblems
    ) -> HostDefinition? {
        guard let keys = object.values(of: node, problems) else { return nil }
        if name == HostDefinition.here {
            keys.report(
                "\"\(HostDefinition.here)\" is the name of the host on which udplab runs: give the "
                    + "other one another name")
        }
        let (launch, program) = (keys(launch), keys(program))
        let (ports, consent) = (keys(ports), keys(consent))
        guard let launch, let program, let consent else { return nil }
        return HostDefinition(
            name: name, launch: launch, program: program, ports: ports, consent: consent)
    }
}

extension Shape where Value == [String] {
    /// One host, or several.
    static let hosts: Shape = {
        let one = Shape<String>.name("b")
        let several = array(
            of: one, named: "hosts", count: PlanLimits.hostsOfFleet, isUnique: true)
        return Shape(
            schema: .schema(["anyOf": .array([one.schema, several.schema])]), example: "\"b\""
        ) { node, problems in
            if case .array = node.content { return several.read(node, problems) }
            return one.read(node, problems).map { [$0] }
        }
    }()
}

extension Shape where Value == ClosedRange<Int> {
    /// A range of ports: `40000-40099`.
    static let ports = converted(
        schema: .text(
            matching: ["^[1-9][0-9]{0,4}-[1-9][0-9]{0,4}$"], title: "a range of ports"),
        example: "40000-40099"
    ) { text throws(JSONComplaint) in
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = ends.compactMap { UInt16($0) }.map { Int($0) }
        guard ends.count == 2, numbers.count == 2, !ends.contains(where: { $0.first == "0" }),
            !ends.contains(where: { $0.first == "+" }), numbers[0] <= numbers[1]
        else {
            throw JSONComplaint(
                "\(text.quoted) is no range of ports, which is two of 1 to 65535, the lower one "
                    + "first, e.g. \"40000-40099\"")
        }
        return numbers[0]...numbers[1]
    }
}
