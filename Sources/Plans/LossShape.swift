import Impairment
import JSON

extension Shape where Value == Probability {
    /// A percentage; its steps are billionths, as those of a probability.
    static let percentage = Shape<Int>.quantity(
        PlanLimits.probability, example: "1%"
    ).map { Probability(billionths: $0) }
    static let probability = percentage.referring(to: "percentage")
}

extension Shape where Value == LossModel {
    /// A share that is lost independently, or one of the models.
    static let loss = short(
        Shape<Probability>.probability.map { .bernoulli(probability: $0) },
        or: models("loss", [bernoulli, gilbertElliott, periodic, burst, list]))

    private static let bernoulli: Model<LossModel> = {
        let probability = Field.required(
            "probability", .probability,
            "The probability that a datagram is lost, independently of the others.")
        return Model("bernoulli", [probability.declaration]) { object in
            object(probability).map { .bernoulli(probability: $0) }
        }
    }()

    private static let gilbertElliott: Model<LossModel> = {
        let p = Field.required(
            "p", .probability,
            "The probability of the step from the good state to the bad one, at each "
                + "datagram.")
        let r = Field.required(
            "r", .probability,
            "The probability of the step from the bad state to the good one, at each "
                + "datagram.")
        let good = Field.optional(
            "good_loss", .probability, "The loss in the good state.",
            absent: Probability.never, written: .string("0%"))
        let bad = Field.optional(
            "bad_loss", .probability, "The loss in the bad state.",
            absent: Probability.always, written: .string("100%"))
        return Model(
            "gilbert-elliott",
            [p.declaration, r.declaration, good.declaration, bad.declaration]
        ) { object in
            let values = (object(p), object(r), object(good), object(bad))
            guard let p = values.0, let r = values.1, let good = values.2, let bad = values.3
            else { return nil }
            return .gilbertElliott(p: p, r: r, lossGood: good, lossBad: bad)
        }
    }()

    private static let periodic: Model<LossModel> = {
        let every = Field.required(
            "every", .integer(PlanLimits.period, example: 100),
            "The distance from one lost datagram of a flow to the next.")
        let offset = Field.optional(
            "offset", .integer(0...PlanLimits.period.upperBound - 1, example: 0),
            "The number of the first lost datagram, from 0; by default the last of the period.")
        return Model("periodic", [every.declaration, offset.declaration]) { object in
            guard let period = object(every) else { return nil }
            let first = object(offset) ?? period - 1
            guard first < period else {
                object.report(
                    "\(first) is not within the period: 0 to \(period - 1)", at: offset.key)
                return nil
            }
            return .periodic(every: period, offset: first)
        }
    }()

    private static let burst: Model<LossModel> = {
        let probability = Field.required(
            "probability", .probability, "The probability that a burst starts, at each datagram.")
        let length = Field.required(
            "length", .integer(PlanLimits.burstLength, example: 5),
            "The number of consecutive datagrams that a burst takes; a start within a burst "
                + "prolongs it.")
        return Model("burst", [probability.declaration, length.declaration]) { object in
            let values = (object(probability), object(length))
            guard let probability = values.0, let length = values.1 else { return nil }
            return .burst(probability: probability, length: length)
        }
    }()

    private static let list: Model<LossModel> = {
        let datagrams = Field.required(
            "datagrams",
            .array(
                of: .integer(0...PlanLimits.count.upperBound, example: 3),
                named: "numbers of datagrams", count: PlanLimits.lossList, isUnique: true),
            "The numbers of the lost datagrams, from 0 in each flow.")
        return Model("list", [datagrams.declaration]) { object in
            object(datagrams).map { .list($0.sorted()) }
        }
    }()
}
