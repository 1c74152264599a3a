import JSON
import Load

/// A scenario whose references are still names.
struct ScenarioDraft: Sendable {
    let name: String
    let networks: [String]
    let directions: [HostPath.Direction]
    let responder: String?
    let repeats: Int
    let order: RunOrder
    let warmUpNs: Int
    let timeoutNs: Int
    let tolerance: Double
    let senders: [SenderDefinition]
    let timeline: [TimelineDraft]
    let thresholds: [Threshold]
    let battery: BatteryDefinition?
    let search: SearchDefinition?
    let calibrates: Bool
}

/// The keys of a scenario.
enum ScenarioShape {
    /// The kinds of battery.
    enum BatteryWord: Sendable {
        case resilience
    }

    static let title = Field.optional(
        "title", Shape<String>.title,
        "The title of the scenario for people, in any language, shown in place of its name.")
    static let name = Field.required(
        "name", .name("voice"), "The name of the scenario in the report.")
    static let networks = Field.required(
        "networks",
        .array(
            of: Shape<String>.name("loopback"), named: "names of networks",
            count: PlanLimits.networksPerScenario, isUnique: true),
        "The networks to run on, by name: one run for each network and repeat.")
    static let responder = Field.optional(
        "responder", .name("echo"),
        "The responder on the networks of this host, by name; a path leads to a service of "
            + "its own.")
    static let directions = Field.optional(
        "directions",
        .array(
            of: Shape<HostPath.Direction>.choice([
                "forward": .forward, "backward": .backward, "both": .both,
            ]),
            named: "directions", count: 1...HostPath.Direction.allCases.count, isUnique: true),
        "The directions of the load: \"backward\" swaps the hosts of senders and responder, or what an "
            + "emulated network does each way; \"both\" runs the two at once, with a responder at each "
            + "end. Each is a network of its own in the report, such as \"lan:backward\".",
        absent: [.forward], written: .array([.string("forward")]))
    static let repeats = Field.optional(
        "repeat", .integer(PlanLimits.repeats, example: 5), "The number of runs on each network.",
        absent: 1, written: .integer(1))
    static let order = Field.optional(
        "order",
        .choice(["interleaved": .interleaved, "sequential": .sequential, "shuffled": .shuffled]),
        "The order of the runs: \"interleaved\" is repeat by repeat, so that a drift of the "
            + "machine meets all networks alike; \"sequential\" is network by network; "
            + "\"shuffled\" is by the seed.", absent: RunOrder.interleaved,
        written: .string("interleaved"))
    static let warmUp = Field.optional(
        "warm_up", .quantity(PlanLimits.warmUp, example: "500ms"),
        "The length of the load before the measurement, which counts in no figure.",
        absent: 0, written: .string("0s"))
    static let timeout = Field.optional(
        "timeout", .quantity(PlanLimits.timeout, example: "1s"),
        "The longest time to an answer: a later answer is \"late\", and its probe counts as "
            + "lost (Tmax of RFC 7680).",
        absent: 1_000_000_000, written: .string("1s"))
    static let tolerance = Field.optional(
        "tolerance", .quantity(PlanLimits.tolerance, example: "0.1%"),
        "The share of the scheduled datagrams that this host may fail to send in time, queue "
            + "or receive before the verdict is inconclusive.", absent: PlanLimits.toleranceDefault,
        written: .string(PlanLimits.toleranceDefaultText))
    static let senders = Field.optional(
        "senders", .array(of: SenderShape.shape, named: "senders", count: PlanLimits.senders),
        "The senders, which run at the same time. Either this or \"battery\".")
    static let timeline = Field.optional(
        "timeline",
        .array(of: TimelineShape.shape, named: "events", count: PlanLimits.events),
        "Events that happen to the responder or the network while the senders send.", absent: [],
        written: .array([]))
    static let thresholds = Field.optional(
        "thresholds",
        .array(of: .threshold, named: "thresholds", count: PlanLimits.thresholds),
        "Bounds on figures of the report, such as \"rtt.p99 < 50ms\", for every stream.",
        absent: [], written: .array([]))
    static let battery = Field.optional(
        "battery", Shape<BatteryWord>.choice(["resilience": .resilience]),
        "Trials of an echo server. Either this or \"senders\".")
    static let profile = Field.optional(
        "profile", Shape<ResilienceProfile>.choice(["basic": .basic, "strict": .strict]),
        "The trials of the battery that run and have to pass: \"basic\" takes some ten "
            + "seconds, \"strict\" has all trials.",
        absent: .basic, written: .string("basic"))
    static let soak = Field.optional(
        "soak", .quantity(PlanLimits.soak, example: "30s"),
        "The length of the soak, which the profile \"strict\" has.",
        absent: 30_000_000_000, written: .string("30s"))

    static let search = Field.optional(
        "search", SearchShape.shape,
        "A search for the highest rate of a sender: the scenario runs once for each rate that is "
            + "tried, of which the sender's \"rate\" is the highest.")
    static let calibrate = Field.optional(
        "calibrate", .bool,
        "Runs the senders over loopback first, and the scenario only if this host alone can carry "
            + "them.", absent: false, written: .bool(false))

    /// The keys of how senders send, and how they are judged.
    private static let ofSenders = [
        directions.declaration, repeats.declaration, order.declaration, warmUp.declaration,
        timeout.declaration,
        tolerance.declaration, search.declaration, calibrate.declaration, timeline.declaration,
        thresholds.declaration,
    ]

    static let object = ObjectShape(
        name: "a scenario",
        fields: [name.declaration, title.declaration, networks.declaration, responder.declaration]
            + ofSenders.dropLast(2) + [senders.declaration] + ofSenders.suffix(2)
            + [battery.declaration, profile.declaration, soak.declaration],
        later: ["on_reset", "capacity"],
        rules: [
            .exactlyOne(
                "senders", "battery", why: "a scenario sends, or a battery of trials does")
        ]
            + ["profile", "soak"].map {
                .onlyBeside("battery", $0, why: "it says something of its trials")
            }
            + ofSenders.map { field in
                .neverBeside(
                    "battery", field.key, why: "its trials send, and are judged, in their own way")
            }
            + [
                .neverBeside(
                    search.key, timeline.key,
                    why: "each trial would have the events at another rate"),
                .neverBeside(
                    search.key, calibrate.key,
                    why: "a search says itself when this host is the limit"),
            ])

    static let shape = Shape<ScenarioDraft>(
        schema: object.schema, example: "{…}", read: read
    ).referring(to: "scenario")

    @Sendable private static func read(
        _ node: JSONNode, _ problems: JSONProblems
    ) -> ScenarioDraft? {
        guard let keys = Self.object.values(of: node, problems) else { return nil }
        let values = (
            keys(Self.name), keys(Self.networks), keys(Self.responder), keys(Self.repeats),
            keys(Self.warmUp), keys(Self.timeout), keys(Self.tolerance),
            keys(Self.senders) ?? (keys.has(Self.battery.key) ? [] : nil),
            keys(Self.thresholds), keys(Self.order), keys(Self.timeline), keys(Self.directions)
        )
        _ = keys(title)
        let battery = batteryDefinition(keys)
        let (draft, calibrates) = (keys(Self.search), keys(calibrate))
        if keys.has(Self.search.key), draft == nil { return nil }
        guard let name = values.0, let networks = values.1, let repeats = values.3,
            let warmUp = values.4, let timeout = values.5, let tolerance = values.6,
            let senders = values.7, let thresholds = values.8, let order = values.9,
            let timeline = values.10, let directions = values.11, let calibrates
        else { return nil }
        let search = draft.flatMap { $0.resolved(senders, keys) }
        if draft != nil, search == nil { return nil }
        PlanBudget.check(senders, timeoutNs: timeout, at: node, problems)
        return ScenarioDraft(
            name: name, networks: networks, directions: directions, responder: values.2,
            repeats: repeats,
            order: order, warmUpNs: warmUp, timeoutNs: timeout,
            tolerance: Double(tolerance) / Quantity.stepsPerRatio, senders: senders,
            timeline: timeline, thresholds: thresholds, battery: battery, search: search,
            calibrates: calibrates)
    }

    private static func batteryDefinition(_ keys: ObjectValues) -> BatteryDefinition? {
        let values = (keys(battery), keys(profile), keys(soak))
        guard values.0 != nil, let profile = values.1, let soak = values.2 else { return nil }
        return BatteryDefinition(profile: profile, soakNs: soak)
    }
}

extension Shape where Value == Threshold {
    static let threshold = converted(schema: Threshold.schema, example: "rtt.p99 < 50ms") {
        text throws(JSONComplaint) in try Threshold(text)
    }
}
