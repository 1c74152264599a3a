import Impairment
import JSON

/// The impairments of a share of the datagrams: a share as text, or an object that also has the
/// degree.
extension Shape {
    /// Returns the shape of such an impairment.
    /// - Parameters:
    ///   - name: the name with its article.
    ///   - amount: the degree; its `absent` value is that of the short form.
    fileprivate static func share(
        _ name: String, _ amount: Field<Int>,
        _ make: @escaping @Sendable (Probability, Int) -> Value
    ) -> Shape {
        let probability = Field.required(
            "probability", .probability, "The share of datagrams that this happens to.")
        let usual = amount.fallback?.value ?? 1
        let object = ObjectShape(
            name: name, fields: [probability.declaration, amount.declaration])
        return short(
            Shape<Probability>.probability.map { make($0, usual) },
            or: .object(object) { object in
                let values = (object(probability), object(amount))
                guard let probability = values.0, let amount = values.1 else { return nil }
                return make(probability, amount)
            })
    }
}

extension Shape where Value == ReorderModel {
    static let reorder = share(
        "a reordering",
        .optional(
            "depth", .integer(PlanLimits.reorderDepth, example: 3),
            "The number of later datagrams of the flow that are delivered before it.", absent: 1,
            written: .integer(1))
    ) { ReorderModel(probability: $0, depth: $1) }
}

extension Shape where Value == DuplicateModel {
    static let duplicate = share(
        "a duplication",
        .optional(
            "copies", .integer(PlanLimits.copies, example: 1),
            "The number of copies that arrive beside the datagram itself.", absent: 1,
            written: .integer(1))
    ) { DuplicateModel(probability: $0, copies: $1) }
}

extension Shape where Value == AlterationShare {
    static func share(_ alteration: Alteration) -> Shape {
        share(
            alteration.name,
            .optional(
                alteration.amount.key,
                .integer(alteration.amount.range, example: alteration.amount.usual),
                alteration.amount.summary, absent: alteration.amount.usual,
                written: .integer(alteration.amount.usual))
        ) { AlterationShare(alteration.key, probability: $0, amount: $1) }
    }
}

extension Shape where Value == [TimeWindow] {
    /// A window of time, or several.
    static let windows: Shape = {
        let several = Shape.array(
            of: Shape<TimeWindow>.window, named: "windows of time", count: PlanLimits.windows)
        return short(
            several, or: Shape<TimeWindow>.window.map { [$0] })
    }()
}

extension Shape where Value == TimeWindow {
    fileprivate static let window: Shape = {
        let from = Field.required(
            "from", .quantity(PlanLimits.windowTime, example: "3s"),
            "The start of the window, from the start of the run.")
        let until = Field.required(
            "until", .quantity(PlanLimits.windowTime, example: "5s"),
            "The end of the window, from the start of the run.")
        let object = ObjectShape(
            name: "a window of time", fields: [from.declaration, until.declaration])
        return .object(object) { object in
            let values = (object(from), object(until))
            guard let fromNs = values.0, let untilNs = values.1 else { return nil }
            guard fromNs < untilNs else {
                object.report("the window is over before it begins", at: until.key)
                return nil
            }
            return TimeWindow(fromNs: Int64(fromNs), untilNs: Int64(untilNs))
        }
    }()
}
