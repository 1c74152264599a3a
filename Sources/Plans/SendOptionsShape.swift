import JSON
import Load

/// The keys of a sender that say how its datagrams are sent.
enum SendOptionsShape {
    static let dscp = Field.optional(
        "dscp", Shape<Int>.dscp,
        "The DSCP of every datagram, a number or a name such as \"EF\". udplab's responders answer "
            + "with the same, and both ends count what arrives changed. 3 is the mark of answers, "
            + "which `udplab echo` does not answer.")
    static let ecn = Field.optional(
        "ecn",
        Shape<SendOptions.ECN>.choice(["not-ect": .notECT, "ect0": .ect0, "ect1": .ect1]),
        "The ECN codepoint of every datagram: \"ect0\", or \"ect1\", which is the mark of L4S. Both "
            + "ends count CE, and what was cleared.")
    static let ttl = Field.optional(
        "ttl", .integer(PlanLimits.ttl, example: 64),
        "The TTL or hop limit of every datagram; without it the host's. An emulated network is one "
            + "hop.")
    static let dontFragment = Field.optional(
        "dont_fragment", .bool,
        "Whether a datagram that does not fit the path is refused (\"too_big\") and not fragmented. "
            + "Without it true between namespaces and between hosts, and elsewhere the kernel's "
            + "choice.")
    static let source = Field.optional(
        "source", SourceShape.shape, "The address and the ports to send from.")
    static let interface = Field.optional(
        "interface", Shape<String>.interface,
        "The interface by which all datagrams leave and arrive (SO_BINDTODEVICE).")
    static let sendBuffer = Field.optional(
        "send_buffer", .quantity(PlanLimits.sendBuffer, example: "256KiB"),
        "The requested size of each flow's send buffer. The kernel grants twice of it, up to "
            + "net.core.wmem_max without CAP_NET_ADMIN.")
    static let startAfter = Field.optional(
        "start_after", .quantity(PlanLimits.eventTime, example: "5s"),
        "The time after the start of the run at which the sender starts; its duration is its own.",
        absent: 0, written: .string("0s"))

    static let declarations = [
        dscp.declaration, ecn.declaration, ttl.declaration, dontFragment.declaration,
        source.declaration, interface.declaration, sendBuffer.declaration,
        startAfter.declaration,
    ]

    static let rules: [ObjectRule] = [
        .neverWhere(
            "kind", is: "hit-and-run", source.key, why: "each of its bursts has a port of its own")
    ]

    /// Returns the options; nil if one is wrong.
    static func read(_ keys: ObjectValues, flows: Int?) -> SendOptions? {
        var options = SendOptions()
        options.dscp = keys(dscp)
        options.ecn = keys(ecn)
        options.ttl = keys(ttl)
        options.dontFragment = keys(dontFragment)
        options.interface = keys(interface)
        options.sendBufferBytes = keys(sendBuffer)
        let found = (keys(source), keys(startAfter))
        guard let startAfterNs = found.1 else { return nil }
        options.startAfterNs = startAfterNs
        options.sourceAddress = found.0?.address
        options.sourcePorts = found.0?.ports
        if let ports = options.sourcePorts, let flows, ports.count < flows {
            keys.report(
                "\(flows) flows need a port each, and \(ports.lowerBound)-\(ports.upperBound) are "
                    + "\(ports.count)", at: source.key)
        }
        return options
    }
}

/// The keys of a sender's `source`.
enum SourceShape {
    static let address = Field.optional(
        "address", Shape<String>.sourceAddress,
        "An address of the host that sends; without it the route's.")
    static let ports = Field.optional(
        "ports", Shape<ClosedRange<Int>>.ports,
        "The ports, such as \"40000-40099\", one per flow: a flow takes the next one that is free. Without it the kernel's "
            + "choice.")

    static let object = ObjectShape(
        name: "a source", fields: [address.declaration, ports.declaration])

    static let shape = Shape<(address: String?, ports: ClosedRange<Int>?)>(
        schema: object.schema, example: "{…}"
    ) { node, problems in
        guard let keys = object.values(of: node, problems) else { return nil }
        return (keys(address), keys(ports))
    }
}

extension Shape where Value == Int {
    /// A codepoint of differentiated services by its number or its name.
    static let dscp: Shape = {
        let words = names.map(\.key)
        let number = integer(PlanLimits.dscp, example: 46)
        let named = Shape<String>.word(of: words)
        let schema = JSONValue.schema(["anyOf": .array([number.schema, named.schema])])
        return Shape(schema: schema, example: "\"EF\"") { node, problems in
            guard case .string = node.content else { return number.read(node, problems) }
            return named.read(node, problems).flatMap { word in
                names.first { $0.key == word }?.value
            }
        }
    }()

    /// The names of codepoints: class selectors (RFC 2474 §4.2.2), assured forwarding (RFC 2597
    /// §6), expedited forwarding (RFC 3246), VOICE-ADMIT (RFC 5865), lower effort (RFC 8622).
    private static let names: [(key: String, value: Int)] = {
        var names: [(key: String, value: Int)] = []
        for selector in 0...7 { names.append(("CS\(selector)", 8 * selector)) }
        for line in 1...4 {
            for drop in 1...3 { names.append(("AF\(line)\(drop)", 8 * line + 2 * drop)) }
        }
        return names + [("EF", 46), ("VA", 44), ("LE", 1)]
    }()
}

extension Shape where Value == String {
    /// The name of an interface: at most 15 bytes (IFNAMSIZ), no slash and no white space
    /// (dev_valid_name, net/core/dev.c).
    static let interface = text(
        pattern: "^[!-.0-9;-~]{1,15}$", example: "eth0",
        rule: "an interface has a name of 1 to 15 characters without spaces, \"/\" and \":\""
    ) { name in
        (1...15).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x2f && $0 != 0x3a }
    }

    /// A numeric address without a port.
    static let sourceAddress = converted(
        schema: TargetAddress.hostSchema, example: "127.0.0.1"
    ) { (text: String) throws(JSONComplaint) in
        try TargetAddress(numericHost: text).hostText
    }
}
