import JSON
import Load

/// The layers whose bits a rate counts.
enum RateLayer: Int, Sendable {
    /// The UDP payload alone.
    case payload = 0
    /// The IP packet with 20 B of IPv4 header (RFC 791) and 8 B of UDP header (RFC 768).
    case ip = 28
    /// The Ethernet frame with everything that takes time on the wire: 14 B of header and 4 B of
    /// check sequence, 8 B of preamble and a gap of 12 B (IEEE 802.3 §3.1.1, §4.4.2).
    case wire = 66
}

/// The keys of a stage.
enum StageShape {
    static let rate = Field.optional(
        "rate", .rate, "The rate of each flow. Either this or \"total_rate\".")
    static let totalRate = Field.optional(
        "total_rate", .rate, "The rate of all flows together.")
    static let duration = Field.required(
        "duration", .quantity(PlanLimits.duration, example: "5s"), "The length of the stage.")

    static let object = ObjectShape(
        name: "a stage",
        fields: [rate.declaration, totalRate.declaration, duration.declaration],
        rules: [.exactlyOne("rate", "total_rate", why: "one of them says how much is sent")])

    /// A stage as the plan says it.
    struct Draft: Sendable {
        let rate: RateText
        let isTotal: Bool
        let lengthNs: Int
        let node: JSONNode
    }

    static let shape = Shape<Draft>(schema: object.schema, example: "{…}") { node, problems in
        guard let keys = object.values(of: node, problems) else { return nil }
        let values = (keys(rate), keys(totalRate), keys(duration))
        guard let text = values.0 ?? values.1, let length = values.2 else { return nil }
        return Draft(rate: text, isTotal: values.1 != nil, lengthNs: length, node: node)
    }
}

/// The rate of a sender, its schedule and its length.
struct LoadRules {
    let rate: SenderDefinition.Rate
    let schedule: SendSchedule
    let length: SenderDefinition.Length

    /// The keys of a sender that say so, each read by itself.
    struct Values {
        let rate: RateText?
        let totalRate: RateText?
        let stages: [StageShape.Draft]?
        let schedule: ScheduleText?
        let layer: RateLayer?
        let length: SenderDefinition.Length?

        init(_ keys: ObjectValues) {
            rate = keys(SenderShape.rate)
            totalRate = keys(SenderShape.totalRate)
            stages = keys(SenderShape.stages)
            schedule = keys(SenderShape.schedule)
            layer = keys(SenderShape.rateOf)
            let duration = keys(SenderShape.duration).map(SenderDefinition.Length.durationNs)
            let count = keys(SenderShape.count).map(SenderDefinition.Length.count)
            length = duration ?? count
        }
    }

    /// Returns the load that the keys mean together; nil, with a problem, if they mean none.
    /// - Parameters:
    ///   - bytes: The UDP payload of a datagram, the mean if they differ.
    ///   - sources: The flows of all its hosts together.
    ///   - profile: The profile that says how much is sent and when; nil without one.
    init?(
        _ values: Values, _ keys: ObjectValues, profile: TrafficProfile?, bytes: Double?,
        sources: Int
    ) {
        let shape = SenderShape.self
        if let profile {
            guard let length = values.length else { return nil }
            self.init(rate: .perFlow(pps: profile.pps), profile.schedule, length)
            return
        }
        guard let scheduleText = values.schedule, let layer = values.layer else { return nil }
        let reading = RateReading(
            keys: keys, bytes: bytes.map { $0 + Double(layer.rawValue) }, sources: sources)
        if keys.has(shape.rateOf.key), bytes == nil { reading.refuseBits(at: shape.rateOf.key) }
        if let stages = values.stages {
            guard let load = Self.staged(stages, scheduleText, reading) else { return nil }
            self = load
            return
        }
        guard let length = values.length else { return nil }
        switch scheduleText {
        case .trace(let trace):
            self.init(rate: .perFlow(pps: trace.pps), SendSchedule(.trace(trace)), length)
            return
        case .bursts(let size, let everyNs?):
            let pps = Double(size) * 1e9 / Double(everyNs)
            self.init(rate: .perFlow(pps: pps), SendSchedule(.bursts(size)), length)
            return
        default: break
        }
        guard let text = values.rate ?? values.totalRate else { return nil }
        let isTotal = values.rate == nil
        let key = isTotal ? shape.totalRate.key : shape.rate.key
        guard let rate = reading.rate(text, isTotal: isTotal, at: key) else { return nil }
        guard case .perFlow(let pps) = rate else {
            self.init(rate: rate, .constant, length)
            return
        }
        guard
            let schedule = Self.schedule(
                scheduleText, pps: pps, isTotal: isTotal, length, reading)
        else { return nil }
        self.init(rate: rate, schedule, length)
    }

    private init(
        rate: SenderDefinition.Rate, _ schedule: SendSchedule, _ length: SenderDefinition.Length
    ) {
        self.rate = rate
        self.schedule = schedule
        self.length = length
    }

    /// Returns the load of stages; their arrivals are those of the schedule.
    private static func staged(
        _ drafts: [StageShape.Draft], _ schedule: ScheduleText, _ reading: RateReading
    ) -> LoadRules? {
        let stages = drafts.compactMap { draft -> SendSchedule.Stage? in
            let key = draft.isTotal ? StageShape.totalRate.key : StageShape.rate.key
            let rate = reading.rate(
                draft.rate, isTotal: draft.isTotal, atNode: draft.node[key] ?? draft.node)
            guard case .perFlow(let pps)? = rate else {
                if rate == .max {
                    reading.keys.problems.add(
                        "a stage has a rate of its own: say how much, such as \"500pps\"",
                        at: draft.node[key] ?? draft.node)
                }
                return nil
            }
            return SendSchedule.Stage(lengthNs: Int64(draft.lengthNs), pps: pps)
        }
        guard stages.count == drafts.count, let first = stages.first else { return nil }
        let arrivals: SendSchedule.Arrivals
        switch schedule {
        case .arrivals(let each): arrivals = each
        case .bursts(let size, nil): arrivals = .bursts(size)
        default:
            reading.keys.report(
                "stages say when which rate is: beside them a schedule is \"constant\", \"poisson\" "
                    + "or bursts of a \"size\"", at: SenderShape.schedule.key)
            return nil
        }
        let profile = RateProfile(
            stages.map { RateProfile.Stretch(lengthNs: $0.lengthNs, pps: $0.pps) })
        let lengthNs = Int(profile.lengthNs)
        guard PlanLimits.duration.steps.contains(lengthNs) else {
            reading.keys.report(
                "the stages together are too long (legal: \(PlanLimits.duration.text))",
                at: SenderShape.stages.key)
            return nil
        }
        return LoadRules(
            rate: .perFlow(pps: first.pps),
            SendSchedule(arrivals, profile: profile, stages: stages), .durationNs(lengthNs))
    }

    private static func schedule(
        _ text: ScheduleText, pps: Double, isTotal: Bool, _ length: SenderDefinition.Length,
        _ reading: RateReading
    ) -> SendSchedule? {
        switch text {
        case .arrivals(let arrivals): return SendSchedule(arrivals)
        case .bursts(let size, _): return SendSchedule(.bursts(size))
        case .ramp(let to, let steps, let arrivals):
            let key = SenderShape.schedule.key
            guard case .perFlow(let last)? = reading.rate(to, isTotal: isTotal, at: key) else {
                if to == .max {
                    reading.keys.report(
                        "a ramp ends at a rate: say which, such as \"to\": \"500pps\"", at: key)
                }
                return nil
            }
            guard case .durationNs(let ns) = length else {
                reading.keys.report(
                    "the rate changes over a time: give the sender a \"duration\" in place of "
                        + "\"count\"", at: key)
                return nil
            }
            return SendSchedule(
                arrivals, profile: profile(from: pps, to: last, steps: steps, ns: Int64(ns)))
        case .onOff(let onNs, let offNs, let arrivals):
            return SendSchedule(
                arrivals,
                profile: RateProfile(
                    [
                        .init(lengthNs: Int64(onNs), pps: pps),
                        .init(lengthNs: Int64(offNs), pps: 0),
                    ], repeats: true))
        case .trace: return nil
        }
    }

    private static func profile(
        from first: Double, to last: Double, steps: Int?, ns: Int64
    ) -> RateProfile {
        guard let steps, steps > 1 else {
            return RateProfile([.init(lengthNs: ns, fromPps: first, toPps: last)])
        }
        // The ends of the steps are rounded, not their lengths, so that they add up to the whole.
        let count = Int64(min(Int64(steps), ns))
        return RateProfile(
            (0..<count).map { step in
                RateProfile.Stretch(
                    lengthNs: ns * (step + 1) / count - ns * step / count,
                    pps: first + (last - first) * Double(step) / Double(max(1, count - 1)))
            })
    }
}

/// The way from the rates of a sender to datagrams per second of a flow.
struct RateReading {
    let keys: ObjectValues
    /// The bytes of a datagram that a rate in bits counts; nil for requests whose sizes differ with
    /// their numbers.
    let bytes: Double?
    let sources: Int

    func rate(_ text: RateText, isTotal: Bool, at key: String) -> SenderDefinition.Rate? {
        rate(text, isTotal: isTotal, atNode: keys.node[key] ?? keys.node)
    }

    func rate(
        _ text: RateText, isTotal: Bool, atNode node: JSONNode
    ) -> SenderDefinition.Rate? {
        let ofAll: Double
        switch text {
        case .max:
            guard isTotal else { return .max }
            keys.problems.add(
                "\"max\" is a \"rate\" of each flow: all flows together have no other", at: node)
            return nil
        case .packets(let pps): ofAll = pps
        case .bits(let perSecond):
            guard let bytes else {
                keys.problems.add(Self.noSize, at: node)
                return nil
            }
            ofAll = Double(perSecond) / (8 * bytes)
        }
        let pps = isTotal ? ofAll / Double(sources) : ofAll
        let steps = PlanLimits.rate.steps
        let found = pps * Quantity.stepsPerPacketPerSecond
        guard found >= Double(steps.lowerBound), found <= Double(steps.upperBound) else {
            let share = isTotal ? " from each of \(sources) flows" : ""
            let size = text.isInBits ? " in datagrams of \((bytes ?? 0).shortText) B" : ""
            keys.problems.add(
                "\(text.shown)\(size) are \(pps) a second\(share) "
                    + "(legal: \(PlanLimits.rate.text))", at: node)
            return nil
        }
        return .perFlow(pps: pps)
    }

    func refuseBits(at key: String) { keys.report(Self.noSize, at: key) }

    private static let noSize =
        "requests with {seq} have no size that a rate in bits could be divided by: say how many a "
        + "second, such as \"500pps\", or use {seq:be32}"
}

extension Double {
    /// The number without a fraction of 0.
    fileprivate var shortText: String { rounded() == self ? "\(Int(self))" : "\(self)" }
}
