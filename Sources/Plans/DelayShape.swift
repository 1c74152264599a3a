import Impairment
import JSON

extension Shape where Value == Int64 {
    /// A delay in nanoseconds.
    static let delayTime = Shape<Int>.quantity(
        PlanLimits.delay, example: "20ms"
    ).map { Int64($0) }
    fileprivate static let delayNs = delayTime.referring(to: "delay_time")
}

extension Shape where Value == DelayModel {
    /// A constant delay for all datagrams, or one of the models.
    static let delay = short(
        Shape<Int64>.delayNs.map { .constant(ns: $0) },
        or: models("delay", [constant, uniform, normal, pareto, trace]))

    private static let constant: Model<DelayModel> = {
        let delay = Field.required("delay", .delayNs, "The delay of every datagram.")
        return Model("constant", [delay.declaration]) { object in
            object(delay).map { .constant(ns: $0) }
        }
    }()

    private static let uniform: Model<DelayModel> = {
        let low = Field.required("low", .delayNs, "The shortest delay.")
        let high = Field.required("high", .delayNs, "The longest delay.")
        return Model("uniform", [low.declaration, high.declaration]) { object in
            let values = (object(low), object(high))
            guard let lowNs = values.0, let highNs = values.1 else { return nil }
            guard lowNs <= highNs else {
                object.report("the longest delay is below the shortest one", at: high.key)
                return nil
            }
            return .uniform(lowNs: lowNs, highNs: highNs)
        }
    }()

    private static let normal: Model<DelayModel> = {
        let mean = Field.required("mean", .delayNs, "The mean; a delay below 0 becomes 0.")
        let deviation = Field.required("deviation", .delayNs, "The standard deviation.")
        return Model("normal", [mean.declaration, deviation.declaration]) { object in
            let values = (object(mean), object(deviation))
            guard let mean = values.0, let deviation = values.1 else { return nil }
            return .normal(meanNs: mean, deviationNs: deviation)
        }
    }()

    private static let pareto: Model<DelayModel> = {
        let scale = Field.required("scale", .delayNs, "The shortest delay.")
        let shape = Field.required(
            "shape", .number(PlanLimits.paretoShape, example: 2.5),
            "The exponent of the tail: the share above x is (scale / x) to the power of this.")
        let cap = Field.optional("cap", .delayNs, "The longest delay; a longer one becomes this.")
        return Model(
            "pareto", [scale.declaration, shape.declaration, cap.declaration]
        ) { object in
            let values = (object(scale), object(shape), object(cap))
            guard let scaleNs = values.0, let shape = values.1 else { return nil }
            if let capNs = values.2, capNs < scaleNs {
                object.report("the longest delay is below the shortest one", at: cap.key)
                return nil
            }
            return .pareto(scaleNs: scaleNs, shape: shape, capNs: values.2)
        }
    }()

    private static let trace: Model<DelayModel> = {
        let file = Field.required(
            "file", .path(such: "delays.txt"),
            "A file with one delay per line, relative to the folder of the plan. Each flow "
                + "takes the delays in order, and begins again after the last.")
        return Model("trace", [file.declaration]) { object in
            guard let path = object(file) else { return nil }
            do throws(PlanError) {
                let problems = object.problems
                let plan = problems.file(of: object.node[file.key] ?? object.node)
                problems.note(fileRead: DelayTrace.place(of: path, besides: plan))
                return .trace(ns: try DelayTrace.load(path, besides: plan))
            } catch {
                object.report(error.description, at: file.key)
                return nil
            }
        }
    }()
}

extension Shape where Value == JitterModel {
    static let jitter: Shape = {
        let amount = Field.required(
            "amount", .delayNs,
            "The largest deviation from the delay, up or down.")
        let keepOrder = Field.optional(
            "keep_order", .bool,
            "Whether a datagram waits for the earlier datagrams of its flow.",
            absent: true, written: .bool(true))
        let object = ObjectShape(
            name: "a jitter", fields: [amount.declaration, keepOrder.declaration])
        return short(
            Shape<Int64>.delayNs.map { JitterModel(amountNs: $0, keepsOrder: true) },
            or: .object(object) { object in
                let values = (object(amount), object(keepOrder))
                guard let amountNs = values.0, let keepsOrder = values.1 else { return nil }
                return JitterModel(amountNs: amountNs, keepsOrder: keepsOrder)
            })
    }()
}

extension Shape where Value == String {
    /// The path of a file. A NUL would end it for the kernel.
    static func path(such example: String) -> Shape {
        text(
            pattern: "^[^\\u0000]{1,\(PlanLimits.pathBytesMax)}$", example: example,
            rule: "a path has 1 to \(PlanLimits.pathBytesMax) characters and no NUL"
        ) { path in
            (1...PlanLimits.pathBytesMax).contains(path.unicodeScalars.count)
                && !path.utf8.contains(0)
        }
    }
}
