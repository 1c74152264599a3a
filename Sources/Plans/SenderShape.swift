import JSON
import Load

/// The keys of a sender.
enum SenderShape {
    static let title = Field.optional(
        "title", Shape<String>.title,
        "The title of the stream for people, in any language, shown in place of its name.")
    static let name = Field.required(
        "name", .name("calls"), "The name of the stream in the report.")
    static let kind = Field.optional(
        "kind",
        Shape<SenderDefinition.Kind>.choice(["probes": .probes, "hit-and-run": .hitAndRun]),
        "\"probes\" await answers; \"hit-and-run\" sends each burst from a fresh ephemeral "
            + "port that is closed at once, so that every answer comes back to the responder as "
            + "a reset.",
        absent: SenderDefinition.Kind.probes, written: .string("probes"))
    static let burst = Field.optional(
        "burst", .integer(PlanLimits.burst, example: 4),
        "The datagrams that a hit-and-run sender sends together, from one port; its rate "
            + "counts datagrams.", absent: 1, written: .integer(1))
    static let flows = Field.optional(
        "flows", .integer(PlanLimits.flows, example: 4),
        "The number of sockets, each with a source port and sequence numbers of its own.",
        absent: 1, written: .integer(1))
    static let rate = Field.optional(
        "rate", .rate,
        "The rate of each flow in datagrams or in bits of UDP payload per second, or \"max\". A rate "
            + "is an open loop on absolute deadlines: a slot that has passed is never made up for. "
            + "One of this, \"total_rate\", \"stages\" and a schedule with times of its own.")
    static let totalRate = Field.optional(
        "total_rate", .rate,
        "The rate of all flows together, in datagrams or in bits per second: each has its share.")
    static let rateOf = Field.optional(
        "rate_of",
        Shape<RateLayer>.choice(["payload": .payload, "ip": .ip, "wire": .wire]),
        "The bits that a rate in bits counts: the UDP payload, IPv4 packets (28 B more each), or "
            + "Ethernet frames with preamble and gap (66 B more).",
        absent: RateLayer.payload, written: .string("payload"))
    static let stages = Field.optional(
        "stages",
        .array(of: StageShape.shape, named: "stages", count: PlanLimits.stages),
        "Rates one after the other, each with figures of its own; in place of \"rate\" and "
            + "\"duration\".")
    static let payload = Field.optional(
        "payload", .payload,
        "The UDP payload of every probe: a size, \"imix\", or a model of several sizes, "
            + "\"uniform\" or \"mix\". One of this, \"request\" and \"profile\".")
    static let profile = Field.optional(
        "profile",
        Shape<String>.word(of: TrafficProfile.allCases.map(\.rawValue)),
        "The traffic of an application, which says what is sent and when.")
    static let request = Field.optional(
        "request", RequestShape.shape,
        "The request that is sent in place of a probe, or several in turn: an object, or the name "
            + "of a service's request.")
    static let answer = Field.optional(
        "answer", AnswerShape.shape,
        "How the answer to a request is told: \"echo\" is the request itself, \"none\" awaits "
            + "no answer, \"any\" is the next datagram of a flow with one request at a time, and "
            + "an object finds the number of the request. Without it \"echo\", or the rule of "
            + "the named request.")
    static let valid = Field.optional(
        "valid",
        .array(
            of: AnswerCheckShape.shape, named: "properties of a right answer",
            count: PlanLimits.checks),
        "What a right answer looks like: one without a property is a \"wrong_answer\".")
    static let duration = Field.optional(
        "duration", .quantity(PlanLimits.duration, example: "10s"),
        "The time for which the flows send. Either this or \"count\".")
    static let count = Field.optional(
        "count", .integer(PlanLimits.count, example: 10_000),
        "The number of datagrams of each flow. Either this or \"duration\".")
    static let schedule = Field.optional(
        "schedule", .schedule,
        "The send times of a flow: \"constant\" is at equal distances, \"poisson\" at random ones "
            + "(RFC 2330); a model has \"bursts\", a \"ramp\", \"steps\", \"on-off\" or the times of "
            + "a \"trace\".",
        absent: ScheduleText.arrivals(.constant), written: .string("constant"))
    static let window = Field.optional(
        "window", .integer(PlanLimits.window, example: 256),
        "At \"rate\": \"max\" towards an echo: the unanswered datagrams that each flow keeps "
            + "in flight. By default the flows take turns with 128 over all of them (more with GSO, "
            + "or with more flows on a path), fewer where the socket buffers hold fewer.")
    static let think = Field.optional(
        "think", .think,
        "At \"rate\": \"max\": the time that passes after an answer, or the timeout, before the next "
            + "request: a closed loop of users, \"window\" of each flow (by default 1). A time, or "
            + "{\"mean\": …, \"kind\": \"exponential\"}.")
    static let offload = Field.optional(
        "offload", OffloadShape.shape, "The batched calls and offloads of the stream.",
        absent: OffloadKnobs(), written: .object([]))
    static let timestamps = Field.optional(
        "timestamps", .choice(["auto": .auto, "kernel": .kernel, "user": .user]),
        "The source of receive times: the kernel as a datagram arrives, or udplab (\"user\") "
            + "as it reads. \"auto\" is the kernel at a rate, and udplab at \"max\".",
        absent: TimestampSource.auto, written: .string("auto"))
    static let pacing = Field.optional(
        "pacing", .choice(["auto": .auto, "sleep": .sleep, "spin": .spin]),
        "How a sender with a rate waits for its next slot: \"auto\" sleeps, then spins where "
            + "each data thread has a processor.",
        absent: PacingMode.auto, written: .string("auto"))
    static let maxBurst = Field.optional(
        "max_burst", .integer(PlanLimits.maxBurst, example: 4),
        "The number of late datagrams that a sender with a rate may send back to back; the "
            + "others are \"skipped\".",
        absent: 1, written: .integer(1))
    static let threads = Field.optional(
        "threads", .integer(PlanLimits.threads, example: 2),
        "The threads that the flows are distributed over, at most one per flow.",
        absent: 1, written: .integer(1))
    static let socket = Field.optional(
        "socket",
        Shape<SocketKind>.choice([
            "connected": .connected, "unconnected": .unconnected,
            "unconnected_recverr": .unconnectedRecverr,
        ]),
        "The resets that reach the flows: \"connected\" those of their peer, \"unconnected\" "
            + "none, \"unconnected_recverr\" those of every peer, as on Windows (10054).",
        absent: SocketKind.connected, written: .string("connected"))
    static let onReset = Field.optional(
        "on_reset", .resetPolicy,
        "The retry policy of a flow: \"none\" ends at a reset, \"once\" at the second before "
            + "an answer, \"always\" sends the refused datagram once more, \"backoff\" pauses.",
        absent: RetryPolicy.always, written: .string("always"))
    static let verify = Field.optional(
        "verify", .bool,
        "Whether udplab's own responder compares whole payloads and not their headers alone. "
            + "Senders always do, and so does every end where a network alters datagrams.",
        absent: false, written: .bool(false))
    static let startSequence = Field.optional(
        "start_sequence", .integer(PlanLimits.startSequence, example: 4_294_967_290),
        "The first sequence number of every flow, to cross a wrap on purpose.", absent: 0,
        written: .integer(0))

    static let host = Field.optional(
        "host", .hosts,
        "The host from which it sends, or several that send at once and are one stream in the "
            + "report; without it this host, which has the name \"here\" among several.")
    static let sharesFlows = Field.optional(
        "share_flows", .bool,
        "Whether several hosts share the flows; otherwise each has that many.", absent: false,
        written: .bool(false))

    static let object = ObjectShape(
        name: "a sender",
        fields: [
            name.declaration, title.declaration, host.declaration, sharesFlows.declaration,
            kind.declaration,
            burst.declaration,
            flows.declaration,
            rate.declaration, totalRate.declaration, rateOf.declaration, stages.declaration,
            payload.declaration, profile.declaration, request.declaration, answer.declaration,
            valid.declaration,
            duration.declaration, count.declaration, schedule.declaration, window.declaration,
            think.declaration, offload.declaration, timestamps.declaration, pacing.declaration,
            maxBurst.declaration, threads.declaration, socket.declaration,
            onReset.declaration, startSequence.declaration, verify.declaration,
        ] + SendOptionsShape.declarations,
        rules: hitAndRunRules + requestRules + SendOptionsShape.rules + [
            .exactlyOne(
                of: ["duration", "count", "stages"], why: "one of them says when the flows end"),
            hasOneRate,
            .neverWhere("rate", is: "max", "schedule", why: noSlots),
            .onlyWhere(
                "rate", is: "max", "window",
                why: "a sender with a rate does not wait for answers"),
            .onlyWhere(
                "rate", is: "max", think.key,
                why: "a sender with a rate does not wait for answers"),
            .onlyBeside("rate", think.key, why: "a sender with a rate does not wait for answers"),
            .neverWhere("rate", is: "max", "pacing", why: noSlots),
            .neverWhere("rate", is: "max", "max_burst", why: noSlots),
            twoSegmentsFit,
            everyThreadHasAFlow,
            .onlyBeside("host", "share_flows", why: "one host has all of them"),
        ])

    private static let requestRules: [ObjectRule] =
        [
            .exactlyOne(
                of: ["payload", "request", "profile"], why: "one of them says what is sent"),
            .neverBeside("profile", "schedule", why: "it says when datagrams are sent"),
            .neverBeside("profile", "rate_of", why: "it has a rate in datagrams"),
            .neverWhere("kind", is: "hit-and-run", "profile", why: "its bursts are its own"),
            .onlyBeside("request", "answer", why: "a probe is answered by its echo"),
            .onlyBeside("request", "valid", why: "a probe is answered by its echo"),
            .neverBeside("request", "offload", why: "each request is a datagram of its own length"),
            .neverBeside("request", "verify", why: "its responder is none of udplab's own"),
            .neverWhere("kind", is: "hit-and-run", "request", why: "it sends probes"),
        ]

    private static let hitAndRunRules: [ObjectRule] =
        [
            .onlyBeside("kind", "burst", why: burstIsOfHitAndRun),
            .onlyWhere("kind", is: "hit-and-run", "burst", why: burstIsOfHitAndRun),
            hitAndRunHasARate,
        ]
        + [
            "window", "think", "offload", "timestamps", "pacing", "max_burst", "threads", "socket",
            "on_reset",
        ].map {
            .neverWhere("kind", is: "hit-and-run", $0, why: "it awaits nothing")
        }
        + ["schedule", "stages"].map {
            .neverWhere("kind", is: "hit-and-run", $0, why: "its bursts are at equal distances")
        }

    /// The rule that one key says how much is sent.
    private static let hasOneRate = ObjectRule(
        schema: .schema([
            "if": .schema([
                "required": .array([.string(schedule.key)]),
                "properties": .schema([
                    schedule.key: .schema([
                        "anyOf": .array([
                            .requiring("every"),
                            .schema([
                                "required": .array([.string("model")]),
                                "properties": .schema([
                                    "model": .schema(["const": .string("trace")])
                                ]),
                            ]),
                        ]),
                        "type": .string("object"),
                    ])
                ]),
            ]),
            "then": .schema([
                "not": .schema([
                    "anyOf": .array(rateKeys.map { .requiring($0) })
                ])
            ]),
            "else": .schema(["oneOf": .array(rateKeys.map { .requiring($0) })]),
        ])
    ) { object in
        let model = object.node[schedule.key]
        let present = rateKeys.filter(object.has)
        if model?["model"]?.value == .string("trace") || model?["every"] != nil {
            for key in present {
                object.report(
                    "\"\(key)\" does not go with this schedule: it says when each datagram is sent",
                    at: key)
            }
        } else if present.count > 1 {
            object.report(
                "\"\(present[0])\" and \"\(present[1])\" exclude each other: one of them says how "
                    + "much is sent", at: present[1])
        } else if present.isEmpty, !object.misspells(rateKeys) {
            object.report("the key \"rate\" is missing, such as \"rate\": \"500pps\"")
        }
    }

    private static let rateKeys = [rate.key, totalRate.key, stages.key, profile.key]

    private static let burstIsOfHitAndRun = "probes keep their ports"

    /// The rule that an ephemeral-port sender has a stated rate.
    private static let hitAndRunHasARate = ObjectRule(
        schema: .schema([
            "if": .schema([
                "required": .array([.string(kind.key)]),
                "properties": .schema([kind.key: .schema(["const": .string("hit-and-run")])]),
            ]),
            "then": .schema([
                "properties": .schema([
                    rate.key: .schema(["not": .schema(["const": .string("max")])])
                ])
            ]),
        ])
    ) { object in
        guard object.node[kind.key]?.value == .string("hit-and-run"),
            object.node[rate.key]?.value == .string("max")
        else { return }
        object.report(
            "\"rate\": \"max\" does not go with \"kind\": \"hit-and-run\": say how many "
                + "datagrams a second, such as \"100pps\"", at: rate.key)
    }

    private static let noSlots = "without a rate there are no slots to keep"

    static let shape = Shape<SenderDefinition>(
        schema: object.schema, example: "{…}", read: read
    ).referring(to: "sender")

    @Sendable private static func read(
        _ node: JSONNode, _ problems: JSONProblems
    ) -> SenderDefinition? {
        guard let keys = Self.object.values(of: node, problems) else { return nil }
        _ = keys(title)
        let flows = keys(Self.flows)
        let content = content(keys)
        let values = LoadRules.Values(keys)
        let hosts = keys(host) ?? []
        let shares = keys(sharesFlows) ?? false
        let load = flows.flatMap { flows in
            content.flatMap { content in
                LoadRules(
                    values, keys, profile: content.profile, bytes: content.meanBytes,
                    sources: flows * (shares ? 1 : max(1, hosts.count)))
            }
        }
        let more = (keys(Self.name), keys(Self.window), keys(Self.startSequence))
        let think = keys(Self.think)
        let knobs = (
            keys(Self.offload), keys(Self.timestamps), keys(Self.pacing), keys(Self.maxBurst),
            keys(Self.threads), keys(Self.verify)
        )
        let options = SendOptionsShape.read(keys, flows: flows)
        let resets = (keys(Self.kind), keys(Self.burst), keys(Self.socket), keys(Self.onReset))
        guard let kind = resets.0, let burst = resets.1, let socket = resets.2,
            let onReset = resets.3
        else { return nil }
        guard let name = more.0, let flows, let content, let load, let startSequence = more.2,
            let offload = knobs.0, let timestamps = knobs.1, let pacing = knobs.2,
            let maxBurst = knobs.3, let threads = knobs.4, let verifies = knobs.5, let options
        else { return nil }
        var sender = SenderDefinition(
            name: name, flows: flows, rate: load.rate, payloadBytes: content.bytes,
            length: load.length, schedule: load.schedule, window: more.1, offload: offload,
            timestamps: timestamps,
            pacing: pacing, maxBurst: maxBurst, threads: threads, startSequence: startSequence,
            kind: kind, burst: burst, socket: socket, onReset: onReset, verifies: verifies)
        if hosts.count > 1 {
            sender.fleet = SenderDefinition.Fleet(name: name, hosts: hosts, sharesFlows: shares)
            if shares, hosts.count > flows {
                keys.report(
                    "\(hosts.count) hosts cannot share \(flows) flows: each needs one",
                    at: sharesFlows.key)
            }
        } else {
            sender.host = hosts.first
        }
        if let think {
            sender.think = think
            check(sender, users: flows * (sender.window ?? 1), in: keys)
        }
        sender.request = content.request
        sender.sizes = content.sizes
        sender.sizes?.first = UInt32(truncatingIfNeeded: startSequence)
        sender.profile = content.profile
        if sender.sizes != nil {
            if sender.offload.gso == .on || sender.offload.gro == .on {
                keys.report(
                    "datagrams of several sizes make no super-packet: gso and gro stay off",
                    at: Self.offload.key)
            }
            if sender.kind == .hitAndRun {
                keys.report(
                    "the bursts of a hit-and-run sender are of one size", at: Self.payload.key)
            }
        }
        sender.options = options
        return sender
    }

    /// Checks a sender whose users think: they send one datagram at a time.
    private static func check(_ sender: SenderDefinition, users: Int, in keys: ObjectValues) {
        if !PlanLimits.thinkingUsers.contains(users) {
            keys.report(
                "\(sender.flows) flows with \(sender.window ?? 1) requests each are \(users) users "
                    + "(legal: up to \(PlanLimits.thinkingUsers.upperBound)): use a smaller "
                    + "\"window\"", at: keys.has(window.key) ? window.key : flows.key)
        }
        if let most = sender.window, !PlanLimits.thinkingWindow.contains(most) {
            keys.report(
                "users who think are at most \(PlanLimits.thinkingWindow.upperBound) of a flow: use "
                    + "more \"flows\"", at: window.key)
        }
        if sender.offload.gso == .on || sender.offload.gro == .on {
            keys.report(
                "a user who thinks sends one datagram at a time: gso and gro stay off",
                at: offload.key)
        }
    }

    /// The datagrams of a sender.
    private struct Content {
        /// The payload of the largest datagram.
        var bytes: Int
        /// The mean payload; nil if it differs between runs.
        var meanBytes: Double?
        var sizes: PayloadSizes?
        var request: RequestDefinition?
        var profile: TrafficProfile?
    }

    /// Returns what the sender sends; nil if it is wrong, or missing.
    private static func content(_ keys: ObjectValues) -> Content? {
        let values = (keys(payload), keys(request), keys(answer), keys(valid))
        if let word = keys(profile), let profile = TrafficProfile(rawValue: word) {
            return Content(
                bytes: profile.payloadBytes, sizes: profile.sizes, profile: profile)
        }
        guard let drafts = values.1 else {
            switch values.0 {
            case .size(let bytes)?: return Content(bytes: bytes, meanBytes: Double(bytes))
            case .sizes(let sizes)?:
                return Content(
                    bytes: sizes.bytesMost, meanBytes: sizes.meanBytes, sizes: sizes)
            case nil: return nil
            }
        }
        if keys.has(answer.key), values.2 == nil { return nil }
        if keys.has(valid.key), values.3 == nil { return nil }
        guard
            let request = RequestRules.request(
                drafts, answer: values.2, valid: values.3, in: keys)
        else { return nil }
        return Content(
            bytes: request.bytesMost, meanBytes: request.meanBytes, request: request)
    }

    /// The rule that two segments fit into a buffer: a buffer of one segment is an ordinary
    /// datagram, and `on` would have no effect.
    private static let twoSegmentsFit = ObjectRule(
        schema: .schema([
            "if": .schema([
                "required": .array([.string(offload.key)]),
                "properties": .schema([
                    offload.key: .schema([
                        "required": .array([.string(OffloadShape.gso.key)]),
                        "properties": .schema([
                            OffloadShape.gso.key: .schema(["const": .string("on")])
                        ]),
                    ])
                ]),
            ]),
            "then": .schema([
                "properties": .schema([
                    payload.key: .text(
                        matching: PlanLimits.segmentPayload.patterns,
                        title: "a size of which two fit, \(PlanLimits.segmentPayload.text)")
                ])
            ]),
        ])
    ) { object in
        guard let knob = object.node[offload.key]?[OffloadShape.gso.key],
            knob.value == .string("on"),
            case .string(let text)? = object.node[payload.key]?.content,
            let bytes = try? PlanLimits.payload.read(text),
            bytes > PlanLimits.segmentPayload.steps.upperBound
        else { return }
        object.problems.add(
            "\"on\" needs a payload of which two fit into one buffer of "
                + "\(PlanLimits.payload.upperText): \(text.quoted) is more than "
                + "\(PlanLimits.segmentPayload.upperText)", at: knob)
    }

    /// The rule that every thread has a flow, since a flow stays on one thread. The schema cannot
    /// compare two numbers; it knows the one flow of a sender without `flows`.
    private static let everyThreadHasAFlow = ObjectRule(
        schema: .schema([
            "if": .requiring(flows.key),
            "else": .schema([
                "properties": .schema([threads.key: .schema(["maximum": .integer(1)])])
            ]),
        ])
    ) { object in
        guard case .integer(let asked)? = object.node[threads.key]?.content,
            PlanLimits.threads.contains(asked)
        else { return }
        let most: Int
        switch object.node[flows.key]?.content {
        case .integer(let count) where PlanLimits.flows.contains(count): most = count
        case nil where !object.misspells([flows.key]): most = 1
        // A wrong number of flows is a problem of its own.
        default: return
        }
        guard asked > most else { return }
        object.report(
            "\(asked) threads for \(most) \(most == 1 ? "flow" : "flows"): a flow stays on one "
                + "thread, so the others would have nothing to send", at: threads.key)
    }
}
