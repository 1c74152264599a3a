import JSON

/// The keys of a sender.
enum SenderShape {
    static let name = Field.required(
        "name", .name("calls"), "The name of the stream in the report.")
    static let flows = Field.optional(
        "flows", .integer(PlanLimits.flows, example: 4),
        "Sockets, each with a source port and sequence numbers of its own.",
        absent: 1, written: .integer(1))
    static let rate = Field.required(
        "rate", .rate, "Packets per second of each flow, such as \"500pps\", or \"max\".")
    static let payload = Field.required(
        "payload", .quantity(PlanLimits.payload, example: "160B"),
        "UDP payload of every datagram, such as \"160B\".")
    static let duration = Field.optional(
        "duration", .quantity(PlanLimits.duration, example: "10s"),
        "How long the flows send. Either this or \"count\".")
    static let count = Field.optional(
        "count", .integer(PlanLimits.count, example: 10_000),
        "How many datagrams each flow sends. Either this or \"duration\".")
    static let schedule = Field.optional(
        "schedule", .choice(["constant": .constant], later: ["poisson", "exponential", "burst"]),
        "When a flow sends: \"constant\" is at equal distances.",
        absent: SenderDefinition.Schedule.constant, written: .string("constant"))
    static let window = Field.optional(
        "window", .integer(PlanLimits.window, example: 256),
        "At \"rate\": \"max\": datagrams without an answer that each flow keeps on the way.")
    static let offload = Field.optional(
        "offload", OffloadShape.shape, "Batch and offload features of the stream.",
        absent: OffloadKnobs(), written: .object([]))
    static let startSequence = Field.optional(
        "start_sequence", .integer(PlanLimits.startSequence, example: 4_294_967_290),
        "The first sequence number of every flow.", absent: 0, written: .integer(0))

    static let object = ObjectShape(
        name: "a sender",
        fields: [
            name.declaration, flows.declaration, rate.declaration, payload.declaration,
            duration.declaration, count.declaration, schedule.declaration, window.declaration,
            offload.declaration, startSequence.declaration,
        ],
        later: ["on_reset", "socket", "threads", "max_burst"],
        rules: [
            .exactlyOne("duration", "count", why: "one of them says when the flows end"),
            .onlyWhere(
                "rate", is: "max", "window",
                why: "a sender with a rate does not wait for answers"),
        ])

    static let shape = Shape<SenderDefinition>(
        schema: object.schema, example: "{…}", read: read
    ).referring(to: "sender")

    @Sendable private static func read(
        _ node: JSONNode, _ problems: JSONProblems
    ) -> SenderDefinition? {
        guard let keys = Self.object.values(of: node, problems) else { return nil }
        let duration = keys(Self.duration).map(SenderDefinition.Length.durationNs)
        let count = keys(Self.count).map(SenderDefinition.Length.count)
        let values = (
            keys(Self.name), keys(Self.flows), keys(Self.rate), keys(Self.payload),
            keys(Self.schedule),
            keys(Self.window), keys(Self.offload), keys(Self.startSequence)
        )
        guard let name = values.0, let flows = values.1, let rate = values.2,
            let payload = values.3, let length = duration ?? count, let schedule = values.4,
            let offload = values.6, let startSequence = values.7
        else { return nil }
        return SenderDefinition(
            name: name, flows: flows, rate: rate, payloadBytes: payload, length: length,
            schedule: schedule, window: values.5, offload: offload, startSequence: startSequence)
    }
}

/// The keys of a sender's `offload`.
enum OffloadShape {
    static let sendmmsg = knob("sendmmsg", .batch, "Several datagrams in one send call.")
    static let gso = knob("gso", .segmentation, "UDP_SEGMENT: one buffer of several datagrams.")
    static let recvmmsg = knob("recvmmsg", .batch, "Several datagrams in one receive call.")
    static let gro = knob("gro", .segmentation, "UDP_GRO: coalesced datagrams on receive.")

    static let object = ObjectShape(
        name: "the offload knobs",
        fields: [
            sendmmsg.declaration, gso.declaration, recvmmsg.declaration, gro.declaration,
        ])

    static let shape = Shape<OffloadKnobs>(schema: object.schema, example: "{…}") {
        node, problems in
        guard let keys = object.values(of: node, problems) else { return nil }
        let knobs = (keys(sendmmsg), keys(gso), keys(recvmmsg), keys(gro))
        guard let sendmmsg = knobs.0, let gso = knobs.1, let recvmmsg = knobs.2,
            let gro = knobs.3
        else { return nil }
        return OffloadKnobs(sendmmsg: sendmmsg, gso: gso, recvmmsg: recvmmsg, gro: gro)
    }

    private static func knob(
        _ key: String, _ shape: Shape<OffloadKnobs.Knob>, _ purpose: String
    ) -> Field<OffloadKnobs.Knob> {
        .optional(key, shape, purpose, absent: .auto, written: .string("auto"))
    }
}

extension Shape where Value == OffloadKnobs.Knob {
    static let batch = choice(["auto": .auto, "on": .on, "off": .off])
    static let segmentation = choice(["auto": .auto, "off": .off], later: ["on"])
}

extension Shape where Value == SenderDefinition.Rate {
    /// A packet rate, or the word `max`.
    static let rate: Shape = {
        let quantity = Shape<Int>.quantity(PlanLimits.rate, example: "500pps")
        let schema = JSONValue.schema([
            "anyOf": .array([.schema(["const": .string("max")]), quantity.schema])
        ])
        return Shape(schema: schema, example: quantity.example) { node, problems in
            if node.value == .string("max") { return .max }
            return quantity.read(node, problems).map {
                .perFlow(pps: Double($0) / Quantity.stepsPerPacketPerSecond)
            }
        }
    }()
}
