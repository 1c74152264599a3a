import JSON
import Load

extension Shape where Value == RetryPolicy {
    /// A reset policy: a word, or an object with the backoff.
    static let resetPolicy = short(
        .choice([
            "none": .none, "once": .once, "always": .always, "backoff": .backoff(.usual),
        ]), or: .object(ResetShape.object, ResetShape.policy))
}

/// The keys of a retry policy.
enum ResetShape {
    enum Word: Sendable { case none, once, always, backoff }

    static let word = Field.required(
        "policy",
        Shape<Word>.choice([
            "none": .none, "once": .once, "always": .always, "backoff": .backoff,
        ]),
        "\"none\" ends at the first reset, \"once\" at the second in a row, \"always\" tries "
            + "again at once, \"backoff\" after a pause.")
    static let first = Field.optional(
        "first", .quantity(PlanLimits.resetPause, example: "10ms"),
        "The pause after the first reset in a row.",
        absent: Int(RetryPolicy.Backoff.usual.firstNs), written: .string("10ms"))
    static let factor = Field.optional(
        "factor", .number(PlanLimits.resetFactor, example: 2),
        "The factor by which each further pause is longer.",
        absent: RetryPolicy.Backoff.usual.factor, written: .integer(2))
    static let limit = Field.optional(
        "limit", .quantity(PlanLimits.resetPause, example: "1s"), "The longest pause.",
        absent: Int(RetryPolicy.Backoff.usual.limitNs), written: .string("1s"))
    static let budget = Field.optional(
        "budget", .integer(PlanLimits.resetBudget, example: 10),
        "The resets in a row that are tolerated; the next one ends the flow or the responder. "
            + "Without it there is no limit.")

    static let object = ObjectShape(
        name: "a retry policy",
        fields: [
            word.declaration, first.declaration, factor.declaration, limit.declaration,
            budget.declaration,
        ],
        rules: [first.key, factor.key, limit.key, budget.key].map { key in
            .onlyWhere("policy", is: "backoff", key, why: "the others do not pause")
        })

    @Sendable static func policy(_ object: ObjectValues) -> RetryPolicy? {
        let values = (object(word), object(first), object(factor), object(limit))
        let budget = object(budget)
        guard let word = values.0, let first = values.1, let factor = values.2,
            let limit = values.3
        else { return nil }
        switch word {
        case .none: return RetryPolicy.none
        case .once: return .once
        case .always: return .always
        case .backoff:
            guard limit >= first else {
                object.report(
                    "the longest pause is shorter than the first one",
                    at: object.has(Self.limit.key) ? Self.limit.key : Self.first.key)
                return nil
            }
            return .backoff(
                .init(
                    firstNs: Int64(first), factor: factor, limitNs: Int64(limit), budget: budget))
        }
    }
}

extension RetryPolicy.Backoff {
    static let usual = RetryPolicy.Backoff()
}
