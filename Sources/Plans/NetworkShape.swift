import Impairment
import JSON

/// The keys of a network.
enum NetworkShape {
    /// The kind's word, until the other keys are read.
    enum Word: Sendable {
        case loopback
        case emulated
        case namespace
        case path
    }

    static let kind = Field.required(
        "kind",
        Shape<Word>.choice(
            [
                "loopback": .loopback, "emulated": .emulated, "namespace": .namespace,
                "path": .path,
            ]),
        "The kind of the network: \"loopback\", a relay of udplab (\"emulated\"), network "
            + "namespaces of the kernel (\"namespace\"), or the real way to an address or "
            + "between hosts (\"path\").")
    static let title = Field.optional(
        "title", Shape<String>.title,
        "The title of the network for people, in any language, shown in place of its name.")
    static let address = Field.optional(
        "address",
        Shape<TargetAddress>.converted(
            schema: TargetAddress.targetSchema, example: "192.0.2.1:7"
        ) { text throws(JSONComplaint) in
            try TargetAddress(text, ports: 1...Int(UInt16.max))
        },
        "The address of the service at the end of a path: \"HOST:PORT\" or \"[IPV6]:PORT\".")
    static let at = Field.optional(
        "at",
        .byName(
            "addresses", count: PlanLimits.hostsOfPath, schema: TargetAddress.hostSchema,
            readEnd),
        "The addresses that hosts have on a path between them, by the name of the host: "
            + "\"here\" is the host on which udplab runs. Either this or \"address\".")
    static let behindNAT = Field.optional(
        "behind_nat",
        .array(
            of: .name("b"), named: "hosts", count: 1...PlanLimits.hostsOfPath.upperBound,
            isUnique: true),
        "The hosts of \"at\" that are behind a NAT, as [\"here\"]: they send, and the responder, "
            + "which sees them at another address, answers where their probes come from.",
        absent: [], written: .array([]))
    static let consent = Field.optional(
        "consent", .bool,
        "Whether the owner of an address outside this host has agreed to the load.",
        absent: false, written: .bool(false))

    static let isStamp = Field.optional(
        "protocol", Shape<Bool>.choice(["echo": false, "stamp": true]),
        "What answers at the address of a path: \"echo\", an echo of the probes, or \"stamp\", a "
            + "Session-Reflector of STAMP (RFC 8762), anybody's.",
        absent: false, written: .string("echo"))
    static let stateful = Field.optional(
        "stateful", .bool,
        "Whether the reflector numbers the answers of each session, which splits the loss by "
            + "direction. Without it the answers tell, if they can.")

    private static let noTimes = "an echo returns what it is sent"
    private static let ofStamp = [
        StampShape.keyFile.declaration, StampShape.format.declaration, stateful.declaration,
        StampShape.extensions.declaration,
    ]

    static let mtu = Field.optional(
        "mtu", .integer(PlanLimits.mtu, example: 1_500),
        "The largest IP packet of a namespace network, in bytes. Probes are not fragmented: a "
            + "longer one is \"too_big\" in the ledger.",
        absent: NamespaceNetwork.defaultMTUBytes,
        written: .integer(NamespaceNetwork.defaultMTUBytes))
    static let icmpRatelimit = Field.optional(
        "icmp_ratelimit", .quantity(PlanLimits.icmpRatelimit, example: "0ms"),
        "The shortest time between two ICMP errors to one peer from the responder's side of a "
            + "namespace network; 0ms is no limit. Without it the kernel's default holds, one "
            + "second.")
    static let whenUnavailable = Field.optional(
        "when_unavailable", Shape<Bool>.choice(["fail": false, "skip": true]),
        "What happens on a host that cannot make a namespace network: \"fail\" refuses the "
            + "plan, \"skip\" leaves the runs on it out and lists them under \"skipped\" of the "
            + "report.", absent: false, written: .string("fail"))

    private static let ofNamespaces = [
        mtu.declaration, icmpRatelimit.declaration, whenUnavailable.declaration,
    ]

    /// All keys but those of the impairments.
    static let ownFields =
        [
            title.declaration, kind.declaration, address.declaration, at.declaration,
            behindNAT.declaration, consent.declaration, isStamp.declaration,
        ]
        + ofStamp + ofNamespaces

    static let object = ObjectShape(
        name: "a network",
        fields: ownFields + DirectionShape.both,
        rules: [
            pathHasAnEnd,
            .neverBeside(
                "at", "address", why: "a path leads to an address, or is between hosts"),
            .onlyWhere(
                "kind", is: "path", "at", why: "the other kinds never leave this host"),
            .onlyBeside("at", "behind_nat", why: "it is of hosts on a path between them"),
            .onlyWhere(
                "kind", is: "path", "address",
                why: "on a network of this host the scenario's responder is the target"),
            .onlyWhere(
                "kind", is: "path", "consent", why: "the other kinds never leave this host"),
            .onlyWhere(
                "kind", is: "path", "protocol",
                why: "on a network of this host the scenario's responder says it, by its "
                    + "\"behaviour\""),
            .neverBeside(
                "at", "protocol",
                why: "between hosts the scenario's responder says it, by its \"behaviour\""),
        ]
            + ofStamp.flatMap { field in
                [
                    .onlyWhere("protocol", is: "stamp", field.key, why: noTimes),
                    .onlyBeside("protocol", field.key, why: noTimes),
                ]
            }
            + ofNamespaces.map { field in
                .onlyWhere(
                    "kind", is: "namespace", field.key, why: "the others leave the kernel as it is")
            }
            + DirectionShape.both.flatMap { field in
                ["loopback", "path"].map { kind in
                    .neverWhere(
                        "kind", is: kind, field.key, why: "there nothing does this to datagrams")
                }
            } + DirectionShape.rules)

    static func read(
        name: String, _ node: JSONNode, _ problems: JSONProblems
    ) -> NetworkDefinition? {
        if let kind = node["kind"], Self.kind.shape.read(kind, problems) == nil {
            // The other keys belong to an unknown kind: one problem is enough.
            return nil
        }
        guard let keys = Self.object.values(of: node, problems) else { return nil }
        let (kind, address, consent) = (keys(Self.kind), keys(Self.address), keys(Self.consent))
        let (ends, behindNAT) = (keys(at), keys(behindNAT))
        _ = keys(title)
        let stamp = StampShape.settings(keys, isStateful: keys(stateful))
        let impairments = DirectionShape.draft(keys).impairments
        switch kind {
        case .loopback: return NetworkDefinition(name: name, kind: .loopback)
        case .emulated:
            let kind = NetworkDefinition.Kind.emulated(
                forward: impairments.forward, backward: impairments.backward)
            return NetworkDefinition(name: name, kind: kind)
        case .namespace:
            return namespace(keys, impairments).map {
                NetworkDefinition(name: name, kind: .namespace($0))
            }
        case .path:
            guard let consent, let behindNAT else { return nil }
            if let ends {
                let path = HostPath(
                    addresses: Dictionary(ends, uniquingKeysWith: { first, _ in first }),
                    consent: consent, behindNAT: behindNAT)
                return NetworkDefinition(name: name, kind: .between(path))
            }
            guard let address, let isStamp = keys(isStamp), let stamp else { return nil }
            return NetworkDefinition(
                name: name, kind: .path(address, consent: consent), stamp: isStamp ? stamp : nil)
        case nil: return nil
        }
    }

    /// The rule that a path has an address, or hosts.
    private static let pathHasAnEnd = ObjectRule(
        schema: .schema([
            "if": .having("kind", "path"),
            "then": .schema(["anyOf": .array([.requiring("address"), .requiring("at")])]),
        ])
    ) { object in
        guard object.node["kind"]?.value == .string("path"), !object.has(address.key),
            !object.has(at.key), !object.misspells([address.key, at.key])
        else { return }
        object.report(
            "a path needs an \"address\", e.g. \"address\": \(address.shape.example), or hosts "
                + "\"at\" its ends, e.g. \"at\": {\"here\": \"192.0.2.10\", \"b\": \"192.0.2.11\"}")
    }

    /// Reads the address of one host.
    @Sendable private static func readEnd(
        host: String, _ node: JSONNode, _ problems: JSONProblems
    ) -> (String, TargetAddress)? {
        guard let text = problems.string(node, example: "192.0.2.11") else { return nil }
        do throws(JSONComplaint) {
            return (host, try TargetAddress(numericHost: text))
        } catch {
            problems.add(error.message, at: node)
            return nil
        }
    }

    private static func namespace(
        _ keys: ObjectValues, _ impairments: Impairments
    ) -> NamespaceNetwork? {
        var network = NamespaceNetwork()
        network.forward = impairments.forward
        network.backward = impairments.backward
        let (mtu, isSkipped, limitNs) = (keys(Self.mtu), keys(whenUnavailable), keys(icmpRatelimit))
        if let limitNs, limitNs % 1_000_000 != 0 {
            keys.report("the kernel counts this in whole milliseconds", at: icmpRatelimit.key)
        }
        network.icmpRatelimitMs = limitNs.map { $0 / 1_000_000 }
        guard let mtu, let isSkipped else { return nil }
        network.mtuBytes = mtu
        network.isSkippedWhereUnavailable = isSkipped
        let packet = mtu + NamespaceNetwork.linkHeaderBytes
        let queues = network.directions.compactMap(\.bottleneck?.queueBytes)
        if let queue = queues.min(), queue < packet {
            keys.report(
                "the queue of \(queue) B does not hold one packet of the MTU, which is "
                    + "\(packet) B with its Ethernet header: use a larger \"queue\" or a smaller "
                    + "\"mtu\"")
        }
        return network
    }
}
