import Impairment
import JSON

/// The keys of the impairments of one direction, or of both.
///
/// The keys are those of a network's `forward` and `backward`, and, for both directions, of the
/// network itself.
enum DirectionShape {
    static let loss = Field.optional(
        "loss", .loss.referring(to: "loss"),
        "Which datagrams are lost: a share such as \"1%\", or a model.")
    static let delay = Field.optional(
        "delay", .delay.referring(to: "delay"),
        "How long datagrams take: a time such as \"20ms\", or a model.")
    static let jitter = Field.optional(
        "jitter", .jitter.referring(to: "jitter"),
        "What is added to the delay: up to this much more or less, all alike; datagrams keep "
            + "their order unless \"keep_order\" is false.")
    static let reorder = Field.optional(
        "reorder", .reorder.referring(to: "reorder"),
        "The share of datagrams that are delivered after \"depth\" later ones of their flow.")
    static let duplicate = Field.optional(
        "duplicate", .duplicate.referring(to: "duplicate"),
        "The share of datagrams that arrive more than once.")
    static let corrupt = Field.optional(
        "corrupt", .corrupt.referring(to: "corrupt"),
        "The share of datagrams of which bits of the payload are inverted.")
    static let rate = Field.optional(
        "rate", .quantity(PlanLimits.bottleneckRate, example: "10Mbit"),
        "What the link carries, in bits of IP packets per second.")
    static let queue = Field.optional(
        "queue", .quantity(PlanLimits.queue, example: "64KiB"),
        "What waits for the link at most; what does not fit is dropped.",
        absent: 64 << 10, written: .string("64KiB"))
    static let blackhole = Field.optional(
        "blackhole", .windows.referring(to: "windows"),
        "When everything is swallowed without a word.")
    static let refuse = Field.optional(
        "refuse", .windows.referring(to: "windows"),
        "When the port is closed, so that senders see resets. Of the forward direction only.")
    private static let refuseBackward = Field.optional(
        refuse.key,
        Shape<[TimeWindow]>.refused(
            "a port is closed on the way forward only: put \"refuse\" into \"forward\""),
        "Goes into \"forward\" only.")

    /// The keys in common with another kind of network that impairs datagrams.
    static let common = [
        loss.declaration, delay.declaration, jitter.declaration, reorder.declaration,
        duplicate.declaration, corrupt.declaration, rate.declaration, queue.declaration,
        blackhole.declaration,
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
        "What happens from the sender to the responder, in place of what stands for both "
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
        "What happens from the responder to the sender, in place of what stands for both "
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
            reorder: object(reorder), duplicate: object(duplicate), corrupt: object(corrupt),
            bottleneck: bottleneck, blackholes: object(blackhole), refusals: refusals)
    }

    /// The schema's `$defs` that the fields refer to.
    static let definitions: [JSONMember] = [
        JSONMember(key: "loss", value: Shape<LossModel>.loss.schema),
        JSONMember(key: "delay", value: Shape<DelayModel>.delay.schema),
        JSONMember(key: "jitter", value: Shape<JitterModel>.jitter.schema),
        JSONMember(key: "reorder", value: Shape<ReorderModel>.reorder.schema),
        JSONMember(key: "duplicate", value: Shape<DuplicateModel>.duplicate.schema),
        JSONMember(key: "corrupt", value: Shape<CorruptModel>.corrupt.schema),
        JSONMember(key: "percentage", value: Shape<Probability>.percentage.schema),
        JSONMember(key: "delay_time", value: Shape<Int64>.delayTime.schema),
        JSONMember(key: "windows", value: Shape<[TimeWindow]>.windows.schema),
    ]
}
