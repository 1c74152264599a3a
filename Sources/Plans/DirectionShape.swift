import Impairment
import JSON

/// The keys of the impairments of one direction, or of both.
///
/// The keys are those of a network's `forward` and `backward`, and, for both directions, of the
/// network itself.
enum DirectionShape {
    static let loss = Field.optional(
        "loss", .loss.referring(to: "loss"),
        "The datagrams that are lost: a share of them, independently, or a model.")
    static let delay = Field.optional(
        "delay", .delay.referring(to: "delay"),
        "The delay of every datagram: a time, or a model.")
    static let jitter = Field.optional(
        "jitter", .jitter.referring(to: "jitter"),
        "A uniformly distributed time from minus to plus this that is added to the delay; "
            + "datagrams keep their order unless \"keep_order\" is false.")
    static let reorder = Field.optional(
        "reorder", .reorder.referring(to: "reorder"),
        "The share of datagrams that are delivered after the next \"depth\" datagrams of "
            + "their flow.")
    static let duplicate = Field.optional(
        "duplicate", .duplicate.referring(to: "duplicate"),
        "The share of datagrams that arrive more than once.")
    static let alterations = Alteration.all.map { alteration in
        Field.optional(
            alteration.key, Shape<AlterationShare>.share(alteration).referring(to: alteration.key),
            alteration.summary)
    }
    static let rate = Field.optional(
        "rate", .quantity(PlanLimits.bottleneckRate, example: "10Mbit"),
        "The rate of the link in bits of IP packets per second, all flows together.")
    static let queue = Field.optional(
        "queue", .quantity(PlanLimits.queue, example: "64KiB"),
        "The size of the queue before the link; a datagram that does not fit is dropped.",
        absent: 64 << 10, written: .string("64KiB"))
    static let blackhole = Field.optional(
        "blackhole", .windows.referring(to: "windows"),
        "Windows of time in which every datagram is dropped silently.")
    static let refuse = Field.optional(
        "refuse", .windows.referring(to: "windows"),
        "Windows of time in which the port is closed, so that senders see resets. Of the "
            + "forward direction only.")
    private static let refuseBackward = Field.optional(
        refuse.key,
        Shape<[TimeWindow]>.refused(
            "a port is closed on the way forward only: put \"refuse\" into \"forward\""),
        "Goes into \"forward\" only.")

    /// The keys in common with another kind of network that impairs datagrams.
    static let common =
        [
            loss.declaration, delay.declaration, jitter.declaration, reorder.declaration,
            duplicate.declaration,
        ] + alterations.map(\.declaration) + [
            rate.declaration, queue.declaration, blackhole.declaration,
        ]
    /// The keys that are also flags of the command line.
    static let flags = common + [refuse.declaration]
    static let rules = [
        ObjectRule.onlyBeside(
            "rate", "queue", why: "without a rate nothing has to wait for the link")
    ]

    static let forward = Field.optional(
        "forward",
        .object(
            ObjectShape(
                name: "a direction", fields: flags, rules: rules), read
        ),
        "Impairments from the senders to the responder; they override the keys for both "
            + "directions.", absent: DirectionDraft(), written: .object([]))
    static let backward = Field.optional(
        "backward",
        .object(
            ObjectShape(
                name: "a direction", fields: common + [refuseBackward.declaration], rules: rules),
            { object in
                _ = object(refuseBackward)
                return read(object, refusals: nil)
            }
        ),
        "Impairments from the responder to the senders; they override the keys for both "
            + "directions.", absent: DirectionDraft(), written: .object([]))

    /// All keys of an object that holds both directions.
    static let both = flags + [forward.declaration, backward.declaration]

    /// Reads the keys of an object with the fields of `both`. Errors are added to its problems.
    static func draft(_ object: ObjectValues) -> DirectionsDraft {
        DirectionsDraft(
            both: read(object), forward: object(forward) ?? DirectionDraft(),
            backward: object(backward) ?? DirectionDraft())
    }

    @Sendable private static func read(_ object: ObjectValues) -> DirectionDraft {
        read(object, refusals: object(refuse))
    }

    private static func read(
        _ object: ObjectValues, refusals: [TimeWindow]?
    ) -> DirectionDraft {
        let queueBytes = object(queue)
        let bottleneck = object(rate).flatMap { rate in
            queueBytes.map { Bottleneck(bitsPerSecond: Int64(rate), queueBytes: Int64($0)) }
        }
        return DirectionDraft(
            loss: object(loss), delay: object(delay), jitter: object(jitter),
            reorder: object(reorder), duplicate: object(duplicate),
            alterations: alterations.compactMap { object($0) }, bottleneck: bottleneck,
            blackholes: object(blackhole), refusals: refusals)
    }

    /// The schema's `$defs` that the fields refer to.
    static let definitions: [JSONMember] =
        [
            JSONMember(key: "loss", value: Shape<LossModel>.loss.schema),
            JSONMember(key: "delay", value: Shape<DelayModel>.delay.schema),
            JSONMember(key: "jitter", value: Shape<JitterModel>.jitter.schema),
            JSONMember(key: "reorder", value: Shape<ReorderModel>.reorder.schema),
            JSONMember(key: "duplicate", value: Shape<DuplicateModel>.duplicate.schema),
        ]
        + Alteration.all.map {
            JSONMember(key: $0.key, value: Shape<AlterationShare>.share($0).schema)
        } + [
            JSONMember(key: "percentage", value: Shape<Probability>.percentage.schema),
            JSONMember(key: "delay_time", value: Shape<Int64>.delayTime.schema),
            JSONMember(key: "windows", value: Shape<[TimeWindow]>.windows.schema),
        ]
}
