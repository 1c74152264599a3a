import JSON

/// The keys of a network of kind `namespace`. What is said of a way (`rate`, `queue`, `loss`, …)
/// stands for both directions at the top, and for one in `forward` or `backward`.
enum NamespaceShape {
    static let word = "namespace"

    static let kind = Field.required(
        "kind", Shape<Bool>.choice([word: true]), "What lies between sender and responder.")
    static let mtu = Field.optional(
        "mtu", .integer(PlanLimits.mtu, example: 1_500),
        "The largest IP packet, in octets; probes are not fragmented.",
        absent: NamespaceNetwork.defaultMTUBytes,
        written: .integer(NamespaceNetwork.defaultMTUBytes))
    static let icmpRatelimit = Field.optional(
        "icmp_ratelimit", .quantity(PlanLimits.icmpRatelimit, example: "0ms"),
        "The responder's side sends one ICMP error per peer in this time; 0ms is no limit. "
            + "Without it the kernel's own default stays.")
    static let whenUnavailable = Field.optional(
        "when_unavailable", Shape<Bool>.choice(["fail": false, "skip": true]),
        "Whether a host that cannot make this network refuses the plan or leaves its runs out.",
        absent: false, written: .string("fail"))

    static let rate = Field.optional(
        "rate", .quantity(PlanLimits.linkRate, example: "20Mbit"),
        "The bottleneck: bits a second of whole packets.")
    static let queue = Field.optional(
        "queue", .quantity(PlanLimits.linkQueue, example: "64KiB"),
        "What waits at the bottleneck; what does not fit is dropped. 64KiB where there is a rate.")
    static let loss = Field.optional(
        "loss", .quantity(PlanLimits.linkShare, example: "0.5%"),
        "The share of datagrams that is dropped at random.")
    static let delay = Field.optional(
        "delay", .quantity(PlanLimits.linkDelay, example: "20ms"), "Added to every datagram.")
    static let jitter = Field.optional(
        "jitter", .quantity(PlanLimits.linkDelay, example: "2ms"),
        "By how much the delay varies up and down.")
    static let reorder = Field.optional(
        "reorder", .quantity(PlanLimits.linkShare, example: "0.1%"),
        "The share of datagrams that overtake the delayed ones.")
    static let duplicate = Field.optional(
        "duplicate", .quantity(PlanLimits.linkShare, example: "0.1%"),
        "The share of datagrams that arrive twice.")

    private static let wayFields = [
        rate.declaration, queue.declaration, loss.declaration, delay.declaration,
        jitter.declaration, reorder.declaration, duplicate.declaration,
    ]

    static let way = ObjectShape(name: "a direction of a namespace network", fields: wayFields)

    /// What one object says of a way; nil is what it leaves open.
    struct Draft: Sendable {
        var rate: Int?
        var queue: Int?
        var loss: Int?
        var delay: Int?
        var jitter: Int?
        var reorder: Int?
        var duplicate: Int?

        init(_ keys: ObjectValues) {
            rate = keys(NamespaceShape.rate)
            queue = keys(NamespaceShape.queue)
            loss = keys(NamespaceShape.loss)
            delay = keys(NamespaceShape.delay)
            jitter = keys(NamespaceShape.jitter)
            reorder = keys(NamespaceShape.reorder)
            duplicate = keys(NamespaceShape.duplicate)
        }

        /// What it leaves open is as in `both`.
        func way(over both: Draft) -> NamespaceNetwork.Way {
            var way = NamespaceNetwork.Way()
            way.rateBitsPerSecond = rate ?? both.rate
            way.queueBytes =
                queue ?? both.queue
                ?? way.rateBitsPerSecond.map { _ in PlanLimits.linkQueueDefaultBytes }
            way.lossPerBillion = loss ?? both.loss ?? 0
            way.delayNs = delay ?? both.delay ?? 0
            way.jitterNs = jitter ?? both.jitter ?? 0
            way.reorderPerBillion = reorder ?? both.reorder ?? 0
            way.duplicatePerBillion = duplicate ?? both.duplicate ?? 0
            return way
        }
    }

    private static let wayShape = Shape<Draft>(schema: way.schema, example: "{…}") {
        node, problems in way.values(of: node, problems).map(Draft.init)
    }

    static let forward = Field.optional(
        "forward", wayShape, "What probes meet, over what the network says of both directions.")
    static let backward = Field.optional(
        "backward", wayShape, "What answers meet, likewise.")

    static let object = ObjectShape(
        name: "a network",
        fields: [
            kind.declaration, mtu.declaration, icmpRatelimit.declaration,
            whenUnavailable.declaration, forward.declaration, backward.declaration,
        ] + wayFields)

    static func read(_ node: JSONNode, _ problems: JSONProblems) -> NamespaceNetwork? {
        guard let keys = object.values(of: node, problems) else { return nil }
        var network = NamespaceNetwork()
        let (mtu, isSkipped) = (keys(Self.mtu), keys(whenUnavailable))
        let (limitNs, isNamespace) = (keys(icmpRatelimit), keys(kind) != nil)
        let both = Draft(keys)
        network.forward = (keys(forward) ?? both).way(over: both)
        network.backward = (keys(backward) ?? both).way(over: both)
        if let limitNs, limitNs % 1_000_000 != 0 {
            keys.report("the kernel counts this in whole milliseconds", at: icmpRatelimit.key)
        }
        network.icmpRatelimitMs = limitNs.map { $0 / 1_000_000 }
        guard let mtu, let isSkipped, isNamespace else { return nil }
        network.mtuBytes = mtu
        network.isSkippedWhereUnavailable = isSkipped
        check(network, keys)
        return network
    }

    /// What holds between values, which the schema cannot say.
    private static func check(_ network: NamespaceNetwork, _ keys: ObjectValues) {
        let packet = network.mtuBytes + NamespaceNetwork.linkHeaderBytes
        for way in network.ways {
            if way.queueBytes != nil, way.rateBitsPerSecond == nil {
                keys.report("\"queue\" goes with \"rate\" only: without one nothing waits")
                return
            }
            if let queue = way.queueBytes, queue < packet {
                keys.report(
                    "the queue of \(queue) B does not hold one packet of the MTU, which is "
                        + "\(packet) B with its Ethernet header: use a larger \"queue\" or a "
                        + "smaller \"mtu\"")
                return
            }
            if way.jitterNs > way.delayNs {
                keys.report("\"jitter\" is more than \"delay\": no datagram arrives before it left")
                return
            }
            if way.reorderPerBillion > 0, way.delayNs == 0 {
                keys.report("\"reorder\" needs a \"delay\": what is not delayed is not overtaken")
                return
            }
        }
    }
}
