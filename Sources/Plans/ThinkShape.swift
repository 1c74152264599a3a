import JSON
import Load

/// The keys of a think time.
enum ThinkShape {
    static let mean = Field.required(
        "mean", .quantity(PlanLimits.thinkTime, example: "100ms"), "The mean of the times.")
    static let kind = Field.optional(
        "kind",
        Shape<ThinkTime.Distribution>.choice(["constant": .constant, "exponential": .exponential]),
        "\"constant\" is the mean each time, \"exponential\" varies around it as the times of "
            + "users who decide independently.",
        absent: ThinkTime.Distribution.constant, written: .string("constant"))

    static let object = ObjectShape(
        name: "a think time", fields: [mean.declaration, kind.declaration])
}

extension Shape where Value == ThinkTime {
    /// A time, or a mean with a distribution.
    static let think = short(
        Shape<Int>.quantity(PlanLimits.thinkTime, example: "100ms").map {
            ThinkTime(meanNs: Int64($0), .constant)
        },
        or: .object(ThinkShape.object) { object in
            let values = (object(ThinkShape.mean), object(ThinkShape.kind))
            guard let mean = values.0, let kind = values.1 else { return nil }
            return ThinkTime(meanNs: Int64(mean), kind)
        })
}
